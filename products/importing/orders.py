"""Rows that belong to one order, and what became of reading them. Pure but for the data classes of the services."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from products.services.sale_data import InvoiceData

MOST_ROWS = 20_000  # of one order; it is held in memory whole


@dataclass
class Order:
    """The rows of one order as they stood in the file. One of `sale` and `problem` says what they mean; neither: the
    order is left out (`skipped` says why), because it is none of a warranty's business. `line_rows`: in which row each
    line of the sale stands."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    number: str = ""
    sale: InvoiceData | None = None
    problem: str = ""
    problem_at: int = 0
    skipped: str = ""
    note: str = ""
    serials: dict[str, str] = field(default_factory=dict)
    line_rows: list[int] = field(default_factory=list)

    @property
    def position(self) -> int:
        return self.problem_at or abs(self.rows[0][0])


def grouped(rows: Iterable[tuple[int, list[str]]], number_of: Callable[[Sequence[str]], str]) -> Iterator[Order]:
    """Neighbouring rows with the same number, or with none, are one order. Rows that could not be read come alone."""
    order = Order()
    for position, cells in rows:
        if position < 0:
            if order.rows:
                yield order
            yield Order([(position, cells)], problem=cells[0])
            order = Order()
            continue
        number = number_of(cells).strip()
        if order.rows and number and number != order.number:
            yield order
            order = Order()
        if len(order.rows) >= MOST_ROWS:
            yield Order(order.rows[:1], order.number, problem=f"more than {MOST_ROWS} rows for one order")
            order = Order()
        order.number = order.number or number
        order.rows.append((position, cells))
    if order.rows:
        yield order
