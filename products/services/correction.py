"""The frame of every correction of a sale: who, why, what was said before, and a trial that takes itself back."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from products.auditing import by_person, put_on_record
from products.errors import NotPermitted, Refused
from products.models import ClockChange, Invoice, SaleCorrection, SoldUnit
from products.services.checking import Corrector, refuse_own_purchase

CORRECT = "products.change_invoice"

Says = dict[str, Any]


@dataclass(frozen=True)
class PartChange:
    """What a correction does to one part: its clock (and pieces) before and after; None where it was not, or is no
    longer, there. Dates as YYYY-MM-DD."""

    part_id: int
    label: str
    before: Says | None
    after: Says | None


@dataclass(frozen=True)
class Correction:
    """What was corrected. `parts` were looked at, `changes` are those that are not what they were; `record` is None
    for a dry run."""

    what: str
    before: Says
    after: Says
    parts: int
    changes: Sequence[PartChange]
    clock_changes: Sequence[ClockChange] = ()
    record: SaleCorrection | None = None

    @property
    def part_ids(self) -> list[int]:
        return [change.part_id for change in self.changes]


@dataclass
class Attempt:
    """A correction under way: who corrects what, and why."""

    what: str
    reason: str
    actor: Corrector
    now: dt.datetime
    before: Says = field(default_factory=dict)
    after: Says = field(default_factory=dict)

    @property
    def cause(self) -> str:
        return f"{SaleCorrection.What(self.what).label}: {self.reason}"


def begin(what: str, reason: str, actor: Corrector, now: dt.datetime) -> Attempt:
    """One attempt to correct a sale. NotPermitted for an account that may not, Refused without a reason."""
    if not getattr(actor, "has_perm", lambda _name: False)(CORRECT):
        raise NotPermitted(_("Your account may not correct what was sold. Ask a manager to do it."), code=CORRECT)
    if not reason.strip():
        raise Refused(_("A correction needs a reason."), field="reason", code="reason_missing")
    return Attempt(what, reason.strip(), actor, now)


def carried_out(correct: Callable[[], Correction], dry_run: bool) -> Correction:
    """What `correct` did, in one transaction. A dry run takes all of it back and tells no keys of what is not there."""
    with transaction.atomic():
        done = correct()
        if dry_run:
            transaction.set_rollback(True)
    if not dry_run:
        return done
    return Correction(done.what, done.before, done.after, done.parts, done.changes)


def record(invoice: Invoice, attempt: Attempt, done: Correction, unit: SoldUnit | None = None) -> Correction:
    """Leave the row of the correction and its entry on record. Within the transaction of `correct`."""
    row = SaleCorrection.objects.create(
        invoice=invoice,
        unit=unit,
        what=attempt.what,
        before=attempt.before,
        after=attempt.after,
        reason=attempt.reason,
        at=attempt.now,
        actor_id=attempt.actor.pk,
    )
    facts = {"what": attempt.what, "correction": row.pk, "before": attempt.before, "after": attempt.after}
    put_on_record("sale.corrected", "invoice", invoice.pk, facts=facts, **by_person(attempt.actor))
    return Correction(
        done.what, attempt.before, attempt.after, done.parts, done.changes, done.clock_changes, record=row
    )


def note(attempt: Attempt, **moved: tuple[dt.date | None, dt.date | None]) -> None:
    """Days that moved: (before, after) by the name of their field."""
    for name, (before, after) in moved.items():
        attempt.before[name] = before.isoformat() if before else None
        attempt.after[name] = after.isoformat() if after else None


def locked_invoice(invoice_id: int, actor: Corrector) -> Invoice:
    """Locked until the transaction ends. Refused where there is none, NotPermitted for one's own purchase."""
    rows = Invoice.objects.select_for_update(of=("self",)).select_related("customer")
    invoice = rows.filter(pk=invoice_id).first()
    if invoice is None:
        raise Refused(_("There is no such invoice."), field="invoice", code="invoice_unknown")
    refuse_own_purchase(invoice, actor)
    return invoice


def locked_unit(unit_id: int, actor: Corrector) -> SoldUnit:
    """Locked until the transaction ends. Refused where there is none, NotPermitted for one's own purchase."""
    rows = SoldUnit.objects.select_for_update(of=("self",)).select_related("line__invoice__customer", "line__product")
    unit = rows.filter(pk=unit_id).first()
    if unit is None:
        raise Refused(_("There is no such sold unit."), field="unit", code="unit_unknown")
    refuse_own_purchase(unit.line.invoice, actor)
    return unit
