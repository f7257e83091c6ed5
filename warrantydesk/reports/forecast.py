"""What the next weeks and months bring, from what the last ones brought.                                     [pure]"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

EIGHTY = 1.2816  # of a normal distribution, eighty in a hundred lie within so many standard deviations
FEWEST_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Backlog:
    """So many weeks ahead: the open cases to be expected, and between which numbers they lie four times in five."""

    week: int
    expected: float
    low: float
    high: float


def backlog(open_now: int, arrived: Sequence[int], ended: Sequence[int], weeks: int) -> list[Backlog]:
    """The open cases of the next `weeks`, if the weeks to come are like the whole weeks given (arrivals and ends).

    Nothing from fewer than FEWEST_WEEKS weeks: they tell no spread.
    """
    changes = [one - other for one, other in zip(arrived, ended, strict=True)]
    if len(changes) < FEWEST_WEEKS:
        return []
    mean, spread = fmean(changes), stdev(changes)
    found = []
    for week in range(1, weeks + 1):
        expected = open_now + week * mean
        # The spread of the weeks to come, and of the mean itself, which rests on few weeks.
        reach = EIGHTY * spread * sqrt(week + week * week / len(changes))
        found.append(Backlog(week, max(expected, 0.0), max(expected - reach, 0.0), max(expected + reach, 0.0)))
    return found


def expected_claims(watched: Mapping[int, int], rates: Mapping[int, float]) -> float:
    """The claims to expect of parts that pass these months of service (month → parts) at these rates (month → claims a
    part). A month nobody has lived through yet has the rate of the last month before it that somebody has."""
    if not rates:
        return 0.0
    known = sorted(rates)
    total = 0.0
    for month, parts in watched.items():
        before = [one for one in known if one <= month]
        total += parts * rates[before[-1] if before else known[0]]
    return total
