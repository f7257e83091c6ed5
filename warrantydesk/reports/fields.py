"""The geometry of shares (a bar cut in pieces) and of heat maps (a field of shaded cells).                    [pure]"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from warrantydesk.reports.charts import INKS, LONGEST_LABEL, NUMBER_WIDTH, ROW, whole, words_width, written
from warrantydesk.reports.charts import SHADES as INKS_OF_HEAT
from warrantydesk.reports.letters import cut

SHARES_WIDTH = 376
CELL, CELL_HEIGHT, HEAT_LABEL, HEAT_HEAD = 34, 24, 64, 22
SHADES = 5


@dataclass(frozen=True, slots=True)
class Piece:
    x: str
    width: str
    number: int
    ink: str
    says: str


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    label: str
    y: str
    text_y: str
    total_x: str
    total: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    width: int
    height: int
    bar_height: int
    names: tuple[tuple[int, str, str], ...]
    bars: tuple[Bar, ...]
    says: str
    shape: str = "shares"


def shares(names: Sequence[str], values: Sequence[tuple[str, Sequence[float]]]) -> Shares:
    """Lying bars as long as their sum, cut into one piece for each of `names` (at most four)."""
    most = max((sum(numbers) for _name, numbers in values), default=0) or 1
    left = words_width(name for name, _numbers in values)
    scale = (SHARES_WIDTH - left - NUMBER_WIDTH) / most
    bars = tuple(_bar(place, name, numbers, names, left, scale) for place, (name, numbers) in enumerate(values))
    said = "; ".join(
        f"{name}: {', '.join(f'{one} {whole(number)}' for one, number in zip(names, numbers, strict=True))}"
        for name, numbers in values
    )
    return Shares(
        SHARES_WIDTH,
        ROW * len(values),
        ROW - 10,
        tuple((number, INKS[number - 1], name) for number, name in enumerate(names, start=1)),
        bars,
        said,
    )


def _bar(place: int, name: str, numbers: Sequence[float], names: Sequence[str], left: int, scale: float) -> Bar:
    pieces, x = [], float(left)
    for number, (what, value) in enumerate(zip(names, numbers, strict=True), start=1):
        if value:
            pieces.append(
                Piece(written(x), written(value * scale), number, INKS[number - 1], f"{name}, {what}: {whole(value)}")
            )
        x += value * scale
    y = place * ROW
    total = whole(sum(numbers))
    return Bar(
        name, cut(name, LONGEST_LABEL), written(y + 5), written(y + ROW / 2 + 4), written(x + 8), total, tuple(pieces)
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """`shade` goes from 0 (nothing) to SHADES (the most of the field); `text` is empty where there is no figure."""

    x: str
    y: str
    middle_x: str
    middle_y: str
    shade: int
    ink: str
    text: str
    says: str


@dataclass(frozen=True, slots=True)
class Heat:
    width: int
    height: int
    cell_width: int
    cell_height: int
    heads: tuple[tuple[str, str], ...]
    sides: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]
    says: str
    shape: str = "heat"


def heat(
    heads: Sequence[str], lines: Sequence[tuple[str, Sequence[float | None]]], said: Callable[[float], str] = whole
) -> Heat:
    """A line of cells for each name; None is no figure, and an empty place."""
    most = max((value for _name, values in lines for value in values if value is not None), default=0.0)
    cells = tuple(
        _cell(line, column, f"{name}, {heads[column]}", value, most, said)
        for line, (name, values) in enumerate(lines)
        for column, value in enumerate(values)
        if value is not None
    )
    return Heat(
        width=HEAT_LABEL + CELL * len(heads),
        height=HEAT_HEAD + CELL_HEIGHT * len(lines),
        cell_width=CELL - 2,
        cell_height=CELL_HEIGHT - 2,
        heads=tuple((written(HEAT_LABEL + CELL * (at + 0.5)), head) for at, head in enumerate(heads)),
        sides=tuple((written(HEAT_HEAD + CELL_HEIGHT * (at + 0.65)), name) for at, (name, _values) in enumerate(lines)),
        cells=cells,
        says="; ".join(cell.says for cell in cells if cell.shade),
    )


def _cell(line: int, column: int, name: str, value: float, most: float, said: Callable[[float], str]) -> Cell:
    x, y = HEAT_LABEL + CELL * column, HEAT_HEAD + CELL_HEIGHT * line
    shade = max(round(value / most * SHADES), 1) if value > 0 and most else 0
    middle = (written(x + CELL / 2 - 1), written(y + CELL_HEIGHT * 0.65))
    return Cell(written(x), written(y), *middle, shade, INKS_OF_HEAT[shade], said(value), f"{name}: {said(value)}")
