"""The days a report is about: from and to, both included, in the desk's own time zone.                        [pure]"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

WEEKS = 12
WEEK = timedelta(days=7)
EARLIEST = date(2000, 1, 1)
LONGEST = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class Range:
    first: date
    last: date

    def instants(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The half-open time [start, end): midnight before the first day, midnight after the last."""
        return midnight(self.first, zone), midnight(self.last + timedelta(days=1), zone)

    @property
    def weeks(self) -> list[date]:
        """The Monday of every week the range touches, in order."""
        first = monday(self.first)
        return [first + WEEK * number for number in range((monday(self.last) - first) // WEEK + 1)]


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def latest_weeks(last: date) -> Range:
    """WEEKS whole weeks and what there is of the last one: the range where nobody asks for another."""
    return Range(monday(last) - WEEK * (WEEKS - 1), last)
