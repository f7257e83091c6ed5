"""The desk's own time: on which days and between which hours it works, and how long that makes a span.      [pure]

Not to be confused with the warranty clock, which counts calendar days and knows no holidays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

Shift = tuple[time, time]
ZERO = timedelta(0)
# Whoever works at all reaches any target within this many days; it bounds the walk, not the answer.
MOST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class DeskHours:
    """The hours of one desk: for Monday to Sunday the shifts of that day (local wall clock, none: a day off).

    ValueError for a week of other than seven days, a shift that ends before it begins, and shifts that overlap.
    """

    zone: ZoneInfo
    week: tuple[tuple[Shift, ...], ...]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError(f"week: seven days are needed, not {len(self.week)}")
        for number, shifts in enumerate(self.week):
            _check(number, shifts)

    @property
    def ever_open(self) -> bool:
        return any(self.week)

    def shifts_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The shifts of a local day as instants in UTC, in order. On the night of a clock change they are as long as
        the wall clock makes them."""
        if day in self.holidays:
            return
        for begins, ends in self.week[day.weekday()]:
            yield _instant(day, begins, self.zone), _instant(day, ends, self.zone)


def _check(number: int, shifts: Sequence[Shift]) -> None:
    for begins, ends in shifts:
        if begins >= ends:
            raise ValueError(f"week: on day {number + 1} a shift ends at {ends:%H:%M}, before it begins")
    for (_one, ends), (begins, _two) in pairwise(shifts):
        if begins < ends:
            raise ValueError(f"week: on day {number + 1} two shifts overlap, or stand in the wrong order")


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def due_at(start: datetime, amount: timedelta, hours: DeskHours) -> datetime:
    """The instant at which `amount` of working time has gone by since `start` (aware), in UTC.

    No amount at all is due at once, whether the desk is open or not. ValueError for a desk that never opens.
    """
    since, left = start.astimezone(UTC), amount  # in UTC: two wall clocks are no span when they change between
    if left <= ZERO:
        return since
    for begins, ends in _shifts_from(since, hours):
        length = ends - max(begins, since)
        if length >= left:
            return max(begins, since) + left
        left -= length
    raise ValueError(f"due_at: {amount} of working time are not reached within {MOST_DAYS} days")


def worked_between(start: datetime, end: datetime, hours: DeskHours) -> timedelta:
    """How much working time lies between two instants (aware); nothing where the end is not after the start."""
    since, until, spent = start.astimezone(UTC), end.astimezone(UTC), ZERO
    for begins, ends in _shifts_from(since, hours):
        if begins >= until:
            break
        spent += min(ends, until) - max(begins, since)
    return max(spent, ZERO)


def _shifts_from(start: datetime, hours: DeskHours) -> Iterator[tuple[datetime, datetime]]:
    """The shifts that end after `start`, in order."""
    if not hours.ever_open:
        return
    first = start.astimezone(hours.zone).date() - timedelta(days=1)
    for number in range(MOST_DAYS):
        for begins, ends in hours.shifts_on(first + timedelta(days=number)):
            if ends > start:
                yield begins, ends
