"""The geometry of bar charts: numbers in, places of an SVG out, written so that no language changes them.     [pure]

Curves are in `curves`, shares and heat maps in `fields`; `drawn` writes each by its shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from warrantydesk.reports.letters import breadth, cut

STEPS = (1, 2, 5)
WIDTH = 640
LEFT, RIGHT, TOP, FOOT = 42, 8, 20, 24
PLOT_HEIGHT = 140
# As narrow as a phone, so that the text is never scaled down.
ROWS_WIDTH, ROW, NUMBER_WIDTH = 340, 26, 50
LETTER, LYING_LETTER = 6, 7  # about as wide as one is drawn, on the average and at the most
MOST_LABELS = 13
TEN_THOUSAND, A_THOUSAND_THOUSANDS = 10_000, 999_500  # from here on a number is written in thousands, in millions
SHORTEST_LABEL, LONGEST_LABEL = 8, 23  # letters of the words before a lying bar
# For paper, whose writer reads no style sheet inside a drawing; on screen the style sheet has the last word.
INKS = ("#0a6863", "#9a6200", "#2c5fb8", "#7d3f98")
SHADES = ("#f5f7f8", "#e2efee", "#bfd8d6", "#91bbb8", "#4f918d", "#0a6863")


class Drawing(Protocol):
    """Anything a table can be drawn as."""

    @property
    def shape(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with its words: `label` under or before it (empty where there is no room), `value` at its end."""

    x: str
    y: str
    width: str
    height: str
    label: str
    name: str
    value: float
    shown: str
    label_at: str
    value_at: str


@dataclass(frozen=True, slots=True)
class Line:
    at: str
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    foot: str
    bars: tuple[Bar, ...]
    grid: tuple[Line, ...]
    shape: str = "columns"


def whole(value: float) -> str:
    """A number as it stands at its bar: 7, 7.5, 9876, and what is longer as 12.3k or 1.2M. The table has all of it."""
    if value >= A_THOUSAND_THOUSANDS:
        return f"{value / 1e6:.3g}M"
    if value >= TEN_THOUSAND:
        return f"{value / 1e3:.3g}k"
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def every_nth(labels: Sequence[str], room: float) -> int:
    """Of labels side by side in `room`, every how many are written so that none stands on its neighbour."""
    fit = int(room // (max(map(breadth, labels), default=0) * LETTER + LETTER))
    return -(-len(labels) // max(min(fit, MOST_LABELS), 1)) or 1


def columns(values: Sequence[tuple[str, float]], said: Callable[[float], str] = whole) -> Chart:
    """Upright bars over a grid of whole numbers, for what goes on in time; every n-th label where they get narrow."""
    top = grid_to(max((value for _label, value in values), default=0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    every = every_nth([label for label, _value in values], WIDTH - LEFT - RIGHT)
    bottom = TOP + PLOT_HEIGHT
    bars = tuple(
        _column(number, label, value, said(value), slot, value / top[-1] * PLOT_HEIGHT, shown=number % every == 0)
        for number, (label, value) in enumerate(values)
    )
    grid = tuple(Line(written(bottom - value / top[-1] * PLOT_HEIGHT), value) for value in top)
    return Chart(WIDTH, bottom + FOOT, written(bottom), bars, grid)


def _column(number: int, name: str, value: float, said: str, slot: float, height: float, *, shown: bool) -> Bar:
    width = min(slot * 0.7, 36)
    middle, y = LEFT + (number + 0.5) * slot, TOP + PLOT_HEIGHT - height
    return Bar(
        x=written(middle - width / 2), y=written(y), width=written(width), height=written(height),
        label=name if shown else "", name=name, value=value, shown=said,
        label_at=written(middle), value_at=written(y - 5),
    )  # fmt: skip


def rows(values: Sequence[tuple[str, float]], said: Callable[[float], str] = whole) -> Chart:
    """Lying bars with their words before them, for things that are compared."""
    most, left = max((value for _label, value in values), default=0) or 1, words_width(name for name, _value in values)
    room = ROWS_WIDTH - left - NUMBER_WIDTH
    bars = tuple(
        _row(number, label, value, said(value), left, value / most * room)
        for number, (label, value) in enumerate(values)
    )
    return Chart(ROWS_WIDTH, ROW * len(values), written(left), bars, (), "rows")


def words_width(names: Iterable[str]) -> int:
    """The room for the words before lying bars: as much as the longest needs, as far as there is any."""
    return LYING_LETTER * min(max([SHORTEST_LABEL, *map(breadth, names)]), LONGEST_LABEL) + 6


def _row(number: int, name: str, value: float, said: str, left: int, width: float) -> Bar:
    y = number * ROW
    return Bar(
        x=written(left), y=written(y + 5), width=written(width), height=written(ROW - 10),
        label=cut(name, LONGEST_LABEL), name=name, value=value, shown=said,
        label_at=written(y + ROW / 2 + 4), value_at=written(left + width + 8),
    )  # fmt: skip


def grid_to(most: float) -> list[int]:
    """The whole numbers of the grid from 0 to the first that is not below `most`: two to five of them."""
    step, scale = 1, 1
    while True:
        for one in STEPS:
            step = one * scale
            if most <= step * 4:
                return [step * number for number in range(-int(-max(most, 1) // step) + 1)]
        scale *= 10


def written(number: float) -> str:
    return f"{number:.1f}"
