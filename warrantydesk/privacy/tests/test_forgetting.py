"""What is over goes by itself, whatever befalls whoever does it; what the warranty needs stays, and says what left."""

import datetime as dt
import json
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client

from cases.closed import closed_for
from cases.links import mint
from cases.models import Case, CaseEvent, OutgoingMail
from cases.services import deciding
from cases.tests.factories import DECIDED_AT, RECEIVED_AT, CaseFactory, StaffFactory, staff
from products.models import Customer, ImportProblem, ImportRun
from shipments.models import TrackingHook
from warrantydesk.accounts.models import DeskSession
from warrantydesk.api.models import ApiToken, HookDelivery, HookEndpoint, HookEvent, IdempotentRequest, ShopHook
from warrantydesk.faces.models import LimitCount
from warrantydesk.intake import integrity
from warrantydesk.intake.forgetting import forget_mail_of
from warrantydesk.intake.held import INBOXES, preview
from warrantydesk.intake.keeping import keep_mail
from warrantydesk.intake.models import IncomingMail
from warrantydesk.portal.models import RequestDraft
from warrantydesk.privacy import forgetting
from warrantydesk.privacy.forgetting import Gone, count_old, forget_old, forget_tonight, last_night
from warrantydesk.privacy.kinds import KINDS, STAYS, Kind
from warrantydesk.privacy.models import Forgetting

pytestmark = pytest.mark.django_db

THEN, LATER = DECIDED_AT + dt.timedelta(minutes=10), dt.datetime(2029, 1, 1, 3, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def files(settings, tmp_path) -> Any:
    options = {"location": tmp_path / "files", "base_url": None}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return tmp_path / "files"


def kept_mail(number: int, outcome: str, **more: Any) -> IncomingMail:
    row, _is_new = keep_mail(f"Message-ID: <{number}@x>\n\nSecret {number}".encode(), source="t", now=RECEIVED_AT)
    for name, value in {"outcome": outcome, "from_address": "a@x.org", "subject": "Secret", **more}.items():
        setattr(row, name, value)
    row.save()
    return row


@pytest.fixture
def denied(files: Any) -> Case:
    """A closed case with a mail as received and mails as sent."""
    case = CaseFactory(state="denied")
    kept_mail(1, "case_opened", case=case)
    OutgoingMail.objects.filter(case=case).update(status="sent", sent_at=DECIDED_AT)
    return case


@pytest.fixture
def one_of_each(denied: Case) -> None:
    """Of every kind something that is over one day, and of some what is never over."""
    person = StaffFactory()
    kept_mail(2, "automatic")
    kept_mail(3, "held", settled_at=DECIDED_AT)
    kept_mail(4, "held")  # waits for a person: never over
    mint(denied, "portal", "owner@example.com", None, RECEIVED_AT)
    RequestDraft.objects.create(created_at=RECEIVED_AT, touched_at=RECEIVED_AT, name="Somebody")
    for number, outcome in enumerate(("recorded", "unknown", "failed")):  # a failed one waits for a person
        TrackingHook.objects.create(
            carrier="ups", sha256=f"{number:064}", body=b"{}", proved=True, received_at=RECEIVED_AT, outcome=outcome
        )
    for number, said_at in enumerate(("2025-03-01", "2025-03-02")):  # the newest word on an order is never over
        ShopHook.objects.create(
            topic="orders/paid", sha256=f"{number:064}", body=b"{}", received_at=RECEIVED_AT, outcome="taken",
            order_key="501", said_at=said_at,
        )  # fmt: skip
    event = HookEvent.objects.create(source="case:0", topic="case.opened", at=RECEIVED_AT)
    endpoint = HookEndpoint.objects.create(url="https://other.example/", secret="x")
    HookDelivery.objects.create(endpoint=endpoint, event=event, next_try_at=RECEIVED_AT)
    token = ApiToken.objects.create(user=person, name="t", token_hash="h", begins_with="h", created_at=RECEIVED_AT)
    IdempotentRequest.objects.create(token=token, key="k", fingerprint="f", created_at=RECEIVED_AT)
    run = ImportRun(kind="invoices", name="orders.csv", status="done", created_at=RECEIVED_AT, finished_at=RECEIVED_AT)
    run.file.save("orders.csv", ContentFile(b"name\nSomebody"))
    tried = ImportRun(kind="invoices", name="orders.csv", status="waiting", created_at=RECEIVED_AT, file=run.file.name)
    tried.save()  # waits, and shares the file
    ImportProblem.objects.create(run=run, position=1, reason="r", cells=[["Somebody"]])
    DeskSession.objects.create(user=person, session_key="s", since=RECEIVED_AT, seen_at=RECEIVED_AT)
    Session.objects.create(session_key="s", session_data="", expire_date=RECEIVED_AT + dt.timedelta(days=14))
    LimitCount.objects.create(limit="export", key="h", ends_at=RECEIVED_AT + HOUR)
    LogEntry.objects.create(user=person, action_flag=2, object_repr="Somebody", action_time=RECEIVED_AT)


def over(now: dt.datetime) -> dict[str, int]:
    return {kind.code: count for kind, count in count_old(now) if count}


def test_every_kind_goes_when_its_time_is_over_and_not_before(
    one_of_each: None, files: Any, django_capture_on_commit_callbacks
):
    assert over(THEN) == {}
    expected = {kind.code: 1 for kind in KINDS} | {"carrier_calls": 2, "held_mail": 2}
    assert over(LATER) == expected
    before = {model: apps.get_model(model).objects.count() for model in ("cases.Case", "products.CoveredPart")}
    with django_capture_on_commit_callbacks(execute=True):
        answers = list(forget_old(LATER))
    assert {one.kind: one.gone for one in answers} == expected | {"mail": 1 + OutgoingMail.objects.count()}
    assert all(one.is_done and not one.failed for one in answers)
    assert over(LATER) == {}
    assert before == {model: apps.get_model(model).objects.count() for model in before}
    assert list(TrackingHook.objects.values_list("outcome", flat=True)) == ["failed"]
    assert ShopHook.objects.get().said_at == "2025-03-02"
    # Only what still waits for a person, or for its worker, has its file.
    left = sorted(str(path.relative_to(files)).split("/")[0] for path in files.rglob("*") if path.is_file())
    assert left == ["imports", "mail"]
    assert not list(integrity.problems())


def test_words_of_old_mail_go_and_the_case_says_so(denied: Case, django_capture_on_commit_callbacks):
    late = OutgoingMail.objects.filter(case=denied).first()
    assert late is not None
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_mail_of(denied.pk, LATER) == 1 + OutgoingMail.objects.count()
    mail = IncomingMail.objects.get()
    assert (mail.raw, mail.from_address, mail.subject, mail.case) == ("", "", "", denied)
    assert "no longer" in str(preview(mail).problem)
    assert not INBOXES["settled"].rows().exists()
    assert not OutgoingMail.objects.exclude(body="").exists()
    event = CaseEvent.objects.get(name="forgotten")
    assert event.data["received"] == [mail.pk]
    assert late.pk in event.data["sent"]
    # A reply that comes after years still finds its case, and the same mail again is still known.
    again, is_new = keep_mail(b"Message-ID: <1@x>\n\nSecret 1", source="t", now=LATER)
    assert (again.pk, is_new) == (mail.pk, False)
    assert OutgoingMail.objects.filter(rfc_message_id=late.rfc_message_id, case=denied).exists()
    client = Client()
    client.force_login(StaffFactory(role="support"))
    assert "Mails kept no longer" in client.get(f"/desk/cases/{denied.reference}/").content.decode()


def test_case_that_is_open_again_keeps_everything(denied: Case):
    deciding.reopen(denied.pk, why="Appeal", actor=staff("support"), now=LATER - HOUR)
    assert over(LATER) == {}
    assert forget_mail_of(denied.pk, LATER) == 0
    assert not CaseEvent.objects.filter(name="forgotten").exists()


@pytest.mark.parametrize(
    ("now", "months", "is_over"),
    [
        ("2026-05-05T23:59:59+00:00", 6, False),
        ("2026-05-06T00:00:00+00:00", 6, True),
        ("2025-12-05T12:00:00+00:00", 1, False),
        ("2025-12-06T00:00:00+00:00", 1, True),
        ("2099-01-01T00:00:00+00:00", 0, False),
        ("0100-01-01T00:00:00+00:00", 2000, False),
    ],
)
def test_months_are_of_the_calendar(now: str, months: int, is_over: bool):
    """Decided on 5 Nov 2025: the last day of the period is the same-numbered one."""
    CaseFactory(state="denied", files=[])
    assert closed_for(months, dt.datetime.fromisoformat(now)).exists() == is_over


def drafts(count: int) -> None:
    RequestDraft.objects.bulk_create(
        RequestDraft(created_at=RECEIVED_AT, touched_at=RECEIVED_AT) for _number in range(count)
    )


def test_look_that_was_stopped_half_way_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    drafts(5)
    asked = iter([False] * 10 + [True] * 99)  # through the kinds before, and one batch of this one
    assert not forget_tonight(LATER, stop=lambda: next(asked))
    left = RequestDraft.objects.count()
    assert 0 < left < 5
    assert forget_tonight(LATER, stop=lambda: False)
    assert not RequestDraft.objects.exists()
    assert Forgetting.objects.get(kind="drafts").gone == 5


def test_done_once_a_night():
    assert forget_tonight(LATER, stop=lambda: False)
    drafts(1)
    assert forget_tonight(LATER + 20 * HOUR, stop=lambda: False)
    assert RequestDraft.objects.exists()
    assert forget_tonight(LATER + 24 * HOUR, stop=lambda: False)
    assert not RequestDraft.objects.exists()


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-01-10T00:59:00+00:00", "2026-01-09T01:00:00+00:00"),
        ("2026-01-10T01:00:00+00:00", "2026-01-10T01:00:00+00:00"),
        ("2026-07-10T13:00:00+00:00", "2026-07-10T00:00:00+00:00"),
    ],
    ids=["before_two", "at_two", "in_summer"],
)
def test_night_begins_at_two_at_the_desk(now: str, night: str):
    assert last_night(dt.datetime.fromisoformat(now)) == dt.datetime.fromisoformat(night)


def test_what_cannot_be_erased_is_said_and_keeps_nothing_else(monkeypatch):
    bad, good = CaseFactory(files=[]), CaseFactory(files=[])

    def forget_one(pk: int, _now: dt.datetime) -> int:
        if pk == bad.pk:
            raise OSError("the disk is gone")
        return 1

    def broken(_now: dt.datetime) -> Any:
        raise OSError("no such thing")

    cases = Case.objects.filter(pk__in=[bad.pk, good.pk])
    kinds = (
        Kind("broken", "", (), "", (), broken),  # type: ignore[arg-type]
        Kind("cases", "", (), "", (), lambda _now: cases, forget_one=forget_one),  # type: ignore[arg-type]
    )
    monkeypatch.setattr(forgetting, "KINDS", kinds)
    assert list(forget_old(LATER)) == [Gone("broken", 0, 1, True), Gone("cases", 1, 1, True)]
    assert "no such thing" in Forgetting.objects.get(kind="broken").problem


def test_command_counts_or_forgets_and_the_page_says_when(files: Any, capsys):
    drafts(2)
    call_command("forget_old", "--dry-run")
    said = {row["kind"]: row["over"] for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert set(said) == {kind.code for kind in KINDS}
    assert (said["drafts"], RequestDraft.objects.count()) == (2, 2)
    call_command("forget_old")
    assert '{"kind": "drafts", "gone": 2, "failed": 0}' in capsys.readouterr().out
    client = Client()
    client.force_login(StaffFactory(role="manager"))
    page = client.get("/desk/privacy/").content.decode()
    assert page.count("not yet") == 0
    assert "36 months" in page


def test_every_table_has_a_period_or_a_reason():
    """A new table is of a kind (warrantydesk/privacy/kinds.py), or says why it has no period."""
    named = [table for kind in KINDS for table in kind.tables] + [
        table for tables in STAYS.values() for table in tables
    ]
    assert not set(named) - {model._meta.label for model in apps.get_models()}
    assert not {model._meta.label for model in apps.get_models()} - set(named)


def test_page_of_the_docs_is_fresh():
    call_command("privacy_page", "--check")


def test_the_person_stays_until_an_erasure(denied: Case):
    """No period touches who bought what: that is for the law of the seller's country, or for the customer to ask."""
    list(forget_old(LATER))
    assert Customer.objects.get(pk=denied.customer_id).email
