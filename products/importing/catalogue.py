"""A table of products and bills of materials. A row with `kit` is a line of that kit's box; any other is a product.

Neighbouring rows of one kit (and one day, `from_on`) are its whole box. Products come first, wherever they stand: a box
may hold what is only named further down, so the file is read twice.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO

from django.db import transaction

from products.errors import Refused
from products.importing.cells import CellError, as_count, as_day, as_flag
from products.importing.columns import CATALOGUE_COLUMNS, CATALOGUE_NEEDED, guess, places
from products.importing.in_columns import in_columns
from products.importing.plain import cell
from products.importing.tables import Row, Table, Unreadable, open_table
from products.importing.taking import Rejected, Tally
from products.services.checking import Corrector
from products.services.stocking import BillLineData, ProductData, revise_bill, save_product

WORDS = {"single product": "single", "each piece by itself": "singly", "piece": "singly", "together": "lot"}


@dataclass(frozen=True)
class Taking:
    """How a catalogue is taken in: by whom (None: whoever runs a command), on which day, for good or as a trial.

    `columns`: our name of a column → the file's.
    """

    actor: Corrector | None
    today: dt.date
    dry_run: bool
    reject: Callable[[Rejected], None]
    columns: Mapping[str, str] = field(default_factory=dict)


def take_catalogue(file: IO[bytes], mapping: Mapping[str, str], taking: Taking) -> Tally:
    """Products, then boxes; each by itself. `notes` of the tally are the differences, one by one. A trial is one
    transaction: a box may hold a product that would be new."""
    tally = Tally()
    rejected: list[Rejected] = []
    # Told afterwards: what a trial takes back must not take its reasons along.
    here = replace(taking, reject=rejected.append)
    with transaction.atomic():
        for read in (_products, _boxes):
            table = open_table(file)
            at = _places(table, mapping)
            here = replace(here, columns={ours: table.header[place] for ours, place in at.items()})
            read(table, at, here, tally)
        if taking.dry_run:
            transaction.set_rollback(True)
    for one in rejected:
        taking.reject(one)
    return tally


def _places(table: Table, mapping: Mapping[str, str]) -> dict[str, int]:
    at = places(table.header, {**guess(table.header, CATALOGUE_COLUMNS), **mapping})
    missing = [name for name in CATALOGUE_NEEDED if name not in at]
    if missing:
        raise Unreadable(f"The file has no column for {', '.join(missing)}. Its columns are: {table.header}.")
    return at


def _products(table: Table, at: Mapping[str, int], taking: Taking, tally: Tally) -> None:
    for position, cells in table.rows:
        if position < 0:
            _reject((position, cells), cells[0], taking, tally)
        elif not cell(cells, at, "kit"):
            data = ProductData(
                sku=cell(cells, at, "sku"),
                name=cell(cells, at, "name") or None,
                kind=_code(cell(cells, at, "kind")),
                category=_code(cell(cells, at, "category")),
                manual_url=cell(cells, at, "manual_url") or None,
                is_active=as_flag(cell(cells, at, "is_active")) if cell(cells, at, "is_active") else None,
            )
            _do((position, cells), lambda data=data: save_product(data, actor=taking.actor), taking, tally)  # type: ignore[misc]


def _boxes(table: Table, at: Mapping[str, int], taking: Taking, tally: Tally) -> None:
    for rows in _grouped(table.rows, at):
        kit, day = cell(rows[0][1], at, "kit"), cell(rows[0][1], at, "from_on")

        def revise(rows: list[Row] = rows, kit: str = kit, day: str = day) -> list[str]:
            lines = [_line(cells, at) for _position, cells in rows]
            return revise_bill(kit, lines, from_on=as_day(day), today=taking.today, actor=taking.actor)

        _do(rows[0], revise, taking, tally, rows)


def _grouped(rows: Iterator[Row], at: Mapping[str, int]) -> Iterator[list[Row]]:
    box: list[Row] = []
    key: tuple[str, str] | None = None
    for position, cells in rows:
        kit = cell(cells, at, "kit") if position > 0 else ""
        if not kit:
            continue
        if box and key != (kit, cell(cells, at, "from_on")):
            yield box
            box = []
        key = (kit, cell(cells, at, "from_on"))
        box.append((position, cells))
    if box:
        yield box


def _line(cells: list[str], at: Mapping[str, int]) -> BillLineData:
    return BillLineData(
        sku=cell(cells, at, "sku"),
        place=cell(cells, at, "place"),
        quantity=as_count(cell(cells, at, "quantity")),
        tracked=_code(cell(cells, at, "tracked")) or "lot",
    )


def _code(text: str) -> str | None:
    plain = text.strip().lower()
    return WORDS.get(plain, plain) or None


def _do(row: Row, change: Callable[[], list[str]], taking: Taking, tally: Tally, rows: list[Row] | None = None) -> None:
    try:
        with transaction.atomic():
            differences = change()
    except (Refused, CellError) as refusal:
        named = refusal.field if isinstance(refusal, Refused) else ""
        _row, reason = in_columns(str(refusal), named, taking.columns, ())
        _reject(row, reason, taking, tally, rows)
        return
    for words in differences:
        tally.note(words)
    if not differences:
        tally.unchanged += 1
    elif ": new, " in differences[0]:
        tally.new += 1
    else:
        tally.changed += 1


def _reject(row: Row, reason: str, taking: Taking, tally: Tally, rows: list[Row] | None = None) -> None:
    tally.rejected += 1
    taking.reject(Rejected(abs(row[0]), "", reason, [cells for _position, cells in rows or [row]]))
