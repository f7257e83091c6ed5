"""Every list of the admin, walked: whoever adds one is asked whether it costs a query for each row."""

import datetime as dt

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Absence, Tag
from cases.tests.eventful import eventful_case
from cases.tests.factories import CaseFactory, StaffFactory, staff
from cases.tests.test_admin_cases import make_ready
from products.models import WarrantyTerms
from products.services import WindowData, set_pauses, void_part
from products.tests.factories import KitFactory
from shipments import services as parcels

FEW, MANY = 2, 6
# Lists that do not grow here, each with where its rows are counted instead, or why there are none to count.
ELSEWHERE = {
    "products.VoidReason": "the reasons are a fixed table",
    "products.SerialChange": "counted in products/tests/test_admin_products.py",
    "products.SaleCorrection": "counted in products/tests/test_admin_products.py",
    "cases.DeskCalendar": "one row for each calendar of the desk",
    "cases.AssignmentRule": "a handful of rows, edited in place",
    "cases.FileBasket": "lives for an hour; its row shows fields of its own only",
    "cases.HeldFile": "lives for an hour; its row shows fields of its own only",
    "shipments.CarrierHealth": "one row for each carrier",
    "shipments.TrackingHook": "its row shows fields of its own only",
    "shipments.PauseProof": "its row shows fields of its own only",
    "auth.Group": "the roles are a fixed table",
    "intake.IncomingMail": "its row shows fields of its own only",
    "intake.MailboxState": "one row for each mailbox",
    "api.ApiToken": "a few tokens; its account is read along",
    "api.ShopHook": "its row shows fields of its own only",
    "api.HookEndpoint": "a few systems; who set them up is read along",
    "api.HookDelivery": "event and address are read along",
}


def grow(number: int) -> None:
    """One more of nearly everything there is."""
    support, day = staff("support"), dt.date(2025, 6, 1) + dt.timedelta(days=number)
    KitFactory()
    make_ready(number)
    case = eventful_case()
    part = case.claimed_parts.get().part
    set_pauses({part.pk: [WindowData(day, day, "verified")]}, source="tracking", cause="test", now=case.changed_at)
    voided = CaseFactory().claimed_parts.get().part
    void_part(voided.pk, reason_code="improper_use", case_reference="", actor=support.user, now=case.changed_at)
    parcel = parcels.book(
        case.pk, direction="to_workshop", carrier="manual", tracking_number=f"ABC{number:05}", actor=support,
        now=case.changed_at,
    )  # fmt: skip
    parcels.enter_scan(
        parcel.pk, kind="picked_up", proof="Receipt", occurred_on=dt.date(2025, 11, 6), actor=support,
        now=case.changed_at + dt.timedelta(days=2),
    )  # fmt: skip
    WarrantyTerms.objects.create(effective_from=dt.date(2030, 1, 1) + dt.timedelta(days=number), months=12)
    Tag.objects.create(name=f"Tag {number}")
    Absence.objects.create(person=StaffFactory(), first_on=day, last_on=day)


def queries_of(client: Client, model: type[Model]) -> int:
    meta = model._meta
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
    assert answer.status_code == 200, meta.label
    return len(asked)


@pytest.mark.django_db
@pytest.mark.usefixtures("storage")
def test_no_list_asks_a_query_for_every_row() -> None:
    client = Client()
    client.force_login(StaffFactory(role="", is_superuser=True))
    models = {model._meta.label: model for model in admin.site._registry}
    for number in range(FEW):
        grow(number)
    for model in models.values():
        queries_of(client, model)  # content types and the like are remembered after the first page
    before = {label: (model._default_manager.count(), queries_of(client, model)) for label, model in models.items()}
    for number in range(FEW, MANY):
        grow(number)
    after = {label: (model._default_manager.count(), queries_of(client, model)) for label, model in models.items()}
    assert {label: after[label][1] for label in models} == {label: before[label][1] for label in models}
    assert {label for label in models if after[label][0] - before[label][0] < MANY - FEW} == set(ELSEWHERE)


@pytest.mark.django_db
def test_administration_leads_to_the_desk_the_workshop_and_the_reports() -> None:
    client = Client()
    client.force_login(StaffFactory(role="administrator"))
    page = client.get(reverse("admin:index")).content.decode()
    assert all(reverse(name) in page for name in ("staff:queue", "staff:workshop", "reports:overview"))


@pytest.mark.django_db
def test_side_of_the_administration_is_of_the_person_who_looks() -> None:
    """It is remembered by what somebody may: what one role has is not shown to another, in either order."""
    sides = {}
    for role in ("administrator", "manager", "administrator"):
        client = Client()
        client.force_login(StaffFactory(role=role))
        answer = client.get(reverse("admin:index"))
        shown = {model["object_name"] for app in answer.context["available_apps"] for model in app["models"]}
        assert sides.setdefault(role, shown) == shown
    assert sides["administrator"] != sides["manager"]
    superuser = Client()
    superuser.force_login(StaffFactory(role="", is_superuser=True))
    answer = superuser.get(reverse("admin:cases_case_changelist"))
    everything = {model["object_name"] for app in answer.context["available_apps"] for model in app["models"]}
    assert everything == {model._meta.object_name for model in admin.site._registry}
    assert answer.content.decode().count(" current-model") == 1
