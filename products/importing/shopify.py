"""Orders as Shopify writes them: the CSV export (one row a line, the order's own columns on its first row only) and
the JSON of its webhooks and its API.

The day of the invoice is the day it was paid, as written in the shop's own time zone. What was never paid is left out;
so is a line that is not shipped and has no article number (a gift card, a tip). An order that was refunded whole ends
its cover; of one refunded in part the export does not tell the line, which the webhook does.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from products.fields import FieldError, as_list, as_object, as_text, as_whole_number
from products.importing.addresses import laid_out
from products.importing.cells import CellError, as_amount, as_day, as_flag
from products.importing.orders import Order, grouped
from products.importing.plain import RowError, cell
from products.importing.tables import Row
from products.services.sale_data import CustomerData, InvoiceData, LineData, UnitData

SHOP = "shopify"
COLUMNS = (
    "Name", "Email", "Financial Status", "Paid at", "Currency", "Created at", "Lineitem quantity", "Lineitem name",
    "Lineitem price", "Lineitem sku",
)  # fmt: skip
# Our name of a column → Shopify's, for what a refusal may name.
NAMES = {
    "number": "Name", "issued_on": "Paid at", "email": "Email", "name_of_customer": "Billing Name",
    "country": "Shipping Country", "address": "Shipping Street", "currency": "Currency", "sku": "Lineitem sku",
    "quantity": "Lineitem quantity", "unit_price": "Lineitem price", "serial": "Note Attributes",
}  # fmt: skip
UNPAID = ("pending", "authorized", "voided", "expired", "unpaid", "partially_paid")
_SERIAL = re.compile(r"\bserials?\b|\bseriennummern?\b|\bs/?n\b", re.IGNORECASE)


def is_shopify(header: Sequence[str]) -> bool:
    """Whether these are the columns of Shopify's export of orders."""
    return {"Name", "Lineitem sku", "Lineitem quantity", "Financial Status"} <= set(header)


def places(header: Sequence[str]) -> dict[str, int]:
    """Shopify's name of a column → its place; of two of one name the first."""
    return {name: place for place, name in reversed(list(enumerate(header)))}


# ── the export ───────────────────────────────────────────────────────────────────────────────────────────────────


def read_orders(rows: Iterator[Row], at: Mapping[str, int], shop: str = "") -> Iterator[Order]:
    for order in grouped(rows, lambda cells: cell(cells, at, "Name")):
        if not order.problem:
            try:
                _read_order(order, at, shop or SHOP)
            except RowError as error:
                order.problem, order.problem_at = str(error), error.position
            except CellError as error:
                order.problem = str(error)
        yield order


def _read_order(order: Order, at: Mapping[str, int], shop: str) -> None:
    first = order.rows[0][1]
    status = cell(first, at, "Financial Status").lower()
    if status in UNPAID:
        order.skipped = f"not paid ({status})"
        return
    if not order.number:
        raise RowError(order.rows[0][0], "Name: the row belongs to no order")
    day = as_day(cell(first, at, "Paid at")) or as_day(cell(first, at, "Created at"))
    if day is None:
        raise RowError(order.rows[0][0], "Paid at: the order has no date")
    read = [(position, _line(position, cells, at, status)) for position, cells in order.rows]
    order.line_rows = [position for position, line in read if line is not None]
    lines = [line for _position, line in read if line is not None]
    if not lines:
        order.skipped = "nothing in it is shipped"
        return
    if status == "partially_refunded":
        order.note = f"{order.number}: refunded in part; the export does not say which line"
    country = cell(first, at, "Shipping Country") or cell(first, at, "Billing Country")
    order.sale = InvoiceData(
        number=order.number,
        shop=shop,
        issued_on=day,
        country=country if len(country) == 2 else "",
        currency=cell(first, at, "Currency") or "EUR",
        customer=CustomerData(
            email=cell(first, at, "Email"),
            name=cell(first, at, "Billing Name") or cell(first, at, "Shipping Name"),
            country=country if len(country) == 2 else "",
            address=_address(first, at),
        ),
        lines=tuple(_with_serials(lines, cell(first, at, "Note Attributes"))),
    )


def _line(position: int, cells: Sequence[str], at: Mapping[str, int], status: str) -> LineData | None:
    sku, quantity = cell(cells, at, "Lineitem sku"), cell(cells, at, "Lineitem quantity")
    name = cell(cells, at, "Lineitem name")
    if not (sku or name or quantity):
        return None  # a further payment or address of the order, without a line of its own
    if not sku:
        if "Lineitem requires shipping" in at and not as_flag(cell(cells, at, "Lineitem requires shipping")):
            return None
        raise RowError(position, f"Lineitem sku: “{name[:60]}” has no article number. Give it one in the shop.")
    try:
        pieces = int(quantity or "1")
        price = as_amount(cell(cells, at, "Lineitem price"))
    except ValueError as error:
        raise RowError(position, f"Lineitem quantity or price: {error}") from None
    if pieces < 1:
        return None
    return LineData(sku, pieces, price, refunded=pieces if status == "refunded" else 0)


def _address(first: Sequence[str], at: Mapping[str, int]) -> str:
    said = {name: cell(first, at, f"Shipping {name}") for name in ("Street", "City", "Zip", "Province", "Country")}
    if not (said["Street"] or said["City"]):
        return said["Country"]
    return laid_out(
        street=said["Street"], town=said["City"], code=said["Zip"].lstrip("'"), region=said["Province"],
        country=said["Country"],
    )  # fmt: skip


def _with_serials(lines: Sequence[LineData], notes: str) -> Iterator[LineData]:
    """`Serial number: SN-1, SN-2` among the notes of an order that holds one line says whose they are."""
    written = [
        serial
        for line in notes.splitlines()
        if _SERIAL.search(line.partition(":")[0])
        for serial in _split(line.partition(":")[2])
    ]
    for line in lines:
        if len(lines) == 1 and written:
            yield _numbered(line, written)
        else:
            yield line


def _numbered(line: LineData, serials: Sequence[str]) -> LineData:
    units = tuple(UnitData(serial) for serial in serials[: line.quantity])
    return LineData(line.sku, line.quantity, line.unit_price, units, line.refunded, line.refunded_on)


def _split(text: str) -> list[str]:
    return [serial.strip() for serial in re.split(r"[,;|\n]", text) if serial.strip()]


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def order_of(payload: Mapping[str, Any], shop: str = "") -> InvoiceData | None:
    """An order as webhooks and the API hold it; None for one that was never paid or holds nothing that is shipped.

    FieldError names what is missing or cannot be.
    """
    status = as_text(payload.get("financial_status"), "financial_status").lower()
    if status in UNPAID:
        return None
    refunds = _refunds(payload)
    lines = [
        line
        for place, raw in enumerate(as_list(payload.get("line_items") or [], "line_items"))
        if (line := _json_line(as_object(raw, f"line_items[{place}]"), refunds, f"line_items[{place}]")) is not None
    ]
    if not lines:
        return None
    address = as_object(payload.get("shipping_address") or payload.get("billing_address") or {}, "shipping_address")
    country = as_text(address.get("country_code"), "country_code")
    return InvoiceData(
        number=as_text(payload.get("name"), "name"),
        shop=shop or SHOP,
        issued_on=_json_day(payload),
        delivered_on=delivered_on(payload.get("fulfillments")),
        country=country,
        currency=as_text(payload.get("currency"), "currency") or "EUR",
        customer=CustomerData(
            email=as_text(payload.get("email") or payload.get("contact_email"), "email"),
            name=as_text(address.get("name"), "name"),
            country=country,
            language=as_text(payload.get("customer_locale"), "customer_locale").partition("-")[0][:2],
            address=_json_address(address),
        ),
        lines=tuple(lines),
    )


def delivered_on(fulfillments: Any) -> dt.date | None:
    """The day the last parcel was delivered, in the calendar the shop writes; None while one is on the way."""
    days = []
    for raw in as_list(fulfillments or [], "fulfillments"):
        one = as_object(raw, "fulfillments")
        if one.get("status") == "cancelled":
            continue
        if one.get("shipment_status") != "delivered":
            return None
        written = as_text(one.get("delivered_at") or one.get("updated_at"), "delivered_at")
        days.append(_day(written, "fulfillments.updated_at"))
    return max(days, default=None)


def _json_day(payload: Mapping[str, Any]) -> dt.date:
    written = payload.get("processed_at") or payload.get("created_at")
    return _day(as_text(written, "processed_at"), "processed_at")


def _day(written: str, field: str) -> dt.date:
    try:
        day = as_day(written)
    except CellError as error:
        raise FieldError(field, str(error)) from None
    if day is None:
        raise FieldError(field, "missing")
    return day


def _json_line(raw: Mapping[str, Any], refunds: "_Refunds", where: str) -> LineData | None:
    sku = as_text(raw.get("sku"), f"{where}.sku").strip()
    quantity = as_whole_number(raw.get("quantity", 1), f"{where}.quantity")
    if quantity < 1 or (not sku and raw.get("requires_shipping") is False):
        return None
    if not sku:
        title = as_text(raw.get("title"), "title")[:60]
        raise FieldError(f"{where}.sku", f"“{title}” has no article number. Give it one in the shop.")
    units = tuple(UnitData(serial) for serial in _properties(raw)[:quantity])
    gone, day = refunds.of(raw.get("id"))
    try:
        price = as_amount(as_text(raw.get("price"), f"{where}.price"))
    except CellError as error:
        raise FieldError(f"{where}.price", str(error)) from None
    return LineData(sku, quantity, price, units, min(gone, quantity), day)


def _properties(raw: Mapping[str, Any]) -> list[str]:
    """Serial numbers as the properties of a line hold them."""
    found: list[str] = []
    for one in as_list(raw.get("properties") or [], "properties"):
        if isinstance(one, dict) and _SERIAL.search(str(one.get("name") or "")):
            found += _split(str(one.get("value") or ""))
    return found


class _Refunds:
    """How many pieces of each line were refunded, and the day of the last refund."""

    def __init__(self) -> None:
        self.pieces: Counter[Any] = Counter()
        self.days: dict[Any, dt.date] = {}

    def of(self, line_id: Any) -> tuple[int, dt.date | None]:
        return self.pieces[line_id], self.days.get(line_id)


def _refunds(payload: Mapping[str, Any]) -> _Refunds:
    found = _Refunds()
    for place, raw in enumerate(as_list(payload.get("refunds") or [], "refunds")):
        refund = as_object(raw, f"refunds[{place}]")
        day = _day(as_text(refund.get("created_at"), "created_at"), f"refunds[{place}].created_at")
        for line in _refunded_lines(refund, f"refunds[{place}]"):
            line_id = line.get("line_item_id")
            found.pieces[line_id] += as_whole_number(line.get("quantity", 0), f"refunds[{place}].quantity")
            found.days[line_id] = max(day, found.days.get(line_id, day))
    return found


def _refunded_lines(refund: Mapping[str, Any], where: str) -> Iterable[Mapping[str, Any]]:
    for raw in as_list(refund.get("refund_line_items") or [], f"{where}.refund_line_items"):
        yield as_object(raw, f"{where}.refund_line_items")


def _json_address(address: Mapping[str, Any]) -> str:
    said = {name: str(address.get(name) or "") for name in ("city", "zip", "province", "province_code", "country_code")}
    street = "\n".join(str(address[name]) for name in ("address1", "address2") if address.get(name))
    if not (street or said["city"]):
        return str(address.get("country") or "")
    return laid_out(
        street=street, town=said["city"], code=said["zip"], region=said["province_code"] or said["province"],
        country=said["country_code"] or str(address.get("country") or ""),
    )  # fmt: skip
