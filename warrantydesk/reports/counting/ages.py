"""How old a part was: months in service, with the days it was away taken out.                                 [pure]"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

Window = tuple[date, date | None]
A_DAY = timedelta(days=1)


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def months_between(first: date, last: date) -> int:
    """How often the month changes from one day to the other; negative where `last` lies before."""
    return (last.year - first.year) * 12 + last.month - first.month


def shifted(month: date, months: int) -> date:
    """The first day of the month that lies so many months after (before, where negative)."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def days_away(windows: Iterable[Window], after: date, until: date) -> int:
    """The days on which the part was away, each counted once: those after `after`, up to and including `until`."""
    counted, reached = 0, after
    for left, back in sorted(windows, key=lambda window: window[0]):
        end = min(back or until, until)
        start = max(left, reached + A_DAY)
        if start <= end:
            counted += (end - start).days + 1
            reached = end
    return counted


def months_in_service(starts_on: date, windows: Iterable[Window], on: date) -> int | None:
    """The months of service a claim falls into: 1 for the month of the start and the one after it. None before it."""
    if on < starts_on:
        return None
    lived_to = on - days_away(windows, starts_on, on) * A_DAY
    return max(months_between(starts_on, max(lived_to, starts_on)), 1)
