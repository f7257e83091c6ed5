"""An invoice becomes covered parts; terms and bill of materials are frozen as they are now (policy 1.1-1.4)."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from products.errors import Refused
from products.identifiers import fold_identifier
from products.models import CoveredPart, Invoice, InvoiceLine, SoldUnit, WarrantyTerms
from products.services.agreement import agree_and_complete
from products.services.catalogue import MOST_PARTS, Catalogue, Piece, load_catalogue
from products.services.checking import check_fields
from products.services.clocks import set_clock
from products.services.customers import find_or_create_customer
from products.services.sale_data import CustomerData, InvoiceData, LineData
from products.services.serials import serials_of_unit

_CURRENCY = re.compile(r"[A-Z]{3}")


def register_invoice(
    data: InvoiceData, *, catalogue: Catalogue | None = None, now: dt.datetime | None = None
) -> tuple[Invoice, bool]:
    """The invoice, and whether it is new. The same invoice again is found by shop and number, and left as it is.

    What was not known the first time (a serial, the day of delivery, the customer's address) is filled in; `now` is
    the moment noted where that moves a clock, by default the moment of the call. What contradicts the stored invoice
    is Refused naming the field, and so is what cannot be sold or kept; nothing is written then.
    The number of queries does not depend on the number of parts, only on how deep kits are nested; a long import may
    read the catalogue once and pass it in.
    """
    invoice, rows = _checked_invoice(data), _checked_rows(data)
    with transaction.atomic():
        known = _registered(invoice)
        if known is None:
            catalogue = catalogue or load_catalogue(line.sku.strip() for line in data.lines)
            plan = _Plan(data.customer, invoice, terms_in_force(data.issued_on), _planned_lines(data, rows, catalogue))
            try:
                with transaction.atomic():
                    return _written(plan), True
            except IntegrityError:
                # The same invoice from two sides at the same moment: the other one was first.
                known = _registered(invoice)
                if known is None:
                    raise
        agree_and_complete(known, data, now or timezone.now())
        return known, False


def terms_in_force(on: dt.date) -> WarrantyTerms:
    """The latest terms in force on that day (policy 1.3). Refused where there are none."""
    terms = WarrantyTerms.objects.filter(effective_from__lte=on).order_by("-effective_from").first()
    if terms is None:
        raise Refused(
            _("issued_on: no warranty terms were in force on %(day)s. Add terms that begin on or before that day.")
            % {"day": on},
            field="issued_on",
            code="no_terms",
        )
    return terms


class _Serials(NamedTuple):
    """Of one sold unit: its own and one for each of its parts, '' where not known."""

    unit: str
    parts: Sequence[str]


@dataclass
class _PlannedLine:
    """`serials` may be shorter than the line has units: the rest are not known."""

    row: InvoiceLine
    pieces: Sequence[Piece]
    serials: Sequence[_Serials]


@dataclass
class _Plan:
    """Everything a new invoice needs, looked up and checked before the first row is written."""

    customer: CustomerData
    invoice: Invoice
    terms: WarrantyTerms
    lines: Sequence[_PlannedLine]


def _registered(invoice: Invoice) -> Invoice | None:
    rows = Invoice.objects.select_for_update(of=("self",)).select_related("customer")
    return rows.filter(shop=invoice.shop, number=invoice.number).first()


def _checked_invoice(data: InvoiceData) -> Invoice:
    invoice = Invoice(
        shop=data.shop.strip(),
        number=data.number.strip(),
        number_fold=fold_identifier(data.number),
        country=data.country.strip().upper(),
        currency=data.currency.strip().upper(),
        issued_on=data.issued_on,
        delivered_on=data.delivered_on,
    )
    if not invoice.number_fold:
        raise _refused("number", _("an invoice needs a number with letters or digits in it."))
    if not _CURRENCY.fullmatch(invoice.currency):
        raise _refused("currency", _("“%(text)s” is no ISO 4217 code of three letters.") % {"text": data.currency})
    check_fields(invoice, but=("customer",))
    return invoice


def _checked_rows(data: InvoiceData) -> list[InvoiceLine]:
    if not data.lines:
        raise Refused(_("lines: the invoice holds no product."), field="lines", code="no_lines")
    return [_checked_row(line, place) for place, line in enumerate(data.lines)]


def _checked_row(line: LineData, place: int) -> InvoiceLine:
    field = f"lines[{place}]"
    row = InvoiceLine(position=place + 1, quantity=line.quantity, unit_price=line.unit_price)
    check_fields(row, but=("invoice", "product"), where=f"{field}.")
    if line.quantity < 1:
        raise _refused(f"{field}.quantity", _("at least one piece is needed."))
    if line.unit_price is not None and line.unit_price < 0:
        raise _refused(f"{field}.unit_price", _("a price cannot be negative."))
    if len(line.units) > line.quantity:
        raise _refused(f"{field}.units", _("more units are described than were sold."))
    return row


def _refused(field: str, what: str) -> Refused:
    return Refused(f"{field}: {what}", field=field, code="invalid")


def _planned_lines(data: InvoiceData, rows: Sequence[InvoiceLine], catalogue: Catalogue) -> list[_PlannedLine]:
    planned: list[_PlannedLine] = []
    parts = 0
    for row, line in zip(rows, data.lines, strict=True):
        planned.append(_planned_line(row, line, catalogue))
        parts += row.quantity * len(planned[-1].pieces)
        # Looked at before anything is made: a quantity of a billion is a typing error, not work to be done.
        if parts > MOST_PARTS:
            raise Refused(
                _("lines: the invoice comes to more than %(most)d parts. Split it.") % {"most": MOST_PARTS},
                field="lines",
                code="too_many_parts",
            )
    return planned


def _planned_line(row: InvoiceLine, line: LineData, catalogue: Catalogue) -> _PlannedLine:
    field = f"lines[{row.position - 1}]"
    row.product = catalogue.product(line.sku.strip(), f"{field}.sku")
    pieces = catalogue.pieces(row.product)
    skus = [piece.product.sku for piece in pieces]
    serials = [
        _Serials(*serials_of_unit(row.product.sku, skus, unit, f"{field}.units[{number}]"))
        for number, unit in enumerate(line.units)
    ]
    return _PlannedLine(row, pieces, serials)


def _written(plan: _Plan) -> Invoice:
    plan.invoice.customer = find_or_create_customer(plan.customer)
    plan.invoice.save(force_insert=True)
    for line in plan.lines:
        line.row.invoice = plan.invoice
    InvoiceLine.objects.bulk_create([line.row for line in plan.lines])
    units = [(line, unit) for line in plan.lines for unit in _units(line)]
    SoldUnit.objects.bulk_create([unit for _line, unit in units])
    CoveredPart.objects.bulk_create([part for line, unit in units for part in _parts(plan, line, unit)])
    return plan.invoice


def _units(line: _PlannedLine) -> Iterator[SoldUnit]:
    for number in range(1, line.row.quantity + 1):
        serial = line.serials[number - 1].unit if number <= len(line.serials) else ""
        # bulk_create passes save() by, so the fold is written here.
        yield SoldUnit(line=line.row, number=number, serial=serial, serial_fold=fold_identifier(serial))


def _parts(plan: _Plan, line: _PlannedLine, unit: SoldUnit) -> Iterator[CoveredPart]:
    known = line.serials[unit.number - 1].parts if unit.number <= len(line.serials) else [""] * len(line.pieces)
    starts_on, started_by = start_of(plan.terms, plan.invoice)
    for position, (piece, serial) in enumerate(zip(line.pieces, known, strict=True), start=1):
        part = CoveredPart(
            unit=unit,
            product=piece.product,
            place=piece.place,
            position=position,
            quantity=piece.quantity,
            is_lot=piece.is_lot,
            category=piece.product.category,
            serial=serial,
            serial_fold=fold_identifier(serial),
            terms=plan.terms,
            term_months=plan.terms.months,
            starts_on=starts_on,
            started_by=started_by,
        )
        set_clock(part, ())
        yield part


def start_of(terms: WarrantyTerms, invoice: Invoice) -> tuple[dt.date, str]:
    """The first day, and what it was taken from (policy 1.2)."""
    if terms.starts_from == WarrantyTerms.StartsFrom.DELIVERY and invoice.delivered_on:
        return invoice.delivered_on, WarrantyTerms.StartsFrom.DELIVERY
    return invoice.issued_on, WarrantyTerms.StartsFrom.INVOICE
