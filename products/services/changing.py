"""The shop says something else about an order than before: what changed goes through the correcting services.

The shop sends the whole order as it is now, so this compares and never adds up: the same word again, in whatever order
it arrives, changes nothing.
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from products.identifiers import fold_identifier
from products.models import Invoice, InvoiceLine, SaleCorrection, SoldUnit
from products.services.agreement import agree_and_complete
from products.services.catalogue import Catalogue, load_catalogue
from products.services.checking import Corrector, ShopsWord
from products.services.correcting import correct_delivery_date, correct_invoice_date
from products.services.correction import Correction, Says, begin, locked_invoice, record
from products.services.customers import checked_customer
from products.services.planning import Plan, Terms, checked_row, clock_at_start, planned_line
from products.services.refunding import refund_units
from products.services.sale_data import InvoiceData, LineData
from products.services.writing import NewUnit, write_units

__all__ = ["ShopsWord", "change_order"]


def change_order(
    invoice_id: int,
    data: InvoiceData,
    *,
    actor: Corrector,
    now: dt.datetime,
    catalogue: Catalogue | None = None,
    source_print: str = "",
    reason: str = "",
) -> int:
    """The registered invoice as `data` has it now; how many things were corrected or filled in.

    Another date or delivery, more pieces, new lines, refunded or vanished pieces are corrections, each with before and
    after. Refused, with nothing changed, for another currency, customer or serial number than is stored, and where the
    actor may not correct what was sold.
    """
    said = reason or _("%(who)s: the order was changed") % {"who": actor}
    with transaction.atomic():
        change = _Change(locked_invoice(invoice_id, actor), data, actor, now, said)
        done = change.dates()
        change.refreshed()
        done += change.lines(catalogue or load_catalogue(line.sku.strip() for line in data.lines))
        done += agree_and_complete(change.refreshed(), change.agreed(), now)
        if source_print:
            Invoice.objects.filter(pk=invoice_id).update(source_print=source_print)
    return done


@dataclass
class _Pair:
    """A stored line with what is said of it now; None where it is new, or is said no longer."""

    row: InvoiceLine | None
    line: LineData | None


class _Change:
    """One order being brought up to date."""

    def __init__(self, invoice: Invoice, data: InvoiceData, actor: Corrector, now: dt.datetime, reason: str) -> None:
        self.invoice, self.data, self.actor, self.now, self.reason = invoice, data, actor, now, reason
        self.pairs = _paired(invoice, data.lines)

    def dates(self) -> int:
        done = 0
        how = {"reason": self.reason, "actor": self.actor, "now": self.now}
        if self.data.issued_on != self.invoice.issued_on:
            correct_invoice_date(self.invoice.pk, issued_on=self.data.issued_on, **how)  # type: ignore[arg-type]
            done += 1
        if self.data.delivered_on and self.data.delivered_on != self.invoice.delivered_on:
            correct_delivery_date(self.invoice.pk, delivered_on=self.data.delivered_on, **how)  # type: ignore[arg-type]
            done += 1
        return done

    def refreshed(self) -> Invoice:
        self.invoice = locked_invoice(self.invoice.pk, self.actor)
        return self.invoice

    def lines(self, catalogue: Catalogue) -> int:
        return self._more(catalogue) + self._fewer()

    def agreed(self) -> InvoiceData:
        """What is left to agree about, line by line as they are stored: serials, prices not known so far."""
        said = {pair.row.pk: pair.line for pair in self.pairs if pair.row and pair.line}
        rows = InvoiceLine.objects.filter(invoice=self.invoice).select_related("product").order_by("position")
        lines = [_as_stored(row, said.get(row.pk)) for row in rows]
        return replace(self.data, lines=lines, issued_on=self.invoice.issued_on)

    def _more(self, catalogue: Catalogue) -> int:
        """Lines and pieces that were not there before."""
        grown = [pair for pair in self.pairs if pair.line and (pair.row is None or _growth(pair) > 0)]
        if not grown:
            return 0
        attempt = begin(SaleCorrection.What.LINES, self.reason, self.actor, self.now)
        attempt.before = {"lines": self._written_lines()}
        for pair in grown:
            self._add(pair, catalogue)
        attempt.after = {"lines": self._written_lines()}
        record(self.invoice, attempt, Correction(attempt.what, {}, {}, 0, []))
        return len(grown)

    def _add(self, pair: _Pair, catalogue: Catalogue) -> None:
        line = pair.line
        if line is None:
            return
        had = pair.row.quantity if pair.row else 0
        last = self.invoice.lines.order_by("-position").values_list("position", flat=True).first() or 0
        row = checked_row(line, pair.row.position - 1 if pair.row else last)
        planned = planned_line(row, line, catalogue, self.invoice.issued_on)
        terms = Terms().on(self.invoice.issued_on)
        start = clock_at_start(terms, self.invoice, [planned])
        plan = Plan(checked_customer(self.data.customer), self.invoice, terms, [planned], start)
        if pair.row:
            InvoiceLine.objects.filter(pk=pair.row.pk).update(quantity=line.quantity)
            pair.row.quantity = line.quantity
            planned.row = pair.row
        else:
            row.invoice = self.invoice
            row.save(force_insert=True)
            pair.row = row
        numbers = range(had + 1, line.quantity + 1)
        write_units([NewUnit(plan, planned, _new_unit(planned.row, number, line)) for number in numbers])

    def _fewer(self) -> int:
        """Pieces that went back, or that are no longer said to be part of the order."""
        done = 0
        for pair in self.pairs:
            if pair.row is None:
                continue
            units = list(SoldUnit.objects.filter(line=pair.row).order_by("number"))
            gone = _gone(pair, len(units)) - sum(unit.refunded_on is not None for unit in units)
            if gone > 0:
                self._refund(pair, _likeliest(units, gone))
                done += 1
        return done

    def _refund(self, pair: _Pair, units: Sequence[SoldUnit]) -> None:
        day = pair.line.refunded_on if pair.line else None
        refund_units(
            self.invoice.pk, [unit.pk for unit in units],
            refunded_on=day or max(timezone.localdate(self.now), self.invoice.issued_on),
            reason=self.reason, actor=self.actor, now=self.now,
        )  # fmt: skip

    def _written_lines(self) -> list[Says]:
        rows = InvoiceLine.objects.filter(invoice=self.invoice).select_related("product").order_by("position")
        return [{"line": row.position, "sku": row.product.sku, "quantity": row.quantity} for row in rows]


def _paired(invoice: Invoice, lines: Sequence[LineData]) -> list[_Pair]:
    """Stored lines with those given, by article number in their order: shops reorder lines, and give them no number."""
    rows = InvoiceLine.objects.filter(invoice=invoice).select_related("product").order_by("position")
    waiting: dict[str, deque[LineData]] = defaultdict(deque)
    for line in lines:
        waiting[line.sku.strip()].append(line)
    pairs = [_Pair(row, waiting[row.product.sku].popleft() if waiting[row.product.sku] else None) for row in rows]
    left = [line for same in waiting.values() for line in same]
    return [*pairs, *(_Pair(None, line) for line in left)]


def _growth(pair: _Pair) -> int:
    return pair.line.quantity - pair.row.quantity if pair.line and pair.row else 0


def _gone(pair: _Pair, there: int) -> int:
    """How many pieces of the line are no longer the customer's."""
    if pair.line is None:
        return there
    return pair.line.refunded + max(0, there - pair.line.quantity)


def _likeliest(units: Sequence[SoldUnit], count: int) -> list[SoldUnit]:
    """The shop does not say which pieces went back: those whose serial nobody knows first, then the last ones."""
    still = [unit for unit in units if unit.refunded_on is None]
    return sorted(still, key=lambda unit: (bool(unit.serial), -unit.number))[:count]


def _new_unit(row: InvoiceLine, number: int, line: LineData) -> SoldUnit:
    serial = line.units[number - 1].serial.strip() if number <= len(line.units) else ""
    unit = SoldUnit(line=row, number=number, serial=serial)
    unit.serial_fold = fold_identifier(serial)
    return unit


def _as_stored(row: InvoiceLine, line: LineData | None) -> LineData:
    """The line as it is stored, with the serials now said of it and a price where none was known."""
    price = row.unit_price if row.unit_price is not None or line is None else line.unit_price
    return LineData(row.product.sku, row.quantity, price, line.units[: row.quantity] if line else ())
