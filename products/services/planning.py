"""A sale looked at whole before its first row is written: checked, taken apart, its terms and clock found."""

import datetime as dt
import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from products.errors import Refused
from products.identifiers import fold_identifier
from products.models import CoveredPart, Customer, Invoice, InvoiceLine, WarrantyTerms
from products.services.catalogue import MOST_PARTS, Catalogue, Piece
from products.services.checking import check_fields
from products.services.clocks import set_clock
from products.services.customers import checked_customer
from products.services.sale_data import InvoiceData, LineData
from products.services.serials import serials_of_unit

_CURRENCY = re.compile(r"[A-Z]{3}")


class Serials(NamedTuple):
    """Of one sold unit: its own and one for each of its parts, '' where not known."""

    unit: str
    parts: Sequence[str]


@dataclass
class PlannedLine:
    """`serials` may be shorter than the line has units: the rest are not known. The last `refunded` went back."""

    row: InvoiceLine
    pieces: Sequence[Piece]
    serials: Sequence[Serials]
    refunded: int = 0
    refunded_on: dt.date | None = None


@dataclass
class Plan:
    """Everything a new invoice needs, looked up and checked before the first row is written.

    `start` is a part that is never stored: the clock that every part of the invoice begins with.
    """

    customer: Customer
    invoice: Invoice
    terms: WarrantyTerms
    lines: Sequence[PlannedLine]
    start: CoveredPart


class Terms:
    """All terms, read once: a long import asks for those of every invoice."""

    def __init__(self) -> None:
        self._rows = list(WarrantyTerms.objects.order_by("effective_from"))
        self._days = [terms.effective_from for terms in self._rows]

    def on(self, day: dt.date) -> WarrantyTerms:
        """The latest terms in force on that day (policy 1.3). Refused where there are none."""
        place = bisect_right(self._days, day)
        if not place:
            raise Refused(
                _("issued_on: no warranty terms were in force on %(day)s. Add terms that begin on or before that day.")
                % {"day": day},
                field="issued_on",
                code="no_terms",
            )
        return self._rows[place - 1]


def terms_in_force(on: dt.date) -> WarrantyTerms:
    """The latest terms in force on that day (policy 1.3). Refused where there are none."""
    return Terms().on(on)


def plan_sale(data: InvoiceData, catalogue: Catalogue, terms: Terms) -> Plan:
    """Refused, naming the field, for what cannot be sold or kept. No query."""
    invoice, rows = checked_invoice(data), checked_rows(data)
    in_force = terms.on(data.issued_on)
    lines = planned_lines(data, rows, catalogue)
    return Plan(checked_customer(data.customer), invoice, in_force, lines, clock_at_start(in_force, invoice, lines))


def clock_at_start(terms: WarrantyTerms, invoice: Invoice, lines: Sequence[PlannedLine]) -> CoveredPart:
    """The clock every part of a sale begins with: none has been away yet, so they are all alike."""
    starts_on, started_by = start_of(terms, invoice)
    start = CoveredPart(product=lines[0].pieces[0].product, term_months=terms.months, starts_on=starts_on)
    start.started_by = started_by
    set_clock(start, ())
    return start


def start_of(terms: WarrantyTerms, invoice: Invoice) -> tuple[dt.date, str]:
    """The first day, and what it was taken from (policy 1.2)."""
    if terms.starts_from == WarrantyTerms.StartsFrom.DELIVERY and invoice.delivered_on:
        return invoice.delivered_on, WarrantyTerms.StartsFrom.DELIVERY
    return invoice.issued_on, WarrantyTerms.StartsFrom.INVOICE


def print_of(data: InvoiceData) -> str:
    """The fingerprint of all that is said of a sale: the same words, the same print."""
    said = json.dumps(asdict(data), default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()


def checked_invoice(data: InvoiceData) -> Invoice:
    """The invoice as it would be stored, without its customer. Refused, naming the field. No query."""
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
    check_fields(invoice, but=("customer", "imported_by"))
    return invoice


def checked_rows(data: InvoiceData) -> list[InvoiceLine]:
    """The lines as they would be stored, without their products. Refused, naming the field. No query."""
    if not data.lines:
        raise Refused(_("lines: the invoice holds no product."), field="lines", code="no_lines")
    return [checked_row(line, place) for place, line in enumerate(data.lines)]


def checked_row(line: LineData, place: int) -> InvoiceLine:
    """The line at `place` (from 0). Refused, naming `lines[place]…`. No query."""
    field = f"lines[{place}]"
    row = InvoiceLine(position=place + 1, quantity=line.quantity, unit_price=line.unit_price)
    check_fields(row, but=("invoice", "product"), where=f"{field}.")
    if line.quantity < 1:
        raise _refused(f"{field}.quantity", _("at least one piece is needed."))
    if line.unit_price is not None and line.unit_price < 0:
        raise _refused(f"{field}.unit_price", _("a price cannot be negative."))
    if len(line.units) > line.quantity:
        raise _refused(f"{field}.units", _("more units are described than were sold."))
    if not 0 <= line.refunded <= line.quantity:
        raise _refused(f"{field}.refunded", _("more pieces were refunded than were sold."))
    return row


def planned_lines(data: InvoiceData, rows: Sequence[InvoiceLine], catalogue: Catalogue) -> list[PlannedLine]:
    """Each line with its pieces and serials. Refused for an article nobody knows, and for too many parts."""
    planned: list[PlannedLine] = []
    parts = 0
    for row, line in zip(rows, data.lines, strict=True):
        planned.append(planned_line(row, line, catalogue, data.issued_on))
        parts += row.quantity * len(planned[-1].pieces)
        # Looked at before anything is made: a quantity of a billion is a typing error, not work to be done.
        if parts > MOST_PARTS:
            raise too_many_parts()
    return planned


def planned_line(row: InvoiceLine, line: LineData, catalogue: Catalogue, on: dt.date) -> PlannedLine:
    """One line with its product, its pieces as of the day `on` and their serials."""
    field = f"lines[{row.position - 1}]"
    row.product = catalogue.product(line.sku.strip(), f"{field}.sku")
    pieces = catalogue.pieces(row.product, on)
    skus = [piece.product.sku for piece in pieces]
    serials = [
        Serials(*serials_of_unit(row.product.sku, skus, unit, f"{field}.units[{number}]"))
        for number, unit in enumerate(line.units)
    ]
    return PlannedLine(row, pieces, serials, line.refunded, line.refunded_on)


def too_many_parts() -> Refused:
    """The refusal of a sale larger than any real one."""
    return Refused(
        _("lines: the invoice comes to more than %(most)d parts. Split it.") % {"most": MOST_PARTS},
        field="lines",
        code="too_many_parts",
    )


def _refused(field: str, what: str) -> Refused:
    return Refused(f"{field}: {what}", field=field, code="invalid")
