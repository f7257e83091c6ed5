"""Putting right what was registered wrongly after the sale: an invoice date, a delivery date, a bill of materials.

A promise is never edited, it is corrected: with a reason, by a person with the permission, in one transaction, with the
clocks of the parts concerned following and a `SaleCorrection` that keeps what was said before. `dry_run` does all of it
and takes it back: what it returns is what would happen.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from products.errors import Refused
from products.models import ClockChange, CoveredPart, Invoice, SaleCorrection, SoldUnit, WarrantyTerms
from products.services.bills import AddedPart, Promised, add_parts, change_quantities, remove_parts
from products.services.checking import Corrector
from products.services.clocks import as_json, locked_parts, restate, stored_clock
from products.services.correction import (
    Attempt,
    Correction,
    PartChange,
    Says,
    begin,
    carried_out,
    locked_invoice,
    locked_unit,
    note,
    record,
)
from products.services.planning import start_of, terms_in_force

TERMS_FIELDS = ("terms", "term_months")
EARLIEST_PLACE = dt.timedelta(hours=14)  # where a calendar day begins first


def correct_invoice_date(
    invoice_id: int,
    *,
    issued_on: dt.date,
    reason: str,
    actor: Corrector,
    now: dt.datetime,
    dry_run: bool = False,
) -> Correction:
    """The invoice is of another day: every part that starts with it starts anew, with its pauses as they were.

    Where other terms came into force between the two days, those of the true day were promised (policy 1.3); any
    other part keeps the terms it froze. Refused for a day in the future and for the day already stored.
    """
    attempt = begin(SaleCorrection.What.INVOICE_DATE, reason, actor, now)
    _refuse_future(issued_on, "issued_on", now)

    def correct() -> Correction:
        invoice = locked_invoice(invoice_id, actor)
        old = invoice.issued_on
        _refuse_unchanged(old, issued_on, "issued_on")
        note(attempt, issued_on=(old, issued_on))
        invoice.issued_on = issued_on
        invoice.save(update_fields=["issued_on"])
        return _start_again(invoice, attempt, _terms_of_the_true_day(old, issued_on))

    return carried_out(correct, dry_run)


def correct_delivery_date(
    invoice_id: int,
    *,
    delivered_on: dt.date | None,
    reason: str,
    actor: Corrector,
    now: dt.datetime,
    dry_run: bool = False,
) -> Correction:
    """The delivery was on another day, or (None) is not known after all: parts whose terms start with it follow.

    Refused for a day in the future and for what is already stored.
    """
    attempt = begin(SaleCorrection.What.DELIVERY_DATE, reason, actor, now)
    if delivered_on is not None:
        _refuse_future(delivered_on, "delivered_on", now)

    def correct() -> Correction:
        invoice = locked_invoice(invoice_id, actor)
        _refuse_unchanged(invoice.delivered_on, delivered_on, "delivered_on")
        note(attempt, delivered_on=(invoice.delivered_on, delivered_on))
        invoice.delivered_on = delivered_on
        invoice.save(update_fields=["delivered_on"])
        return _start_again(invoice, attempt, None)

    return carried_out(correct, dry_run)


def correct_bill(
    unit_id: int,
    *,
    add: Sequence[AddedPart] = (),
    remove: Iterable[int] = (),
    quantities: Mapping[int, int] | None = None,
    reason: str,
    actor: Corrector,
    now: dt.datetime,
    dry_run: bool = False,
) -> Correction:
    """This sold unit was made of other parts than its bill of materials said on that day.

    Added parts start with the sale, under its terms. Refused where a part to be removed is claimed, packed or has a
    history, where the pieces of a part tracked singly should be more than one, and where nothing is left.
    """
    attempt = begin(SaleCorrection.What.BILL, reason, actor, now)

    def correct() -> Correction:
        unit = locked_unit(unit_id, actor)
        parts = locked_parts(unit.parts.values_list("pk", flat=True))
        changes = [
            *_removed(parts, set(remove), attempt),
            *_requantified(parts, quantities or {}, attempt),
            *_added(unit, parts, add, attempt),
        ]
        if not changes:
            raise Refused(_("Bill of materials: nothing is to be changed."), field="add", code="unchanged")
        if not unit.parts.exists():
            raise Refused(_("Bill of materials: at least one part has to stay."), field="remove", code="no_parts")
        return record(unit.line.invoice, attempt, Correction(attempt.what, {}, {}, len(parts), changes), unit)

    return carried_out(correct, dry_run)


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_future(day: dt.date, name: str, now: dt.datetime) -> None:
    if day > (now.astimezone(dt.UTC) + EARLIEST_PLACE).date():
        raise Refused(_("This day lies in the future."), field=name, code="future")


def _refuse_unchanged(stored: dt.date | None, given: dt.date | None, name: str) -> None:
    if stored == given:
        raise Refused(_("This is the day already stored."), field=name, code="unchanged")


def _terms_of_the_true_day(old: dt.date, new: dt.date) -> WarrantyTerms | None:
    """The terms to take instead of the frozen ones: only where others came into force between the two days.

    Terms that were added later for a time long past were never promised to this sale, and are not slipped in here.
    """
    first, last = sorted((old, new))
    changed = WarrantyTerms.objects.filter(effective_from__gt=first, effective_from__lte=last).exists()
    return terms_in_force(new) if changed else None


def _start_again(invoice: Invoice, attempt: Attempt, terms: WarrantyTerms | None) -> Correction:
    """The start of every part of the invoice, taken again from its dates. A fixed number of queries."""
    rows = CoveredPart.objects.filter(unit__line__invoice=invoice)
    parts = locked_parts(rows.values_list("pk", flat=True))
    before = {part.pk: stored_clock(part) for part in parts}
    said = {part.pk: _says(part) for part in parts}
    frozen = WarrantyTerms.objects.in_bulk({part.terms_id for part in parts})
    for part in parts:
        held = terms or frozen[part.terms_id]
        part.terms, part.term_months = held, held.months if terms else part.term_months
        part.starts_on, part.started_by = start_of(held, invoice)
    moved = restate(parts, cause=attempt.cause, now=attempt.now, actor=attempt.actor, before=before, also=TERMS_FIELDS)
    changes = [
        PartChange(part.pk, part.label, said[part.pk], after)
        for part in parts
        if (after := _says(part)) != said[part.pk]
    ]
    return record(invoice, attempt, Correction(attempt.what, {}, {}, len(parts), changes, moved))


def _says(part: CoveredPart) -> Says:
    return {**as_json(stored_clock(part)), "started_by": str(part.started_by), "term_months": part.term_months}


# ── bills of materials ───────────────────────────────────────────────────────────────────────────────────────────


def _removed(parts: Sequence[CoveredPart], wanted: set[int], attempt: Attempt) -> list[PartChange]:
    gone = remove_parts(parts, wanted)
    if gone:
        attempt.before["removed"] = [_named(part) for part in gone]
    return [PartChange(part.pk, part.label, _of_bill(part), None) for part in gone]


def _requantified(parts: Sequence[CoveredPart], wanted: Mapping[int, int], attempt: Attempt) -> list[PartChange]:
    before = {part.pk: _of_bill(part) for part in parts}
    changed = change_quantities(parts, wanted)
    if changed:
        attempt.before["quantities"] = {str(part.pk): before[part.pk]["quantity"] for part in changed}
        attempt.after["quantities"] = {str(part.pk): part.quantity for part in changed}
    return [PartChange(part.pk, part.label, before[part.pk], _of_bill(part)) for part in changed]


def _added(
    unit: SoldUnit, parts: Sequence[CoveredPart], wanted: Sequence[AddedPart], attempt: Attempt
) -> list[PartChange]:
    if not wanted:
        return []
    new = add_parts(unit, wanted, _promised(unit, parts), unit.line.invoice)
    attempt.after["added"] = [_named(part) for part in new]
    ClockChange.objects.bulk_create(
        ClockChange(
            part=part, at=attempt.now, cause=attempt.cause[:200], before={}, after=as_json(stored_clock(part)),
            actor_id=attempt.actor.pk,
        )
        for part in new
    )  # fmt: skip
    return [PartChange(part.pk, part.label, None, _of_bill(part)) for part in new]


def _promised(unit: SoldUnit, parts: Sequence[CoveredPart]) -> Promised:
    """What was in the box was promised what the rest of the box was promised."""
    if parts:
        return Promised(parts[0].terms, parts[0].term_months)
    terms = terms_in_force(unit.line.invoice.issued_on)
    return Promised(terms, terms.months)


def _of_bill(part: CoveredPart) -> Says:
    return {**_says(part), "quantity": part.quantity}


def _named(part: CoveredPart) -> Says:
    return {"part": part.pk, "sku": part.product.sku, "place": part.place, "quantity": part.quantity,
            "serial": part.serial}  # fmt: skip
