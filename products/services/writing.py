"""Planned sales become rows: a handful of statements for any number of invoices.

Parts are by far the most rows. Where the database takes them as a stream (PostgreSQL's COPY) the text of a unit's parts
is written once for each kit, and only its key and the clock of the sale differ from one to the next.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from products.identifiers import fold_identifier
from products.models import CoveredPart, Invoice, InvoiceLine, SoldUnit
from products.services.clocks import CLOCK_FIELDS
from products.services.customers import find_or_create_customers
from products.services.planning import Plan, PlannedLine

OF_UNIT = ("unit",)
OF_PIECE = ("product", "place", "position", "quantity", "category", "is_lot", "serial", "serial_fold")
OF_SALE = ("terms", "term_months", "starts_on", "started_by", *CLOCK_FIELDS, "voided_at")
UNIT_MARK, SALE_MARK = "\x00", "\x01"  # stand for what is left open; no text that is kept holds them
UNITS_A_WRITE = 50
STREAM_FROM = 200  # parts; below, a plain statement is quicker
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class NewUnit(NamedTuple):
    """A sold unit whose parts are to be written, with the line and the plan it came from."""

    plan: Plan
    line: PlannedLine
    unit: SoldUnit


def write_plans(plans: Sequence[Plan], now: dt.datetime | None = None) -> list[Invoice]:
    """Every plan as rows, in the caller's transaction. Refused where a customer cannot be kept."""
    customers = find_or_create_customers([plan.customer for plan in plans])
    for plan, customer in zip(plans, customers, strict=True):
        plan.invoice.customer = customer
    Invoice.objects.bulk_create([plan.invoice for plan in plans])
    for plan in plans:
        for line in plan.lines:
            line.row.invoice = plan.invoice
    InvoiceLine.objects.bulk_create([line.row for plan in plans for line in plan.lines])
    today = timezone.localdate(now)
    write_units([NewUnit(plan, line, unit) for plan in plans for line in plan.lines for unit in _units(line, today)])
    return [plan.invoice for plan in plans]


def write_units(units: Sequence[NewUnit]) -> None:
    """The units and all their parts. Their lines are stored already."""
    SoldUnit.objects.bulk_create([new.unit for new in units])
    parts = sum(len(new.line.pieces) for new in units)
    if connection.vendor == "postgresql" and parts >= STREAM_FROM:
        _stream(units)
    else:
        CoveredPart.objects.bulk_create(part for new in units for part in _parts(new))


def _units(line: PlannedLine, today: dt.date) -> Iterator[SoldUnit]:
    for number in range(1, line.row.quantity + 1):
        serial = line.serials[number - 1].unit if number <= len(line.serials) else ""
        gone = number > line.row.quantity - line.refunded
        # bulk_create passes save() by, so the fold is written here.
        yield SoldUnit(
            line=line.row,
            number=number,
            serial=serial,
            serial_fold=fold_identifier(serial),
            refunded_on=(line.refunded_on or today) if gone else None,
        )


def serials_of(new: NewUnit) -> Sequence[str]:
    """The serials of its parts, in order; empty where none is known."""
    number = new.unit.number
    return new.line.serials[number - 1].parts if number <= len(new.line.serials) else ()


def _parts(new: NewUnit) -> Iterator[CoveredPart]:
    serials = serials_of(new) or [""] * len(new.line.pieces)
    start = new.plan.start
    clock = {name: getattr(start, name) for name in CLOCK_FIELDS}
    for position, (piece, serial) in enumerate(zip(new.line.pieces, serials, strict=True), start=1):
        yield CoveredPart(
            unit=new.unit,
            product=piece.product,
            place=piece.place,
            position=position,
            quantity=piece.quantity,
            is_lot=piece.is_lot,
            category=piece.product.category,
            serial=serial,
            serial_fold=fold_identifier(serial),
            terms=new.plan.terms,
            term_months=new.plan.terms.months,
            starts_on=start.starts_on,
            started_by=start.started_by,
            **clock,
        )


# ── as a stream ──────────────────────────────────────────────────────────────────────────────────────────────────


def _stream(units: Iterable[NewUnit]) -> None:
    meta = CoveredPart._meta
    columns = ", ".join(f'"{_field(name).column}"' for name in (*OF_UNIT, *OF_PIECE, *OF_SALE))
    with connection.cursor() as cursor, cursor.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as copy:
        texts = _texts(units)
        while some := "".join(islice(texts, UNITS_A_WRITE)):
            copy.write(some)


def _texts(units: Iterable[NewUnit]) -> Iterator[str]:
    bills: dict[int, str] = {}
    for new in units:
        if any(serials_of(new)):
            bill = _bill(new)
        else:
            bill = bills.get(id(new.line.pieces)) or bills.setdefault(id(new.line.pieces), _bill(new))
        yield bill.replace(SALE_MARK, _sale(new)).replace(UNIT_MARK, str(new.unit.pk))


def _bill(new: NewUnit) -> str:
    """The parts of a unit as COPY reads them, made from the rows themselves; unit and sale are left open."""
    return "".join(
        "\t".join((UNIT_MARK, *(_written(part, name) for name in OF_PIECE), SALE_MARK)) + "\n" for part in _parts(new)
    )


def _sale(new: NewUnit) -> str:
    """What all the parts of a sale have alike: terms and clock."""
    part = next(_parts(new))
    return "\t".join(_written(part, name) for name in OF_SALE)


def _written(part: CoveredPart, name: str) -> str:
    value = getattr(part, _field(name).attname)
    return "\\N" if value is None else str(value).translate(_ESCAPES)


def _field(name: str) -> Any:
    return CoveredPart._meta.get_field(name)
