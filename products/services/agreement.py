"""The same invoice again: what contradicts is refused, what was not known is filled in, the rest stays as it is.

The customer is compared and never filled in: an erased one must not come back with the next import of old files.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.utils.translation import gettext as _

from products.errors import Refused
from products.identifiers import fold_identifier, normalise_identifier
from products.models import CoveredPart, Invoice, InvoiceLine, SerialChange, SoldUnit, WarrantyTerms
from products.services.clocks import locked_parts, restate, stored_clock
from products.services.sale_data import InvoiceData, LineData, UnitData
from products.services.serials import serials_of_unit


@dataclass(frozen=True)
class _Fact:
    """One thing the invoice says again. `row.column` is where it is filled in; no column: too late for that."""

    field: str
    stored: object
    given: object
    row: Model
    column: str

    @property
    def contradicts(self) -> bool:
        if self.given in (None, ""):
            return False
        return self.stored != self.given if self.stored not in (None, "") else not self.column

    @property
    def is_news(self) -> bool:
        return self.given not in (None, "") and self.stored in (None, "")


def agree_and_complete(invoice: Invoice, data: InvoiceData, now: dt.datetime) -> int:
    """How many facts were filled in. Refused, with nothing written, where `data` contradicts the stored invoice. A
    fixed number of queries."""
    facts = [*_facts_of_invoice(invoice, data), *_facts_of_lines(invoice, data.lines)]
    for fact in facts:
        if fact.contradicts:
            raise Refused(
                _("%(field)s: invoice %(number)s is registered with “%(stored)s”, now “%(given)s” is given. "
                  "A registered invoice is not changed: correct the file, or give the new invoice its own number.")
                % {"field": fact.field, "number": invoice.number, "stored": fact.stored, "given": fact.given},
                field=fact.field,
                code="contradiction",
            )  # fmt: skip
    news = [fact for fact in facts if fact.is_news]
    _fill(news)
    if any(fact.column == "delivered_on" for fact in news):
        _start_by_delivery(invoice, now)
    return len(news)


def _facts_of_invoice(invoice: Invoice, data: InvoiceData) -> Iterator[_Fact]:
    yield _Fact("issued_on", invoice.issued_on, data.issued_on, invoice, "")
    yield _Fact("currency", invoice.currency, data.currency.strip().upper(), invoice, "")
    yield _Fact("country", str(invoice.country), data.country.strip().upper(), invoice, "country")
    yield _Fact("delivered_on", invoice.delivered_on, data.delivered_on, invoice, "delivered_on")
    if invoice.customer.email:
        given = data.customer.email.strip().lower()
        yield _Fact("customer.email", invoice.customer.email.lower(), given, invoice, "")


def _facts_of_lines(invoice: Invoice, lines: Sequence[LineData]) -> Iterator[_Fact]:
    rows = list(invoice.lines.select_related("product").order_by("position"))
    yield _Fact("lines", len(rows), len(lines), invoice, "")
    parts = _parts_by_unit(invoice)
    units: dict[int, list[SoldUnit]] = {row.pk: [] for row in rows}
    for unit in SoldUnit.objects.filter(line__invoice=invoice).order_by("line", "number"):
        units[unit.line_id].append(unit)
    for place, (row, line) in enumerate(zip(rows, lines, strict=False)):
        field = f"lines[{place}]"
        yield from _facts_of_line(row, line, field)
        for number, (unit, given) in enumerate(zip(units[row.pk], line.units, strict=False)):
            yield from _facts_of_unit(row, unit, parts.get(unit.pk, []), given, f"{field}.units[{number}]")


def _facts_of_line(row: InvoiceLine, line: LineData, field: str) -> Iterator[_Fact]:
    yield _Fact(f"{field}.sku", row.product.sku, line.sku.strip(), row, "")
    yield _Fact(f"{field}.quantity", row.quantity, line.quantity, row, "")
    yield _Fact(f"{field}.unit_price", row.unit_price, line.unit_price, row, "unit_price")


def _facts_of_unit(
    row: InvoiceLine, unit: SoldUnit, parts: Sequence["_SoldPart"], given: UnitData, field: str
) -> Iterator[_Fact]:
    skus = [sold.part.product.sku for sold in parts]
    of_unit, of_parts = serials_of_unit(row.product.sku, skus, given, field)
    yield _serial_fact(f"{field}.serial", unit.serial, of_unit, unit, "serial")
    for sold, serial in zip(parts, of_parts, strict=True):
        # A part that was replaced since keeps its chain: its first serial cannot be written in afterwards.
        column = "" if sold.was_replaced else "serial"
        yield _serial_fact(f"{field}.part_serials[{sold.part.product.sku}]", sold.serial, serial, sold.part, column)


def _serial_fact(field: str, stored: str, given: str, row: Model, column: str) -> _Fact:
    same = normalise_identifier(stored) == normalise_identifier(given)
    return _Fact(field, stored, stored if same else given, row, column)


@dataclass(frozen=True)
class _SoldPart:
    """A part with the serial it was sold with, which is the first of its chain."""

    part: CoveredPart
    serial: str
    was_replaced: bool


def _parts_by_unit(invoice: Invoice) -> dict[int, list[_SoldPart]]:
    chains = SerialChange.objects.filter(part__unit__line__invoice=invoice).order_by("-pk")
    first_serial = {change.part_id: change.old_serial for change in chains}
    rows = CoveredPart.objects.select_for_update(of=("self",)).select_related("product")
    parts: dict[int, list[_SoldPart]] = defaultdict(list)
    for part in rows.filter(unit__line__invoice=invoice).order_by("unit", "position"):
        serial = first_serial.get(part.pk, part.serial)
        parts[part.unit_id].append(_SoldPart(part, serial, part.pk in first_serial))
    return parts


def _fill(news: Sequence[_Fact]) -> None:
    rows: dict[type[Model], dict[int, Model]] = defaultdict(dict)
    columns: dict[type[Model], set[str]] = defaultdict(set)
    for fact in news:
        setattr(fact.row, fact.column, fact.given)
        rows[type(fact.row)][fact.row.pk] = fact.row
        columns[type(fact.row)].add(fact.column)
        if isinstance(fact.row, SoldUnit | CoveredPart):
            fact.row.serial_fold = fold_identifier(fact.row.serial)
            columns[type(fact.row)].add("serial_fold")
    for model, changed in rows.items():
        model._default_manager.bulk_update(changed.values(), sorted(columns[model]))


def _start_by_delivery(invoice: Invoice, now: dt.datetime) -> None:
    """The delivery became known: it starts the clock of every part whose terms say so (policy 1.2)."""
    delivered_on = invoice.delivered_on
    if delivered_on is None:
        return
    by_delivery = CoveredPart.objects.filter(
        unit__line__invoice=invoice,
        terms__starts_from=WarrantyTerms.StartsFrom.DELIVERY,
        started_by=WarrantyTerms.StartsFrom.INVOICE,
    )
    parts = locked_parts(by_delivery.values_list("pk", flat=True))
    before = {part.pk: stored_clock(part) for part in parts}
    for part in parts:
        part.starts_on, part.started_by = delivered_on, WarrantyTerms.StartsFrom.DELIVERY
    restate(parts, cause=f"delivered on {delivered_on}", now=now, before=before)
