"""What goes into a drawing of the clock and what comes out: sizes, words, marks, and plain geometry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from products.timeline.labels import Align
from products.written import written_date, written_days, written_span


@dataclass(frozen=True)
class Layout:
    """A size to draw for. `inline` is how many pauses are written at the rail before they are numbered instead, and
    `inline_replaced` how many replacements before they get letters."""

    name: str
    width: float
    font: float
    inline: int
    inline_replaced: int


WIDE = Layout("wide", 620, 12, 3, 2)
MEDIUM = Layout("medium", 440, 12, 2, 1)
NARROW = Layout("narrow", 320, 13.5, 1, 1)
LAYOUTS = (WIDE, MEDIUM, NARROW)


@dataclass(frozen=True)
class Words:
    """Everything the drawing says. `{day}` and `{days}` are filled in with what `day` and `days` make of them."""

    bought: str = "bought"
    starts: str = "starts"
    paused: str = "paused {days}"
    paused_since: str = "paused since"
    ignored: str = "away, not counted"
    won: str = "{day} + {days}"
    covered_through: str = "covered through"
    if_back: str = "if back today, through"
    if_not_void: str = "were it not void, through"
    if_not_refunded: str = "were it not refunded, through"
    today: str = "today"
    received: str = "request received"
    replaced: str = "replaced"
    voided: str = "voided"
    refunded: str = "refunded"
    day: Callable[[date], str] = written_date
    span: Callable[[date, date], str] = written_span
    days: Callable[[int], str] = written_days


@dataclass(frozen=True)
class Marks:
    """What else happened to the part.

    `proofs` says how an absence is known, by the day it began: {date(2025, 6, 11): "DHL 00340…, verified"}.
    `replacements` are days with the new serial number or nothing: [(date(2025, 9, 1), "MX-90211")].
    """

    about: str = ""
    received_on: date | None = None
    replacements: Sequence[tuple[date, str]] = ()
    voided_on: date | None = None
    void_reason: str = ""
    proofs: Mapping[date, str] = field(default_factory=dict)
    refunded_on: date | None = None

    def __hash__(self) -> int:
        return hash((self.about, self.received_on, self.voided_on, *self.replacements, *self.proofs))

    @property
    def kept_through(self) -> date | None:
        """The last day before the cover was ended early; None where nothing ended it. The day of a refund still counts,
        that of a void does not."""
        days = [self.refunded_on, self.voided_on and date.fromordinal(max(self.voided_on.toordinal() - 1, 1))]
        return min((day for day in days if day), default=None)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A filled part of the rail, or a hatch standing proud of it."""

    css: str
    x: float
    y: float
    width: float
    height: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line."""

    css: str
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign on the rail, by its middle."""

    css: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text by its baseline; `title` is the full text where `text` had to be cut."""

    text: str
    x: float
    y: float
    anchor: Align
    strong: bool
    left: float
    right: float
    title: str = ""


@dataclass(frozen=True)
class Drawing:
    """Everything a template needs to write the SVG, in the units of its viewBox, in the order to be painted."""

    layout: str
    width: float
    height: float
    font: float
    rail_y: float
    rail_height: float
    state: str
    bars: tuple[Stretch, ...]
    hatches: tuple[Stretch, ...]
    ticks: tuple[Stroke, ...]
    leaders: tuple[Stroke, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    aria_label: str

    def told_of(self, about: str) -> "Drawing":
        """The same drawing, said of one part by its name."""
        return replace(self, aria_label=f"{about}: {self.aria_label}") if about else self
