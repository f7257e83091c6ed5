"""refund_units: the cover of a piece that went back ends, says so, and can be given back."""

import datetime as dt

import pytest

from products.errors import NotPermitted, Refused
from products.explaining import explainable, explained
from products.models import CoveredPart, SaleCorrection, SoldUnit
from products.services import LineData, ShopsWord, refund_units, take_refund_back
from products.tests.factories import InvoiceFactory, ProductFactory, StaffFactory, parts_of
from products.tests.manager import manager

pytestmark = pytest.mark.django_db
WENT_BACK_ON = dt.date(2025, 6, 1)


@pytest.fixture
def unit() -> SoldUnit:
    invoice = InvoiceFactory(number="INV-1", lines=[LineData(ProductFactory(sku="BOARD").sku, 2)])
    return SoldUnit.objects.filter(line__invoice=invoice).order_by("number").first()


def refund(unit: SoldUnit, now: dt.datetime, **given):
    how = {"refunded_on": WENT_BACK_ON, "reason": "sent back", "actor": manager(), "now": now, **given}
    return refund_units(unit.line.invoice_id, [unit.pk], **how)


def test_refunded_piece_says_since_when_and_its_neighbour_is_left_alone(unit: SoldUnit, now):
    refund(unit, now)
    parts = explainable(CoveredPart.objects.order_by("pk"))
    said = [explained(part, dt.date(2025, 7, 1)) for part in parts]
    assert said[0].sentence == (
        "Bought 3 Mar 2025 → covered through 3 Mar 2026, but not covered since the refund on 1 Jun 2025."
    )
    assert [step.kind for step in said[0].steps] == ["start", "term", "base_end", "refunded", "covered_through"]
    assert said[0].ended
    assert said[1].sentence == "Bought 3 Mar 2025 → covered through 3 Mar 2026."
    told = explained(parts[0], dt.date(2025, 7, 1), audience="outsider")
    assert (told.ended, "refund" in told.sentence) == (True, False)


def test_clock_keeps_its_dates_and_the_correction_says_what_was_before(unit: SoldUnit, now):
    before = list(CoveredPart.objects.order_by("pk").values("starts_on", "covered_through"))
    correction = refund(unit, now)
    assert list(CoveredPart.objects.order_by("pk").values("starts_on", "covered_through")) == before
    record = SaleCorrection.objects.get()
    assert correction.record == record
    assert (record.what, record.before["units"][0]["refunded_on"]) == ("refund", None)
    assert record.after["units"][0] == {
        "sku": "BOARD", "line": 1, "piece": 1, "serial": "", "refunded_on": "2025-06-01",
    }  # fmt: skip


def test_refund_taken_back_leaves_both_words(unit: SoldUnit, now):
    refund(unit, now)
    take_refund_back(unit.line.invoice_id, [unit.pk], reason="wrong piece", actor=manager(), now=now)
    assert SoldUnit.objects.get(pk=unit.pk).refunded_on is None
    assert SaleCorrection.objects.count() == 2


def test_shop_itself_may_say_so_and_nobody_stands_in_the_record(unit: SoldUnit, now):
    assert refund(unit, now, actor=ShopsWord("Shopify")).record.actor is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"refunded_on": dt.date(2025, 3, 2)}, "invalid"),
        ({"reason": " "}, "reason_missing"),
        ({"actor": None}, "products.change_invoice"),
    ],
)
def test_refund_that_cannot_be_is_refused(unit: SoldUnit, now, given: dict, code: str):
    if "actor" in given:
        given = {"actor": StaffFactory()}
    with pytest.raises((Refused, NotPermitted)) as refusal:
        refund(unit, now, **given)
    assert refusal.value.code == code
    assert SoldUnit.objects.get(pk=unit.pk).refunded_on is None


def test_piece_of_another_invoice_and_one_refunded_already_are_refused(unit: SoldUnit, now):
    other = parts_of(InvoiceFactory())[0].unit
    with pytest.raises(Refused, match="not of this invoice"):
        refund_units(unit.line.invoice_id, [other.pk], refunded_on=None, reason="x", actor=manager(), now=now)
    refund(unit, now)
    with pytest.raises(Refused, match="already"):
        refund(unit, now)
