"""Our own table of sales: a row for each line of an invoice; the first, or all, say what belongs to the whole of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from products.importing.cells import CellError, as_amount, as_count, as_day, as_list
from products.importing.orders import Order, grouped
from products.importing.tables import Row
from products.services.sale_data import CustomerData, InvoiceData, LineData, UnitData

ONCE = (
    "issued_on", "email", "name_of_customer", "country", "address", "language", "currency", "delivered_on", "shop",
)  # fmt: skip


class RowError(ValueError):
    """A row says something that cannot be: where, and what."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(what)
        self.position = position


def read_orders(rows: Iterator[Row], at: Mapping[str, int], shop: str = "") -> Iterator[Order]:
    """Each order with its sale or its problem; `at` says in which column what stands."""
    for order in grouped(rows, lambda cells: cell(cells, at, "number")):
        if not order.problem:
            try:
                order.sale = _sale(order, at, shop)
                order.line_rows = [position for position, _cells in order.rows]
            except RowError as error:
                order.problem, order.problem_at = str(error), error.position
        yield order


def cell(cells: Sequence[str], at: Mapping[str, int], name: str) -> str:
    """What stands in our column `name`, no blanks around it; empty where file or row has no such column."""
    place = at.get(name)
    return cells[place].strip() if place is not None and place < len(cells) else ""


def _sale(order: Order, at: Mapping[str, int], shop: str) -> InvoiceData:
    if not order.number:
        raise RowError(order.rows[0][0], "number: the row belongs to no invoice")
    once = {name: _once(order, at, name) for name in ONCE}
    issued_on = _read(order.rows[0][0], "issued_on", as_day, once["issued_on"])
    if issued_on is None:
        raise RowError(order.rows[0][0], "issued_on: the invoice has no date")
    return InvoiceData(
        number=order.number,
        shop=once["shop"] or shop,
        issued_on=issued_on,
        delivered_on=_read(order.rows[0][0], "delivered_on", as_day, once["delivered_on"]),
        country=once["country"],
        currency=once["currency"] or "EUR",
        customer=CustomerData(
            email=once["email"], name=once["name_of_customer"], country=once["country"], language=once["language"],
            address=once["address"],
        ),
        lines=tuple(_line(position, cells, at) for position, cells in order.rows),
    )  # fmt: skip


def _once(order: Order, at: Mapping[str, int], name: str) -> str:
    """What all rows of the order agree on. RowError at the first row that contradicts another."""
    found = ""
    for position, cells in order.rows:
        said = cell(cells, at, name)
        if said and found and said != found:
            raise RowError(position, f"{name}: “{said[:60]}” contradicts “{found[:60]}” further up in the same invoice")
        found = found or said
    return found


def _line(position: int, cells: Sequence[str], at: Mapping[str, int]) -> LineData:
    sku = cell(cells, at, "sku")
    if not sku:
        raise RowError(position, "sku: the row names no article")
    return LineData(
        sku=sku,
        quantity=_read(position, "quantity", as_count, cell(cells, at, "quantity")),
        unit_price=_read(position, "unit_price", as_amount, cell(cells, at, "unit_price")),
        units=_units(position, cells, at),
        refunded=_read(position, "refunded", lambda text: as_count(text, 0), cell(cells, at, "refunded")),
        refunded_on=_read(position, "refunded_on", as_day, cell(cells, at, "refunded_on")),
    )


def _units(position: int, cells: Sequence[str], at: Mapping[str, int]) -> tuple[UnitData, ...]:
    serials = as_list(cell(cells, at, "serial"))
    of_parts = part_serials(position, cell(cells, at, "part_serials"))
    if of_parts and len(serials) <= 1:
        return (UnitData(serials[0] if serials else "", of_parts),)
    if of_parts:
        raise RowError(position, "part_serials: write one row for each piece where the serials of its parts are known")
    return tuple(UnitData(serial) for serial in serials)


def part_serials(position: int, text: str) -> dict[str, tuple[str, ...]]:
    """`MOTOR=SN-1|SN-2; BOARD=SN-9`."""
    found: dict[str, tuple[str, ...]] = {}
    for piece in text.split(";"):
        if not piece.strip():
            continue
        sku, mark, serials = piece.partition("=")
        if not mark:
            raise RowError(position, f"part_serials: “{piece.strip()[:60]}” is not written ARTICLE=SERIAL|SERIAL")
        found[sku.strip()] = tuple(as_list(serials))
    return found


def _read(position: int, name: str, read: Any, text: str) -> Any:
    try:
        return read(text)
    except CellError as error:
        raise RowError(position, f"{name}: {error}") from None
