"""replace_part: another piece in the same place, the same clock (policy 1.7)."""

import datetime as dt

import pytest

from products.errors import Refused
from products.models import CoveredPart, SerialChange
from products.services import WindowData, replace_part, set_pauses
from products.tests.factories import (
    CoveredPartFactory,
    InvoiceFactory,
    KitFactory,
    ProductFactory,
    StaffFactory,
    parts_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(now):
    def replaced_by(part: CoveredPart, serial: str, **given) -> SerialChange:
        return replace_part(
            part.pk, **{"new_serial": serial, "case_reference": "WD-7F3K-2", "actor": None, "now": now, **given}
        )

    return replaced_by


def clock_columns(part: CoveredPart) -> dict:
    columns = (
        "starts_on",
        "term_months",
        "terms",
        "base_covered_through",
        "covered_through",
        "extended_days",
        "voided_at",
    )
    return CoveredPart.objects.filter(pk=part.pk).values(*columns).get()


def test_rule_1_7_replacement_keeps_clock_and_pauses_and_both_serials(change, now):
    part, colleague = CoveredPartFactory(serial="A-1"), StaffFactory()
    window = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")
    set_pauses({part.pk: [window]}, source="tracking", cause="repair", now=now)
    before = clock_columns(part)
    row = change(part, " b-2 ", actor=colleague)
    part.refresh_from_db()
    assert (part.serial, part.serial_fold) == ("b-2", "B2")
    assert (row.old_serial, row.old_serial_fold, row.new_serial) == ("A-1", "A1", "b-2")
    assert (row.changed_at, row.changed_by, row.case_reference) == (now, colleague, "WD-7F3K-2")
    assert clock_columns(part) == before
    assert part.pauses.count() == 1
    assert part.unit.serial == "A-1"


def test_rule_1_7_chain_may_be_of_any_length(change):
    part = CoveredPartFactory(serial="S0")
    for number in range(1, 6):
        change(part, f"S{number}")
    assert [(row.old_serial, row.new_serial) for row in part.serial_changes.order_by("pk")] == [
        (f"S{number}", f"S{number + 1}") for number in range(5)
    ]


def test_part_without_a_known_serial_gets_one_by_replacement(change):
    part = CoveredPartFactory()
    assert (change(part, "B-2").old_serial, change(part, "B-3").old_serial) == ("", "B-2")


def test_lot_is_replaced_without_a_serial(change):
    [lot] = parts_of(InvoiceFactory(products=[KitFactory(bill=[(ProductFactory(), 10, "lot", "")])]))
    row = change(lot, "")
    assert (row.old_serial, row.new_serial) == ("", "")


def test_piece_may_come_back_as_the_replacement_of_another(change):
    product = ProductFactory()
    first, second = CoveredPartFactory(product=product, serial="A"), CoveredPartFactory(product=product, serial="B")
    change(first, "C")
    assert change(second, "A").new_serial == "A"


def test_other_article_may_carry_the_same_serial(change):
    CoveredPartFactory(serial="A-1")
    assert change(CoveredPartFactory(serial="B-1"), "A-1").new_serial == "A-1"


@pytest.mark.parametrize(
    "serial",
    [
        pytest.param("", id="none at all"),
        pytest.param("  ", id="blanks"),
        pytest.param("--", id="no letter"),
        pytest.param("a 1", id="the one it has"),
        pytest.param("other-9", id="of another piece of this article"),
        pytest.param("x" * 61, id="too long"),
        pytest.param("B\x00", id="NUL"),
    ],
)
def test_serial_that_would_lose_the_piece_is_refused(change, serial: str):
    product = ProductFactory()
    part = CoveredPartFactory(product=product, serial="A-1")
    CoveredPartFactory(product=product, serial="OTHER 9")
    with pytest.raises(Refused) as refusal:
        change(part, serial)
    assert refusal.value.field == "new_serial"
    part.refresh_from_db()
    assert part.serial == "A-1"
    assert not SerialChange.objects.exists()


def test_unknown_part_is_refused(change):
    with pytest.raises(Refused, match="no covered part"):
        change(CoveredPart(pk=4711), "A")
