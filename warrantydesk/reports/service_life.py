"""Claims by months in service from counted rows: who lived through a month, and who claimed in it.   [pure]

A part is watched from its month of sale to the last whole month, or to the end of its term if that came first; the days
it was away are taken out of both its age and its watched time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from warrantydesk.reports.counting.ages import A_DAY, months_between, shifted
from warrantydesk.reports.reliability import Point, mean_cumulative_function_of_many

NINETY_FIVE = 1.959964


@dataclass(frozen=True, slots=True)
class Sold:
    """So many parts alike: the month of sale, the term, the days they were away in all."""

    sold_in: date
    term_months: int
    paused_days: int
    parts: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Parts alike (`of` says how many) whose claims are the same, each by its month of service and of the calendar."""

    of: Sold
    claims: tuple[tuple[int, date], ...]


@dataclass(frozen=True, slots=True)
class Life:
    """A month of service: `at_risk` parts watched through it, `claims` in it, and the mean number of claims a part has
    had by its end, with the limits of its 95 % band."""

    month: int
    at_risk: int
    claims: int
    mcf: float
    low: float
    high: float

    @property
    def per_hundred(self) -> float:
        return 100 * self.claims / self.at_risk


def watched_months(sold: Sold, until: date) -> int:
    """How many months of service these parts were watched for: to the last day of the month `until`."""
    lived_to = shifted(until, 1) - A_DAY - timedelta(days=sold.paused_days)
    return max(min(months_between(sold.sold_in, lived_to), sold.term_months), 0)


def life_table(sold: Iterable[Sold], failed: Iterable[Failed], until: date) -> list[Life]:
    """A row for every month of service that any part was watched for, from the first on.

    A claim counts where its month of service lies in the time its part was watched.
    """
    ends = _ends(sold, until)
    alike: Counter[tuple[tuple[float, ...], float]] = Counter()
    watched: dict[tuple[date, int, int], int] = {}  # many histories, few months of sale
    for one in failed:
        of = (one.of.sold_in, one.of.term_months, one.of.paused_days)
        if (end := watched.get(of)) is None:
            end = watched[of] = watched_months(one.of, until)
        if months := tuple(float(month) for month, claimed in one.claims if 1 <= month <= end and claimed <= until):
            alike[months, float(end)] += one.of.parts
    return _rows(list(alike), list(alike.values()), ends)


def _ends(sold: Iterable[Sold], until: date) -> Counter[int]:
    ends: Counter[int] = Counter()
    for one in sold:
        if months := watched_months(one, until):
            ends[months] += one.parts
    return ends


def _rows(histories: Sequence[tuple[Sequence[float], float]], alike: Sequence[int], ends: Counter[int]) -> list[Life]:
    if not ends:
        return []
    uneventful = Counter(ends)
    for (_events, end), number in zip(histories, alike, strict=True):
        uneventful[int(end)] -= number
    # A part sold, and not counted yet, must not make the rest fewer than none.
    unseen = {float(end): max(number, 0) for end, number in uneventful.items()}
    points = {int(point.age): point for point in mean_cumulative_function_of_many(histories, unseen, alike)}
    found, last = [], Point(0.0, 0, 0, 0.0, 0.0)
    for month in range(1, max(ends) + 1):
        point = points.get(month)
        last = point or last
        at_risk = sum(number for end, number in ends.items() if end >= month)
        low, high = band(last)
        found.append(Life(month, at_risk, point.events if point else 0, last.mcf, low, high))
    return found


def band(point: Point) -> tuple[float, float]:
    """The 95 % limits of a mean cumulative function; never below nothing."""
    reach = NINETY_FIVE * point.standard_error
    return max(point.mcf - reach, 0.0), point.mcf + reach


def likely_share(share: float, number: int) -> tuple[float, float]:
    """The 95 % limits of a share seen in so many cases (Wilson, Journal of the American Statistical Association 22)."""
    if not number:
        return 0.0, 1.0
    square = NINETY_FIVE**2
    middle = (share + square / (2 * number)) / (1 + square / number)
    reach = NINETY_FIVE * sqrt(share * (1 - share) / number + square / (4 * number**2)) / (1 + square / number)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
