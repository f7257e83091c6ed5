"""Corrections after the sale: a reason, a permission, one transaction, clocks that follow, a row that keeps both."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from products.errors import NotPermitted, Refused
from products.models import ClockChange, CoveredPart, Invoice, SaleCorrection, WarrantyTerms
from products.services import (
    AddedPart,
    WindowData,
    correct_bill,
    correct_delivery_date,
    correct_invoice_date,
    register_invoice,
    replace_part,
    set_pauses,
    void_part,
)
from products.tests.factories import (
    CoveredPartFactory,
    InvoiceFactory,
    KitFactory,
    ProductFactory,
    StaffFactory,
    invoice_data,
    parts_of,
)
from products.tests.manager import manager

pytestmark = pytest.mark.django_db
WHY = "The date of the order was typed in."
JUNE = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), "verified")


@pytest.fixture
def boss(db):
    return manager(email="boss@positron.example")


@pytest.fixture
def by(boss, now) -> dict:
    return {"actor": boss, "now": now, "reason": WHY}


@pytest.fixture
def kit() -> Invoice:
    """Frame, two motors, bearings and screws as lots, sold on 2025-03-03."""
    return InvoiceFactory(number="INV-1")


def terms(effective_from: str, **columns) -> WarrantyTerms:
    return WarrantyTerms.objects.create(effective_from=dt.date.fromisoformat(effective_from), **columns)


def fresh(part: CoveredPart) -> CoveredPart:
    return CoveredPart.objects.get(pk=part.pk)


def everything() -> list:
    return [
        list(model.objects.order_by("pk").values()) for model in (Invoice, CoveredPart, ClockChange, SaleCorrection)
    ]


# ── the invoice date ─────────────────────────────────────────────────────────────────────────────────────────────


def test_invoice_date_moves_the_clock_of_every_part_and_keeps_its_pauses(kit, by, boss, now):
    away = parts_of(kit)[1]
    set_pauses({away.pk: [JUNE]}, source="tracking", cause="repair", now=now)
    done = correct_invoice_date(kit.pk, issued_on=dt.date(2025, 3, 10), **by)
    assert [part.covered_through for part in parts_of(kit)] == [
        dt.date(2026, 3, 29) if part.pk == away.pk else dt.date(2026, 3, 10) for part in parts_of(kit)
    ]
    change = next(change for change in done.changes if change.part_id == away.pk)
    assert (change.before["covered_through"], change.after["covered_through"]) == ("2026-03-22", "2026-03-29")
    assert (done.parts, len(done.changes), len(done.clock_changes)) == (5, 5, 5)
    row = ClockChange.objects.filter(part=away).latest("pk")
    assert (row.actor, row.before["starts_on"], row.after["starts_on"]) == (boss, "2025-03-03", "2025-03-10")
    assert WHY in row.cause


def test_correction_leaves_a_row_that_keeps_both_days_and_the_reason(kit, by, boss, now):
    correct_invoice_date(kit.pk, issued_on=dt.date(2025, 3, 10), **by)
    row = SaleCorrection.objects.get()
    assert (row.invoice, row.what, row.reason, row.actor, row.at) == (kit, "invoice_date", WHY, boss, now)
    assert (row.before, row.after) == ({"issued_on": "2025-03-03"}, {"issued_on": "2025-03-10"})


def test_invoice_date_that_makes_a_pause_begin_after_the_end_revives_nothing(kit, by, now):
    late = WindowData(dt.date(2026, 2, 28), dt.date(2026, 3, 9), "verified")
    part = parts_of(kit)[0]
    set_pauses({part.pk: [late]}, source="tracking", cause="repair", now=now)
    correct_invoice_date(kit.pk, issued_on=dt.date(2025, 2, 20), **by)
    assert fresh(part).covered_through == dt.date(2026, 2, 20)


def test_dry_run_says_what_would_happen_and_changes_nothing(kit, by):
    before = everything()
    preview = correct_invoice_date(kit.pk, issued_on=dt.date(2025, 3, 10), dry_run=True, **by)
    assert everything() == before
    assert preview.record is None
    assert preview.changes == correct_invoice_date(kit.pk, issued_on=dt.date(2025, 3, 10), **by).changes


def test_rule_1_3_terms_stay_frozen_when_no_others_came_into_force_between_the_two_days(kit, by):
    terms("2025-01-01", months=24)  # added after the sale, for a time long past: promised to nobody then
    correct_invoice_date(kit.pk, issued_on=dt.date(2025, 3, 10), **by)
    assert {part.term_months for part in parts_of(kit)} == {12}


def test_rule_1_3_terms_are_those_of_the_true_day_when_others_came_into_force_between(kit, by):
    longer = terms("2025-03-05", months=24)
    done = correct_invoice_date(kit.pk, issued_on=dt.date(2025, 3, 10), **by)
    assert {(part.terms, part.term_months, part.covered_through) for part in parts_of(kit)} == {
        (longer, 24, dt.date(2027, 3, 10))
    }
    assert (done.changes[0].before["term_months"], done.changes[0].after["term_months"]) == (12, 24)


def test_rule_1_3_editing_terms_affects_only_later_sales(kit):
    WarrantyTerms.objects.update(months=6)
    later = CoveredPartFactory()
    assert (later.term_months, later.covered_through) == (6, dt.date(2025, 9, 3))
    assert {(part.term_months, part.covered_through) for part in parts_of(kit)} == {(12, dt.date(2026, 3, 3))}


# ── the delivery date ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def by_delivery(db) -> CoveredPart:
    terms("2025-01-01", starts_from="delivery")
    return CoveredPartFactory(delivered_on=dt.date(2025, 3, 9))


def test_rule_1_2_delivery_date_moves_the_start_of_parts_that_start_with_it(by_delivery, by):
    invoice = by_delivery.unit.line.invoice
    correct_delivery_date(invoice.pk, delivered_on=dt.date(2025, 3, 7), **by)
    part = fresh(by_delivery)
    assert (part.starts_on, part.started_by, part.covered_through) == (
        dt.date(2025, 3, 7), "delivery", dt.date(2026, 3, 7),
    )  # fmt: skip


def test_rule_1_2_delivery_that_is_not_known_after_all_leaves_the_invoice_date(by_delivery, by):
    correct_delivery_date(by_delivery.unit.line.invoice_id, delivered_on=None, **by)
    part = fresh(by_delivery)
    assert (part.starts_on, part.started_by) == (dt.date(2025, 3, 3), "invoice")


def test_rule_1_2_start_is_said_to_be_the_delivery_also_when_it_was_on_the_day_of_the_invoice(by):
    terms("2025-01-01", starts_from="delivery")
    part = CoveredPartFactory()
    correct_delivery_date(part.unit.line.invoice_id, delivered_on=dt.date(2025, 3, 3), **by)
    assert (fresh(part).started_by, fresh(part).clock_changes.count()) == ("delivery", 0)


def test_delivery_date_leaves_the_clock_alone_when_the_terms_start_with_the_invoice(kit, by):
    done = correct_delivery_date(kit.pk, delivered_on=dt.date(2025, 3, 9), **by)
    assert (done.parts, done.changes) == (5, [])
    assert Invoice.objects.get(pk=kit.pk).delivered_on == dt.date(2025, 3, 9)
    assert SaleCorrection.objects.get().after == {"delivered_on": "2025-03-09"}


# ── the bill of materials ────────────────────────────────────────────────────────────────────────────────────────


def unit_of(invoice: Invoice) -> int:
    return parts_of(invoice)[0].unit_id


def test_added_part_has_the_clock_of_the_sale_and_a_row_that_says_so(kit, by):
    WarrantyTerms.objects.update(months=6)  # for later sales; this one was promised twelve
    fan = ProductFactory(sku="FAN", category="consumable")
    done = correct_bill(unit_of(kit), add=[AddedPart("FAN", "hot end", serial="F-1")], **by)
    part = CoveredPart.objects.get(product=fan)
    assert (part.position, part.serial_fold, part.category, part.place) == (6, "F1", "consumable", "hot end")
    assert (part.term_months, part.covered_through) == (12, dt.date(2026, 3, 3))
    assert [(change.before, change.label) for change in done.changes] == [(None, part.label)]
    assert part.clock_changes.get().before == {}
    assert SaleCorrection.objects.get().after["added"][0]["sku"] == "FAN"


def test_part_that_was_not_in_the_box_is_removed_and_named_in_the_row(kit, by):
    frame = parts_of(kit)[0]
    done = correct_bill(unit_of(kit), remove=[frame.pk], **by)
    assert not CoveredPart.objects.filter(pk=frame.pk).exists()
    assert [(change.part_id, change.after) for change in done.changes] == [(frame.pk, None)]
    assert SaleCorrection.objects.get().before["removed"][0]["part"] == frame.pk


def test_lot_is_counted_again(kit, by):
    screws = parts_of(kit)[4]
    done = correct_bill(unit_of(kit), quantities={screws.pk: 60}, **by)
    assert fresh(screws).quantity == 60
    assert (done.changes[0].before["quantity"], done.changes[0].after["quantity"]) == (80, 60)


def test_part_added_by_mistake_can_be_taken_out_again(kit, by):
    ProductFactory(sku="FAN")
    correct_bill(unit_of(kit), add=[AddedPart("FAN")], **by)
    correct_bill(unit_of(kit), remove=[CoveredPart.objects.latest("pk").pk], **by)
    assert len(parts_of(kit)) == 5


def paused(part: CoveredPart, now: dt.datetime) -> None:
    set_pauses({part.pk: [JUNE]}, source="tracking", cause="repair", now=now)


def replaced(part: CoveredPart, now: dt.datetime) -> None:
    replace_part(part.pk, new_serial="N-1", case_reference="", actor=None, now=now)


def voided(part: CoveredPart, now: dt.datetime) -> None:
    void_part(part.pk, reason_code="improper_use", case_reference="", actor=None, now=now)


def unpaused(part: CoveredPart, now: dt.datetime) -> None:
    paused(part, now)
    set_pauses({part.pk: []}, source="tracking", cause="another parcel", now=now)


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        pytest.param(paused, "away for repair", id="paused"),
        pytest.param(replaced, "replaced", id="replaced"),
        pytest.param(voided, "voided", id="voided"),
        pytest.param(unpaused, "clock has moved", id="paused once"),
    ],
)
def test_part_with_a_history_cannot_be_removed_and_it_is_said_why(kit, by, now, happens, words: str):
    motor = parts_of(kit)[1]
    happens(motor, now)
    before = everything()
    with pytest.raises(Refused, match=words) as refused:
        correct_bill(unit_of(kit), remove=[motor.pk], **by)
    assert (refused.value.field, everything()) == ("remove", before)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param({}, "unchanged", id="nothing"),
        pytest.param({"add": [AddedPart("NOPE")]}, "bill", id="no such article"),
        pytest.param({"add": [AddedPart("KIT")]}, "bill", id="a kit"),
        pytest.param({"add": [AddedPart("FAN", quantity=2)]}, "bill", id="two pieces of a part tracked singly"),
        pytest.param({"add": [AddedPart("FAN", quantity=0, is_lot=True)]}, "bill", id="a lot of none"),
        pytest.param({"add": [AddedPart("FAN", serial="---")]}, "serial_empty", id="a serial of dashes"),
        pytest.param({"remove": [0]}, "bill", id="a part of another unit"),
        pytest.param({"quantities": {0: 3}}, "bill", id="counting a part of another unit"),
    ],
)
def test_bill_that_cannot_be_is_refused_and_nothing_changes(kit, by, asked: dict, code: str):
    ProductFactory(sku="FAN")
    KitFactory(sku="KIT")
    before = everything()
    with pytest.raises(Refused) as refused:
        correct_bill(unit_of(kit), **asked, **by)
    assert (refused.value.code, everything()) == (code, before)


def test_part_tracked_by_itself_is_not_counted(kit, by):
    with pytest.raises(Refused, match="tracked by itself"):
        correct_bill(unit_of(kit), quantities={parts_of(kit)[0].pk: 2}, **by)


def test_last_part_of_a_unit_stays(by):
    part = CoveredPartFactory()
    with pytest.raises(Refused) as refused:
        correct_bill(part.unit_id, remove=[part.pk], **by)
    assert refused.value.code == "no_parts"
    assert CoveredPart.objects.filter(pk=part.pk).exists()


# ── who, why, and how dear ───────────────────────────────────────────────────────────────────────────────────────


def corrections(invoice: Invoice, by: dict) -> list:
    return [
        lambda: correct_invoice_date(invoice.pk, issued_on=dt.date(2025, 3, 10), **by),
        lambda: correct_delivery_date(invoice.pk, delivered_on=dt.date(2025, 3, 10), **by),
        lambda: correct_bill(unit_of(invoice), quantities={parts_of(invoice)[4].pk: 60}, **by),
    ]


def test_correction_needs_a_reason(kit, by):
    for correct in corrections(kit, {**by, "reason": "  "}):
        with pytest.raises(Refused) as refused:
            correct()
        assert refused.value.code == "reason_missing"
    assert not SaleCorrection.objects.exists()


@pytest.mark.parametrize("role", ["", "viewer", "support", "reviewer", "administrator"])
def test_correction_is_for_managers(kit, by, role: str):
    from django.contrib.auth.models import Group

    person = StaffFactory()
    person.groups.set(Group.objects.filter(name=role))
    for correct in corrections(kit, {**by, "actor": person}):
        with pytest.raises(NotPermitted):
            correct()
    assert not SaleCorrection.objects.exists()


def test_own_purchase_is_corrected_by_a_colleague(by):
    register_invoice(invoice_data(number="OWN"))
    own = Invoice.objects.get(number="OWN")
    for correct in corrections(own, {**by, "actor": manager(email="Ann@example.com")})[:2]:
        with pytest.raises(NotPermitted, match="own purchase"):
            correct()


@pytest.mark.parametrize("day", [dt.date(2025, 12, 3), dt.date(9999, 12, 31)], ids=str)
def test_day_in_the_future_is_refused(kit, by, day: dt.date):
    for name, correct in (("issued_on", correct_invoice_date), ("delivered_on", correct_delivery_date)):
        with pytest.raises(Refused) as refused:
            correct(kit.pk, **{name: day}, **by)
        assert (refused.value.field, refused.value.code) == (name, "future")


def test_day_that_is_stored_already_is_refused(kit, by):
    with pytest.raises(Refused) as refused:
        correct_invoice_date(kit.pk, issued_on=kit.issued_on, **by)
    assert refused.value.code == "unchanged"
    with pytest.raises(Refused):
        correct_delivery_date(kit.pk, delivered_on=None, **by)


def test_correction_whose_clock_cannot_run_changes_nothing(kit, by):
    terms("2025-03-05", months=32_000)
    before = everything()
    with pytest.raises(Refused, match="9999"):
        correct_invoice_date(
            kit.pk, issued_on=dt.date(9000, 3, 10), **{**by, "now": dt.datetime(9001, 1, 1, tzinfo=dt.UTC)}
        )
    assert everything() == before


def test_correction_takes_as_many_queries_for_forty_parts_as_for_five(by, boss):
    counts = []
    boss.has_perm("products.change_invoice")  # permissions are read once a request
    for size in (5, 40):
        kit = KitFactory(bill=[(ProductFactory(), size, "singly", "")])
        invoice = InvoiceFactory(products=[kit])
        with CaptureQueriesContext(connection) as queries:
            assert len(correct_invoice_date(invoice.pk, issued_on=dt.date(2025, 3, 10), **by).changes) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]
