"""How often units fail as they age: the mean cumulative function of repairable units.      [pure]

Nelson's non-parametric estimate: the mean number of events a unit has had by a given age, from units watched for
different lengths of time. Its standard error is the robust one of Lawless and Nadeau (Technometrics 37, 1995, 158-168),
which does not take the events of one unit to be independent of each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

History = tuple[Sequence[float], float]


@dataclass(frozen=True, slots=True)
class Point:
    """The estimate from `age` on: `at_risk` units were watched at that age, `events` happened there, and `mcf` is the
    mean number of events a unit has had by then, with its `standard_error`. Ages are in the unit of the histories."""

    age: float
    at_risk: int
    events: int
    mcf: float
    standard_error: float


def mean_cumulative_function(histories: Iterable[History]) -> list[Point]:
    """One point for every age at which something happened, in order; none where nothing did.

    A history is `(event ages, end of observation)` of one unit. A unit whose observation ends at an age is still at
    risk at that age. ValueError for an age that is no number, is negative, or lies after the end of its history.
    Time grows with the number of events and units, not with their product.
    """
    return mean_cumulative_function_of_many(histories, {})


def mean_cumulative_function_of_many(
    histories: Iterable[History], uneventful: Mapping[float, int], alike: Sequence[int] | None = None
) -> list[Point]:
    """The same, where most units had no event at all: `uneventful` counts those by the end of their observation.

    `alike` says how many units each history is that of; one, without. Five million units that are alike cost no more
    than one.
    """
    units = [_checked(number, events, end) for number, (events, end) in enumerate(histories)]
    many = {_checked(-1, (), end)[1]: number for end, number in uneventful.items() if number}
    weights = [1] * len(units) if alike is None else alike
    by_age: dict[float, Counter[int]] = {}
    for number, (events, _end) in enumerate(units):
        for age in events:
            by_age.setdefault(age, Counter())[number] += 1
    leaving = sorted(range(len(units)), key=lambda number: units[number][1], reverse=True)
    leaving_unseen = sorted(many, reverse=True)
    spread = _Spread(sum(weights) + sum(many.values()), weights)
    points, mcf = [], 0.0
    for age in sorted(by_age):
        while leaving and units[leaving[-1]][1] < age:
            spread.leave(leaving.pop())
        while leaving_unseen and leaving_unseen[-1] < age:
            spread.leave_unseen(many[leaving_unseen.pop()])
        failed, at_risk = by_age[age], spread.active
        events_here = sum(events * weights[number] for number, events in failed.items())
        mcf += events_here / at_risk
        spread.step(failed, events_here, at_risk)
        points.append(Point(age, at_risk, events_here, mcf, sqrt(spread.variance)))
    return points


def _checked(number: int, events: Sequence[float], end: float) -> tuple[Sequence[float], float]:
    if not isfinite(end) or end < 0:
        raise ValueError(f"histories[{number}]: the end of observation {end!r} is no age")
    for age in events:
        if not isfinite(age) or not 0 <= age <= end:
            raise ValueError(f"histories[{number}]: an event at {age!r} does not lie between 0 and the end {end!r}")
    return events, end


class _Spread:
    """The robust variance as the ages go by: the sum over units of (own share - expected share) squared.

    With r the number at risk and d the events at an age, a unit's own share grows by (its events)/r while it is
    watched, and its expected share by d/r². The expected share is the same for all who are still watched, so the sum
    of their squares needs three running sums; that of a unit that left stays as it is.
    """

    def __init__(self, units: int, weights: Sequence[int]) -> None:
        self.active = units
        self._weights = weights
        self._own: dict[int, float] = {}  # units without an event need no entry
        self._expected = 0.0
        self._sum, self._squares, self._left = 0.0, 0.0, 0.0

    def leave(self, unit: int) -> None:
        own, weight = self._own.pop(unit, 0.0), self._weights[unit]
        self.active -= weight
        self._sum -= weight * own
        self._squares -= weight * own * own
        self._left += weight * (own - self._expected) ** 2

    def leave_unseen(self, units: int) -> None:
        """So many units leave that never had an event."""
        self.active -= units
        self._left += units * self._expected**2

    def step(self, failed: Counter[int], events_here: int, at_risk: int) -> None:
        self._expected += events_here / at_risk**2
        for unit, events in failed.items():
            before = self._own.get(unit, 0.0)
            after = self._own[unit] = before + events / at_risk
            self._sum += self._weights[unit] * (after - before)
            self._squares += self._weights[unit] * (after * after - before * before)

    @property
    def variance(self) -> float:
        watched = self._squares - 2 * self._expected * self._sum + self.active * self._expected**2
        return max(self._left + watched, 0.0)  # rounding must not make a root of less than nothing
