"""What the packing slip says, and when there is one."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cases.models import Case
from cases.services import repairing
from cases.tests.factories import DECIDED_AT, CaseFactory, judge, quote, staff
from products.services import LineData, UnitData
from products.tests.factories import CustomerFactory, InvoiceFactory, KitFactory, ProductFactory, parts_of
from shipments import packing_slip as module
from shipments.packing_slip import Goods, packing_slip
from shipments.tests.factories import ShipmentFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)


def slip(case: Case):
    return packing_slip(Case.objects.get(pk=case.pk), NOW)


def sold_singly(customer, price: str | None = "1234.50"):
    product = ProductFactory(name="Hotend")
    line = LineData(product.sku, units=(UnitData("HE-1"),), unit_price=Decimal(price) if price else None)
    return parts_of(InvoiceFactory(customer=customer, lines=[line], currency="NOK", number="INV-9"))[0]


@pytest.mark.parametrize(
    ("state", "resolution", "there"),
    [
        ("submitted", "repair", False),
        ("evidence_review", "repair", False),
        ("approved", "repair", True),
        ("approved", "replacement", False),
        ("in_repair", "repair", True),
        ("denied", "repair", False),
        ("returned", "repair", False),
        ("withdrawn", "repair", False),
    ],
)
def test_slip_is_there_when_something_is_to_be_repaired(state, resolution, there):
    case = CaseFactory(state=state, resolution=resolution)
    assert (slip(case) is not None) == there


@pytest.mark.parametrize(("answer", "there"), [("", True), ("accepted", True), ("declined", False)])
def test_slip_goes_with_the_quote(answer, there):
    case = CaseFactory(state="approved")
    quote(case, answer=answer)
    assert (slip(case) is not None) == there


def test_slip_is_gone_when_the_product_goes_home_unrepaired():
    case = CaseFactory(state="approved")
    by = staff("support")
    repairing.plan_unrepaired_return(case.pk, why="No parts.", beyond_repair=True, actor=by, now=DECIDED_AT)
    assert slip(case) is None


def test_slip_names_part_serial_and_value_when_it_was_sold_singly(settings):
    settings.MAKER_NAME, settings.WORKSHOP_ADDRESS = "Positron", ["Werkstraße 7", "Berlin"]
    owner = CustomerFactory(name="Kari", country="NO", address="Åsaveien 12\n\n 5003 Bergen ")
    made = slip(CaseFactory(customer=owner, part=sold_singly(owner), state="approved"))
    (line,) = made.lines
    assert (line.label, line.serial, line.quantity, line.value) == ("Hotend", "HE-1", 1, Decimal("1234.50"))
    assert (made.currency, made.invoice, made.value) == ("NOK", "INV-9", Decimal("1234.50"))
    assert made.sender_lines == ("Åsaveien 12", "5003 Bergen")
    assert made.sender_country == "Norway"
    assert made.workshop == ("Positron", "Werkstraße 7", "Berlin")


def test_slip_tells_customs_what_the_catalogue_knows_once_for_each_article():
    owner, bearing = CustomerFactory(), ProductFactory(name="Bearing", hs_code="8482.10", country_of_origin="CI")
    plain = ProductFactory(name="Door")
    kit = KitFactory(bill=[(bearing, 1, "singly", "X"), (bearing, 1, "singly", "Y"), (plain, 1, "singly", "")])
    case = CaseFactory(customer=owner, parts=parts_of(InvoiceFactory(customer=owner, products=[kit])), state="approved")
    with translation.override("de"):
        assert slip(case).goods == (Goods("Bearing", "8482.10", "Côte d'Ivoire", "CI"),)
    assert [line.goods is None for line in slip(case).lines] == [False, False, True]


def test_value_is_left_to_fill_in_when_the_invoice_names_none():
    owner = CustomerFactory()
    made = slip(CaseFactory(customer=owner, part=sold_singly(owner, price=None), state="approved"))
    assert made.value is None


def test_slip_tells_nothing_of_somebody_elses_purchase():
    made = slip(CaseFactory(customer=CustomerFactory(), part=sold_singly(CustomerFactory()), state="approved"))
    assert (made.lines[0].serial, made.lines[0].value, made.invoice, made.currency) == ("", None, "", "")


def test_slip_lists_only_the_parts_to_repair(reviewer):
    parts = parts_of(InvoiceFactory(products=[KitFactory()], serials=["PK-1"]))[:3]
    case = CaseFactory(parts=parts)
    first, second, third = case.claimed_parts.order_by("pk")
    judge(first, reviewer)
    judge(second, reviewer, resolution="replacement")
    judge(third, reviewer, deny="improper_use")
    from cases.services import deciding

    deciding.approve(case.pk, actor=reviewer, now=DECIDED_AT)
    made = slip(case)
    assert [line.label for line in made.lines] == [first.part.label]
    assert made.lines[0].value is None, "an invoice says nothing of the worth of a kit's part"


def test_slip_lists_the_product_when_staff_asked_for_all_of_it():
    owner = CustomerFactory()
    parts = parts_of(InvoiceFactory(customer=owner, products=[KitFactory(name="Printer")], serials=["PK-1"]))
    case = CaseFactory(customer=owner, parts=parts[:1], state="approved")
    ShipmentFactory(case=case, whole_product=True)
    assert [(line.label, line.serial) for line in slip(case).lines] == [("Printer", "PK-1")]


def test_slip_is_cut_when_it_is_longer_than_any_parcel(monkeypatch):
    monkeypatch.setattr(module, "MOST_LINES", 2)
    case = CaseFactory(parts=parts_of(InvoiceFactory())[:3], state="approved")
    assert (len(slip(case).lines), slip(case).left_out) == (2, 1)


def test_slip_takes_the_same_queries_however_many_parts():
    bill = [(ProductFactory(), 1, "singly", f"Place {n}") for n in range(45)]
    counts = []
    for size in (2, 45):
        case = CaseFactory(parts=parts_of(InvoiceFactory(products=[KitFactory(bill=bill)]))[:size], state="approved")
        fresh = Case.objects.select_related("customer", "invoice").get(pk=case.pk)
        with CaptureQueriesContext(connection) as queries:
            assert len(packing_slip(fresh, timezone.now()).lines) == size
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
