"""The admin's pages about parcels: everything can be seen, nothing can be changed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.tests.factories import CaseFactory, StaffFactory
from shipments.models import RepairShipment
from shipments.tests.factories import OUT, ShipmentFactory, scan

pytestmark = pytest.mark.django_db

LIST = "admin:shipments_repairshipment_changelist"
PAGE = "admin:shipments_repairshipment_change"


@pytest.fixture
def administrator(db) -> Client:
    client = Client()
    client.force_login(StaffFactory(role="administrator", is_superuser=True))
    return client


@pytest.fixture
def shipment(db) -> RepairShipment:
    raw = {"status": "<script>alert(1)</script>", "code": "AR"}
    return ShipmentFactory(events=[*OUT, scan("in_transit", "2025-11-13T23:30:00-05:00", place="Memphis", raw=raw)])


def test_page_shows_the_parcel_with_what_it_carries_and_what_the_carrier_said(administrator, shipment):
    page = administrator.get(reverse(PAGE, args=[shipment.pk])).content.decode()
    assert shipment.tracking_number in page
    assert str(shipment.packed_parts.get().part) in page
    assert "23:30 -0500" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


def test_list_takes_as_many_queries_for_many_parcels(administrator):
    counts = []
    administrator.get(reverse(LIST))  # what a session and the side ask once
    for size in (2, 8):
        for _ in range(size):
            ShipmentFactory(case=CaseFactory(state="approved"), events=OUT[:1])
        with CaptureQueriesContext(connection) as queries:
            assert administrator.get(reverse(LIST)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_page_takes_as_many_queries_for_many_scans(administrator, shipment):
    administrator.get(reverse(PAGE, args=[shipment.pk]))  # what is looked up once for a process is looked up now
    counts = []
    for days in (range(15, 17), range(17, 28)):
        with_more = [scan("in_transit", f"2025-11-{day}T10:00", place=f"Hub {day}") for day in days]
        ShipmentFactory(case=shipment.case, events=with_more)
        with CaptureQueriesContext(connection) as queries:
            administrator.get(reverse(PAGE, args=[RepairShipment.objects.latest("pk").pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "term",
    [pytest.param("1z 999 aa1 01 2345 6784", id="as-written"), pytest.param("1Z999AA10123456784", id="as-stored")],
)
def test_list_finds_a_parcel_by_its_number_however_it_is_written(administrator, shipment, term):
    wanted = ShipmentFactory(tracking_number="1Z999AA10123456784", case=shipment.case)
    page = administrator.get(reverse(LIST), {"q": term})
    assert [row.pk for row in page.context["cl"].result_list] == [wanted.pk]


def test_list_finds_the_parcels_of_a_case(administrator, shipment):
    ShipmentFactory()
    page = administrator.get(reverse(LIST), {"q": shipment.case.reference})
    assert [row.pk for row in page.context["cl"].result_list] == [shipment.pk]


@pytest.mark.parametrize(
    ("name", "needs_id"),
    [
        pytest.param("admin:shipments_repairshipment_add", False, id="add"),
        pytest.param("admin:shipments_repairshipment_delete", True, id="delete"),
        pytest.param(PAGE, True, id="change"),
        pytest.param("admin:shipments_trackingevent_add", False, id="add-a-scan"),
    ],
)
def test_nothing_can_be_changed_even_by_a_superuser(administrator, shipment, name, needs_id):
    address = reverse(name, args=[shipment.pk] if needs_id else [])
    assert administrator.post(address, {"tracking_number": "X1", "post": "yes"}).status_code == 403
    assert RepairShipment.objects.get().tracking_number == shipment.tracking_number


def test_scans_are_listed(administrator, shipment):
    page = administrator.get(reverse("admin:shipments_trackingevent_changelist"))
    assert "Memphis" in page.content.decode()


def test_pages_are_for_those_who_may_see_parcels(shipment):
    client = Client()
    client.force_login(StaffFactory(role=""))
    assert client.get(reverse(PAGE, args=[shipment.pk])).status_code == 403
