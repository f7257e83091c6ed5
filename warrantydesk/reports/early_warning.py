"""Whether a part fails more often lately than it used to, beyond what chance explains.                        [pure]

Each part is compared with itself: the claims of the recent months with those that its own earlier months let expect,
each month of service for itself, so that a fleet that only grew older raises no alarm. Given the claims of both spans
together, the recent ones are binomial where nothing changed; the probability of so many or more is exact (Przyborowski
and Wilenski, Biometrika 31, 1940, 313-323). Many parts are looked at, so the list keeps the share of false alarms among
the named ones down (Benjamini and Hochberg, Journal of the Royal Statistical Society B 57, 1995, 289-300).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from sys import float_info

FALSE_ALARMS = 0.1  # of the parts named, at most about this share by chance
RECENT_MONTHS = 3
FEWEST = 5  # recent claims below which an alarm is only a hint
# (months since the sale, whether recent, parts watched in that month, claims of that month)
Watched = tuple[int, bool, int, int]


@dataclass(frozen=True, slots=True)
class Trend:
    """`expected` recent claims where nothing had changed since the earlier months; `probability` of at least the
    `recent` ones then; `times` is how many times as high the rate is, None where nothing was expected."""

    earlier: int
    recent: int
    expected: float
    times: float | None
    probability: float

    @property
    def few(self) -> bool:
        return self.recent < FEWEST


def trend(months: Iterable[Watched]) -> Trend:
    """The recent claims of one part against its earlier ones. Months of service only watched lately say nothing."""
    watched: dict[tuple[int, bool], list[int]] = defaultdict(lambda: [0, 0])
    for age, is_recent, parts, claims in months:
        if parts > 0:
            watched[age, is_recent][0] += parts
            watched[age, is_recent][1] += claims
    ages = [age for age, is_recent in watched if is_recent and (age, False) in watched]
    earlier = sum(watched[age, False][1] for age in ages)
    recent = sum(watched[age, True][1] for age in ages)
    pooled = {age: (watched[age, True][1] + watched[age, False][1]) for age in ages}
    share_of = {age: watched[age, True][0] / (watched[age, True][0] + watched[age, False][0]) for age in ages}
    total = earlier + recent
    weight = sum(pooled[age] * share_of[age] for age in ages)
    share = weight / total if total else 0.0
    # What the recent months let expect at the rate of the earlier ones: e/(1-share) of both spans, of which share.
    expected = earlier * share / (1 - share) if share < 1 else 0.0
    times = recent / expected if expected else None
    return Trend(earlier, recent, expected, times, at_least(recent, total, share))


def at_least(successes: int, trials: int, share: float) -> float:
    """The probability of at least so many successes in so many trials, exactly."""
    if successes <= 0:
        return 1.0
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    if successes > trials * share:
        # Too little for a number is little, and not nothing.
        return min(max(_sum(range(successes, trials + 1), trials, share), float_info.min), 1.0)
    return max(1.0 - _sum(range(successes - 1, -1, -1), trials, share), 0.0)


def _sum(numbers: Iterable[int], trials: int, share: float) -> float:
    """Walking away from the middle every term is smaller than the one before: what adds nothing any more ends it, so
    that a quarter of a million claims cost no more than a few thousand."""
    total = 0.0
    for number in numbers:
        term = _binomial(number, trials, share)
        if term <= total * 1e-18:
            break
        total += term
    return total


def _binomial(number: int, trials: int, share: float) -> float:
    ways = lgamma(trials + 1) - lgamma(number + 1) - lgamma(trials - number + 1)
    return exp(ways + number * log(share) + (trials - number) * log1p(-share))


def named(probabilities: Mapping[int, float], false_alarms: float = FALSE_ALARMS) -> set[int]:
    """The keys to warn of: the most that keep the expected share of false alarms among them to `false_alarms`."""
    ordered: Sequence[tuple[float, int]] = sorted((value, key) for key, value in probabilities.items())
    last = 0
    for place, (probability, _key) in enumerate(ordered, start=1):
        if probability <= false_alarms * place / len(ordered):
            last = place
    return {key for _probability, key in ordered[:last]}
