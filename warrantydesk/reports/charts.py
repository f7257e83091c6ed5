"""The geometry of bar charts: numbers in, places of an SVG out, written so that no language changes them.     [pure]"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STEPS = (1, 2, 5)
WIDTH = 640
LEFT, RIGHT, TOP, FOOT = 36, 8, 20, 24
PLOT_HEIGHT = 140
# As narrow as a phone, so that the text is never scaled down.
ROWS_WIDTH, ROW, LABEL_WIDTH, NUMBER_WIDTH = 340, 26, 110, 36
MOST_LABELS = 13


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with its words: `label` under or before it (empty where there is no room), `value` at its end."""

    x: str
    y: str
    width: str
    height: str
    label: str
    name: str
    value: int
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


def columns(values: Sequence[tuple[str, int]]) -> Chart:
    """Upright bars over a grid of whole numbers, for what goes on in time; every n-th label where they get narrow."""
    top = _grid_top(max((value for _label, value in values), default=0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    every = -(-len(values) // MOST_LABELS)
    bottom = TOP + PLOT_HEIGHT
    bars = tuple(
        _column(number, label, value, slot, value / top[-1] * PLOT_HEIGHT, shown=number % every == 0)
        for number, (label, value) in enumerate(values)
    )
    grid = tuple(Line(_written(bottom - value / top[-1] * PLOT_HEIGHT), value) for value in top)
    return Chart(WIDTH, bottom + FOOT, _written(bottom), bars, grid)


def _column(number: int, name: str, value: int, slot: float, height: float, *, shown: bool) -> Bar:
    width = min(slot * 0.7, 36)
    middle, y = LEFT + (number + 0.5) * slot, TOP + PLOT_HEIGHT - height
    return Bar(
        x=_written(middle - width / 2), y=_written(y), width=_written(width), height=_written(height),
        label=name if shown else "", name=name, value=value, label_at=_written(middle), value_at=_written(y - 5),
    )  # fmt: skip


def rows(values: Sequence[tuple[str, int]]) -> Chart:
    """Lying bars with their words before them, for things that are compared."""
    most = max((value for _label, value in values), default=0) or 1
    room = ROWS_WIDTH - LABEL_WIDTH - NUMBER_WIDTH
    bars = tuple(_row(number, label, value, value / most * room) for number, (label, value) in enumerate(values))
    return Chart(ROWS_WIDTH, ROW * len(values), _written(LABEL_WIDTH), bars, ())


def _row(number: int, name: str, value: int, width: float) -> Bar:
    y = number * ROW
    return Bar(
        x=_written(LABEL_WIDTH), y=_written(y + 5), width=_written(width), height=_written(ROW - 10), label=name,
        name=name, value=value, label_at=_written(y + ROW / 2 + 4), value_at=_written(LABEL_WIDTH + width + 8),
    )  # fmt: skip


def _grid_top(most: int) -> list[int]:
    """The whole numbers of the grid from 0 to the first that is not below `most`: two to five of them."""
    step, scale = 1, 1
    while True:
        for one in STEPS:
            step = one * scale
            if most <= step * 4:
                return [step * number for number in range(-(-max(most, 1) // step) + 1)]
        scale *= 10


def _written(number: float) -> str:
    return f"{number:.1f}"
