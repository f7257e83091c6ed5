"""The rail: days to x, and what lies on it - bars, hatches, ticks. A day is a cell, so a bar covers both its ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from products.coverage import Clock, Pause
from products.timeline.kinds import Layout, Marks, Stretch, Stroke

RAIL = 14.0  # height of the rail
PROUD = 3.0  # how far a hatch stands out of the rail, above and below
SCALE = 4.0  # height of a month's tick; a year's is twice that
LEAST = 3.0  # width of a pause of one day on a long rail: still to be seen
OVERHANG = 0.14  # how much of the rail's length may be added for what happened outside it
MARGIN = 1.0
YEAR = 366


@dataclass(frozen=True)
class Rail:
    """The first and the last day shown (as ordinals), and the room between them."""

    first: int
    last: int
    left: float
    right: float

    def x(self, day: int) -> float:
        """The left edge of a day; a day outside the rail is brought to its nearer end."""
        share = (day - self.first) / (self.last + 1 - self.first)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def middle(self, day: int) -> float:
        """The middle of a day."""
        return (self.x(day) + self.x(day + 1)) / 2


def rail_for(clock: Clock, marks: Marks, layout: Layout) -> Rail:
    """From the start to the last covered day, and a little further for what happened outside it."""
    start, end = clock.starts_on.toordinal(), clock.covered_through_if_back.toordinal()
    spare = max(1, round((end - start) * OVERHANG))
    outside = outside_days(clock, marks)
    first = max(min([start, *outside]), start - spare)
    last = min(max([end, *outside]), end + spare)
    return Rail(first, last, left=MARGIN, right=layout.width - MARGIN)


def outside_days(clock: Clock, marks: Marks) -> list[int]:
    """Every day that may lie before the start or after the end."""
    days = [clock.on, marks.received_on, marks.voided_on, marks.refunded_on, *(day for day, _ in marks.replacements)]
    return [day.toordinal() for day in days if day]


def bars(clock: Clock, marks: Marks, rail: Rail, y: float) -> tuple[Stretch, ...]:
    """The rail in pieces, from the start to the last covered day."""
    return tuple(
        Stretch(css, rail.x(first), y, rail.x(last + 1) - rail.x(first), RAIL)
        for css, first, last in _pieces(clock, marks)
        if first <= last
    )


def _pieces(clock: Clock, marks: Marks) -> Iterator[tuple[str, int, int]]:
    start, base = clock.starts_on.toordinal(), clock.base_covered_through.toordinal()
    end, today = clock.covered_through_if_back.toordinal(), clock.on.toordinal()
    stop = min(end, max(marks.kept_through.toordinal(), start - 1)) if marks.kept_through else end
    guess = " guess" if clock.covered_through is None else ""
    yield ("lived spent" if clock.state == "expired" else "lived"), start, min(today, stop)
    yield f"ahead{guess}", max(today + 1, start), min(base, stop)
    yield f"won{guess}", max(today, base) + 1, stop
    yield "lost", max(stop + 1, start), end


def hatches(clock: Clock, rail: Rail, y: float, titles: dict[Pause, str]) -> tuple[Stretch, ...]:
    """Each absence as a gap in the rail; those that moved nothing are only outlined."""
    counted = [("away", pause, span) for pause in clock.pauses if (span := shown_span(clock, pause))]
    ignored = [("away-idle", pause, (pause.left_on, pause.back_on or clock.on)) for pause in ignored_shown(clock, rail)]
    return tuple(_hatch(css, rail, span, y, titles[pause]) for css, pause, span in counted + ignored)


def shown_span(clock: Clock, pause: Pause) -> tuple[date, date] | None:
    """The days that count. A part that left no later than its first day and is still away shows on that day."""
    return clock.span_of(pause) or ((clock.starts_on, clock.starts_on) if pause.back_on is None else None)


def ignored_shown(clock: Clock, rail: Rail) -> list[Pause]:
    """Absences that moved nothing and yet lie on the rail."""
    return [
        pause for pause in clock.ignored if clock.starts_on < pause.left_on and pause.left_on.toordinal() <= rail.last
    ]


def _hatch(css: str, rail: Rail, span: tuple[date, date], y: float, title: str) -> Stretch:
    left, right = rail.x(span[0].toordinal()), rail.x(span[1].toordinal() + 1)
    if right - left < LEAST:
        left = min(max((left + right - LEAST) / 2, rail.left), rail.right - LEAST)
        right = left + LEAST
    return Stretch(css, left, y - PROUD, right - left, RAIL + 2 * PROUD, title)


def ticks(clock: Clock, marks: Marks, rail: Rail, y: float) -> tuple[Stroke, ...]:
    """The scale under the rail, the line beyond its ends, and a break in that line where days were left out."""
    return (*_scale(rail, y + RAIL + 1), *_beyond(clock, marks, rail, y + RAIL / 2))


def _scale(rail: Rail, y: float) -> Iterator[Stroke]:
    """A tick for each month's first day, a long one for January; fewer on a rail of many months, none on decades."""
    days = rail.last - rail.first
    if days > 40 * YEAR:
        return
    step = 1 if days < 2 * YEAR else 3 if days < 7 * YEAR else 12
    begins = date.fromordinal(rail.first)
    count = begins.year * 12 + begins.month  # months since year 0: the first of the month after `begins`
    while count < date.max.year * 12:
        month = date(count // 12, count % 12 + 1, 1)
        if month.toordinal() > rail.last:
            return
        if count % step == 0:
            x = rail.x(month.toordinal())
            yield Stroke("scale", x, y, x, y + SCALE * (2 if month.month == 1 else 1))
        count += 1


def _beyond(clock: Clock, marks: Marks, rail: Rail, y: float) -> Iterator[Stroke]:
    outside = outside_days(clock, marks)
    start = rail.x(clock.starts_on.toordinal())
    end = rail.x(clock.covered_through_if_back.toordinal() + 1)
    for near, far, cut in ((start, rail.left, min(outside) < rail.first), (end, rail.right, max(outside) > rail.last)):
        if abs(far - near) >= 1:
            yield Stroke("beyond", near, y, far, y)
        if cut:
            x = near + (far - near) * 0.45
            yield Stroke("break", x - 4, y + 5, x, y - 5)
            yield Stroke("break", x, y + 5, x + 4, y - 5)
