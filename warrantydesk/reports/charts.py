"""The geometry of bar charts: numbers in, places of an SVG out, written so that no language changes them.     [pure]

Curves are in `curves`, shares and heat maps in `fields`; `drawn` writes each by its shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

STEPS = (1, 2, 5)
WIDTH = 640
LEFT, RIGHT, TOP, FOOT = 36, 8, 20, 24
PLOT_HEIGHT = 140
# As narrow as a phone, so that the text is never scaled down.
ROWS_WIDTH, ROW, LABEL_WIDTH, NUMBER_WIDTH = 340, 26, 110, 36
LETTER = 6  # about as wide as one is drawn
MOST_LABELS = 13
LONGEST_LABEL = 15
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
    """A number as it stands at its bar: whole where it is whole, else with one decimal."""
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def every_nth(labels: Sequence[str], room: float) -> int:
    """Of labels side by side in `room`, every how many are written so that none stands on its neighbour."""
    fit = int(room // (max(map(len, labels), default=0) * LETTER + LETTER))
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
    most = max((value for _label, value in values), default=0) or 1
    room = ROWS_WIDTH - LABEL_WIDTH - NUMBER_WIDTH
    bars = tuple(
        _row(number, label, value, said(value), value / most * room) for number, (label, value) in enumerate(values)
    )
    return Chart(ROWS_WIDTH, ROW * len(values), written(LABEL_WIDTH), bars, (), "rows")


def cut(label: str, longest: int = LONGEST_LABEL) -> str:
    """The label as far as there is room for it; the table beneath has all of it."""
    return label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"


def _row(number: int, name: str, value: float, said: str, width: float) -> Bar:
    y = number * ROW
    return Bar(
        x=written(LABEL_WIDTH), y=written(y + 5), width=written(width), height=written(ROW - 10), label=cut(name),
        name=name, value=value, shown=said,
        label_at=written(y + ROW / 2 + 4), value_at=written(LABEL_WIDTH + width + 8),
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
