"""A table of sales taken in: order by order, many at a time, whatever is wrong with one leaving the others alone."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from products.errors import Refused
from products.importing import plain, serials, shopify
from products.importing.columns import INVOICE_COLUMNS, INVOICE_NEEDED, SERIAL_NEEDED, guess, places
from products.importing.in_columns import in_columns
from products.importing.orders import Order
from products.importing.repeated import repeated
from products.importing.tables import Table, Unreadable
from products.services import Registration, register_invoices
from products.spreadsheet import harmless

AT_ONCE = 250  # orders; of kits of sixty parts that is fifteen thousand rows a statement
MOST_NOTES = 200
LAYOUTS = ("auto", "plain", "shopify", "serials")


class Rejected(NamedTuple):
    """An order that did not go in: where it began, why, and its rows."""

    position: int
    number: str
    reason: str
    rows: list[list[str]]


@dataclass
class Tally:
    """What became of the orders so far."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        return self.new + self.changed + self.unchanged + self.rejected + self.skipped

    def note(self, words: str) -> None:
        if len(self.notes) < MOST_NOTES:
            self.notes.append(words)


@dataclass(frozen=True)
class Layout:
    """How this table is to be read: `name`, and in which column what stands; `mapping`: our name → the file's."""

    name: str
    at: Mapping[str, int]
    mapping: Mapping[str, str]

    def orders(self, table: Table, shop: str) -> Iterator[Order]:
        read = {"plain": plain.read_orders, "shopify": shopify.read_orders, "serials": serials.read_orders}
        return read[self.name](table.rows, self.at, shop)


def find_layout(table: Table, name: str = "auto", mapping: Mapping[str, str] | None = None) -> Layout:
    """The layout asked for, or the one the header shows. `mapping` (our name → theirs) goes before what is guessed.
    Unreadable, naming what is missing, where a column that is needed is not there."""
    if name == "shopify" or (name == "auto" and not mapping and shopify.is_shopify(table.header)):
        at = shopify.places(table.header)
        _need(("Name", "Lineitem sku", "Lineitem quantity"), at, table)
        return Layout("shopify", at, shopify.NAMES)
    mapping = {**guess(table.header, INVOICE_COLUMNS), **(mapping or {})}
    at = places(table.header, mapping)
    if name == "serials" or (name == "auto" and "issued_on" not in at and set(SERIAL_NEEDED) <= at.keys()):
        _need(SERIAL_NEEDED, at, table)
        return Layout("serials", at, mapping)
    _need(INVOICE_NEEDED, at, table)
    return Layout("plain", at, mapping)


def _need(names: Iterable[str], at: Mapping[str, int], table: Table) -> None:
    missing = [name for name in names if name not in at]
    if missing:
        raise Unreadable(
            _("The file has no column for %(missing)s. Its columns are: %(there)s.")
            % {"missing": ", ".join(missing), "there": ", ".join(table.header)[:300]}
        )


def take_orders(
    table: Table,
    layout: Layout,
    registration: Registration,
    *,
    shop: str = "",
    dry_run: bool = False,
    reject: Callable[[Rejected], None],
    told: Callable[[Tally], None] = lambda _tally: None,
) -> Tally:
    """Every order of the table, in order; `told` hears after each batch how it stands. Memory does not grow with the
    file. A dry run does all of it and takes each batch back."""
    tally = Tally()
    orders = layout.orders(table, shop)
    with repeated() as further_up:
        while batch := list(islice(orders, AT_ONCE)):
            further_up.refuse_contradictions(batch)
            # Told only once the batch is through: what a trial takes back must not take its reasons along.
            rejected: list[Rejected] = []
            with transaction.atomic():
                _take(batch, layout, registration, tally, rejected.append)
                if dry_run:
                    transaction.set_rollback(True)
            for one in rejected:
                reject(one)
            told(tally)
    return tally


def _take(
    batch: list[Order], layout: Layout, registration: Registration, tally: Tally, reject: Callable[[Rejected], None]
) -> None:
    for order in batch:
        if order.skipped:
            tally.skipped += 1
            tally.note(f"{order.number}: {order.skipped}")
        if order.note:
            tally.note(order.note)
        if order.problem:
            _reject(order, order.problem, layout, tally, reject)
    if layout.name == "serials":
        _take_serials(batch, layout, registration, tally, reject)
        return
    sold = [(order, order.sale) for order in batch if order.sale is not None and not order.problem]
    for (order, _sale), answer in zip(
        sold, register_invoices([sale for _order, sale in sold], registration), strict=True
    ):
        if answer.refusal is not None:
            _reject(order, answer.refusal, layout, tally, reject)
        else:
            setattr(tally, answer.outcome, getattr(tally, answer.outcome) + 1)


def _take_serials(
    batch: list[Order], layout: Layout, registration: Registration, tally: Tally, reject: Callable[[Rejected], None]
) -> None:
    for order in batch:
        if order.problem:
            continue
        try:
            filled = serials.record(order, registration)
        except (Refused, plain.RowError) as refusal:
            _reject(order, refusal, layout, tally, reject)
            continue
        if filled:
            tally.changed += 1
        else:
            tally.unchanged += 1


def _reject(
    order: Order, why: Exception | str, layout: Layout, tally: Tally, reject: Callable[[Rejected], None]
) -> None:
    tally.rejected += 1
    field = why.field if isinstance(why, Refused) else ""
    row, reason = in_columns(str(why), field, layout.mapping, order.line_rows)
    reject(Rejected(row or order.position, order.number, reason, [cells for _position, cells in order.rows]))


class RejectedFile:
    """`FILE.rejected.csv`: the rows as they were, with a column that says why. Made only once there is one.

    It is written beside the file and may be corrected and given again: the column `reason` is no column of ours.
    """

    def __init__(self, open_file: Callable[[], IO[str]], header: list[str]) -> None:
        self._open, self._header = open_file, [name for name in header if name != "reason"]
        self._leave_out = header.index("reason") if "reason" in header else None
        self._file: IO[str] | None = None

    def __call__(self, rejected: Rejected) -> None:
        if self._file is None:
            self._file = self._open()
            csv.writer(self._file).writerow([*map(harmless, self._header), "reason"])
        writer = csv.writer(self._file)
        reason = _("row %(position)d: %(reason)s") % {"position": rejected.position, "reason": rejected.reason}
        for cells in rejected.rows:
            writer.writerow([*map(harmless, self._filled(cells)), harmless(reason)])

    def _filled(self, cells: list[str]) -> list[str]:
        kept = [cell for place, cell in enumerate(cells) if place != self._leave_out]
        return (kept + [""] * len(self._header))[: len(self._header)]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
