"""The geometry of curves over months or weeks, each with its band where it has one.                           [pure]"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from warrantydesk.reports.charts import (
    FOOT,
    INKS,
    LEFT,
    PLOT_HEIGHT,
    RIGHT,
    TOP,
    WIDTH,
    Line,
    every_nth,
    whole,
    written,
)

HEIGHT = PLOT_HEIGHT + 40
ROOM_FOR_NAMES = 26


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a curve by its place on the axis; `low` and `high` are the limits of its band. A value of None leaves
    its place empty."""

    at: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    x: str
    y: str
    says: str
    shown: str


@dataclass(frozen=True, slots=True)
class Curve:
    """`line` and `band` are the `points` of SVG shapes; an empty band is none. `number` chooses colour and dashes."""

    name: str
    number: int
    ink: str
    line: str
    band: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Label:
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Curves:
    width: int
    height: int
    foot: str
    curves: tuple[Curve, ...]
    grid: tuple[tuple[Line, str], ...]
    labels: tuple[Label, ...]
    says: str
    shape: str = "curves"


def curves(series: Sequence[tuple[str, Sequence[Dot]]], said: Callable[[float], str] = whole) -> Curves:
    """Up to four curves over the same axis, which is that of the longest."""
    places = max((dots for _name, dots in series), key=len, default=())
    tops = (dot.value if dot.high is None else dot.high for _name, dots in series for dot in dots)
    most = max((top for top in tops if top is not None), default=0)
    top = _grid(most)
    frame = _Frame(len(places), top[-1])
    every = every_nth([dot.at for dot in places], WIDTH - LEFT - RIGHT)
    return Curves(
        width=WIDTH,
        height=TOP + HEIGHT + FOOT,
        foot=written(TOP + HEIGHT),
        curves=tuple(_curve(name, number, dots, frame, said) for number, (name, dots) in enumerate(series, start=1)),
        grid=tuple((Line(frame.y(value), 0), said(value)) for value in top),
        labels=tuple(Label(frame.x(at), dot.at) for at, dot in enumerate(places) if at % every == 0),
        says="; ".join(f"{name}: {_said(dots, said)}" for name, dots in series),
    )


def _said(dots: Sequence[Dot], said: Callable[[float], str]) -> str:
    return ", ".join(f"{dot.at} {said(dot.value)}" for dot in dots if dot.value is not None)


def _grid(most: float) -> list[float]:
    """Three to five round values from 0 to the first that is not below `most`, of any size."""
    scale = 1.0
    while scale > most and scale > 1e-6:
        scale /= 10
    while True:
        for step in (scale, 2 * scale, 5 * scale):
            if most <= step * 4:
                return [step * number for number in range(max(-int(-most // step), 1) + 1)]
        scale *= 10


@dataclass(frozen=True, slots=True)
class _Frame:
    places: int
    top: float

    def x(self, place: float) -> str:
        return written(
            LEFT + ROOM_FOR_NAMES + place / max(self.places - 1, 1) * (WIDTH - LEFT - RIGHT - 2 * ROOM_FOR_NAMES)
        )

    def y(self, value: float) -> str:
        return written(TOP + HEIGHT - min(value / self.top, 1.0) * HEIGHT if self.top else TOP + HEIGHT)


def _curve(name: str, number: int, dots: Sequence[Dot], frame: _Frame, said: Callable[[float], str]) -> Curve:
    known = [(frame.x(at), dot.at, dot.value) for at, dot in enumerate(dots) if dot.value is not None]
    line = " ".join(f"{x},{frame.y(value)}" for x, _at, value in known)
    upper = [f"{frame.x(at)},{frame.y(dot.high)}" for at, dot in enumerate(dots) if dot.high is not None]
    lower = [f"{frame.x(at)},{frame.y(dot.low)}" for at, dot in enumerate(dots) if dot.low is not None]
    marks = tuple(Mark(x, frame.y(value), f"{at}: {said(value)}", said(value)) for x, at, value in known)
    return Curve(name, number, INKS[number - 1], line, " ".join([*upper, *reversed(lower)]), marks)
