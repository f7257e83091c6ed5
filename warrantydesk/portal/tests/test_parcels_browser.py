"""The way to the workshop in a real browser: a typo on a phone, put right, and the slip opens."""

import datetime as dt

import pytest
from django.utils import timezone

from cases.models import Case
from cases.tests.factories import CaseFactory
from products.tests.factories import CustomerFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of
from shipments.models import RepairShipment
from shipments.services import record_events
from shipments.tests.factories import ShipmentFactory, scan, ups_number
from warrantydesk.faces import paper
from warrantydesk.faces.paper import NoPaper
from warrantydesk.portal.tests.door import picture, send_mails, token_of
from warrantydesk.tests.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Schrittmotorgehäuseverschraubungsabdeckungsbefestigungswinkel"


@pytest.fixture
def case() -> Case:
    owner = CustomerFactory(
        email="yumiko@example.com", name="佐藤 由美子", country="JP", address="〒150-0002\n東京都渋谷区渋谷2-21-1"
    )
    bill = [
        (ProductFactory(motor=True, name="NEMA 17 motor"), 1, "singly", "X axis"),
        (ProductFactory(name=LONG), 1, "singly", "Z軸"),
    ]
    parts = parts_of(InvoiceFactory(customer=owner, products=[KitFactory(bill=bill)], serials=["PK3-00417"]))
    case = CaseFactory(customer=owner, parts=parts, state="approved")
    send_mails(case)
    return case


@pytest.fixture(autouse=True)
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The headless browser shows no PDF: it gets the page it would print, as where Pango is missing."""

    def refuse(*_args: object) -> bytes:
        raise NoPaper("Pango is missing")

    monkeypatch.setattr(paper, "write_pdf", refuse)


def let_in(visitor: Visitor, case: Case) -> None:
    visitor.resize(390)
    visitor.open(f"/status/{token_of(case)}/")
    visitor.page.get_by_role("button", name="Open my request").click()
    visitor.page.wait_for_url("**/status/")


def test_typo_is_put_right_on_a_phone_and_the_slip_opens(visitor: Visitor, case: Case, tmp_path) -> None:
    number, page = ups_number(), visitor.page
    let_in(visitor, case)
    page.get_by_text("I sent a parcel: here is its tracking number").click()
    page.get_by_label("Tracking number").fill(number[:-1] + str((int(number[-1]) + 1) % 10))
    visitor.expected.append("422")
    page.get_by_role("button", name="Send the number").click()
    page.get_by_text("It does not add up").first.wait_for()
    visitor.expect_accessible()
    visitor.photograph("portal-parcel-typo")
    visitor.resize(390)
    receipt = tmp_path / "receipt.jpg"
    receipt.write_bytes(picture().read())
    page.get_by_label("Tracking number").fill(number)
    page.locator("#form-tracking").get_by_label("A photo of the receipt").set_input_files(str(receipt))
    page.get_by_role("button", name="Send the number").click()
    page.get_by_text("Thank you. We check the number").wait_for()
    assert RepairShipment.objects.get(case=case).tracking_number == number
    page.get_by_text("Correct the number or the carrier").click()
    page.get_by_text("Add the receipt").click()
    visitor.expect_accessible()
    visitor.photograph("portal-parcel-told")
    visitor.resize(390)
    page.get_by_role("link", name="Packing slip (PDF)").click()
    page.get_by_role("heading", name="Packing slip").wait_for()
    page.get_by_text("A PDF cannot be made just now").wait_for()
    assert page.get_by_text(case.reference).first.is_visible()
    visitor.expect_accessible()
    visitor.photograph("packing-slip")


def test_way_to_us_and_the_last_scan_look_right(visitor: Visitor, case: Case) -> None:
    let_in(visitor, case)
    visitor.photograph("portal-send")
    parcel = ShipmentFactory(case=case, booked_at=timezone.now() - dt.timedelta(days=9), now=timezone.now())
    when = (timezone.now() - dt.timedelta(days=2)).astimezone(dt.timezone(dt.timedelta(hours=9))).isoformat()
    record_events(parcel.pk, [scan("picked_up", when, place="東京 Shibuya")], heard="poll", now=timezone.now())
    visitor.open("/status/")
    visitor.expect_accessible()
    visitor.photograph("portal-parcel-travelling")
