"""The middle and the ninth tenth of many numbers, found by the database: exact, and the same on both.

The median of an even number of values is the mean of the middle two; the 90th percentile is the smallest value that at
least ninety in a hundred are not above.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Aggregate, Count, F, FloatField, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber

A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Spread:
    """Of so many values the median, the 90th percentile and the greatest; None where there are no values."""

    number: int = 0
    median: float | None = None
    ninth: float | None = None
    longest: float | None = None

    @property
    def in_days(self) -> Spread:
        """Of seconds, the same in days of 24 hours."""
        values = (None if one is None else one / A_DAY for one in (self.median, self.ninth, self.longest))
        return Spread(self.number, *values)


NOTHING = Spread()


class Middle(Aggregate):
    """PostgreSQL's own: one sort of the values, where windows would sort and number every row."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


class NinthTenth(Aggregate):
    template = "percentile_disc(0.9) WITHIN GROUP (ORDER BY %(expressions)s)"


def spread_of_days(days: Counter[int]) -> Spread:
    """The spread of whole days of which it is known how many there are of each."""
    size, values = days.total(), sorted(day for day, number in days.items() if number)
    if not size:
        return NOTHING
    upto, reached = [], 0
    for day in values:
        reached += days[day]
        upto.append(reached)

    def at(place: int) -> int:
        return next(day for day, end in zip(values, upto, strict=True) if place < end)

    median = (at((size - 1) // 2) + at(size // 2)) / 2
    return Spread(size, median, float(at(-(-9 * size // 10) - 1)), float(values[-1]))


def spreads(rows: QuerySet[Any], value: str, by: tuple[str, ...] = ()) -> dict[tuple[Any, ...], Spread]:
    """The spread of `value` in each group of `by`, which are names of fields or annotations. One query, few rows."""
    if connection.vendor != "postgresql":
        return _by_windows(rows, value, by)
    found = rows.values_list(*by) if by else rows.annotate(whole=F("pk") * 0).values_list("whole")
    listed = found.annotate(n=Count(value), m=Middle(value), t=NinthTenth(value), x=Max(value))
    return {tuple(row[:-4]) if by else (): Spread(*row[-4:]) for row in listed if row[-4]}


def _by_windows(rows: QuerySet[Any], value: str, by: tuple[str, ...]) -> dict[tuple[Any, ...], Spread]:
    parted: dict[str, Any] = {"partition_by": [F(name) for name in by]} if by else {}
    placed = rows.annotate(
        place=Window(RowNumber(), order_by=[F(value).asc(), F("pk").asc()], **parted),
        size=Window(Count("pk"), **parted),
    )
    doubled = placed.annotate(twice=F("place") * 2, tenth=F("place") * 10, nine=F("size") * 9)
    middle = Q(twice=F("size")) | Q(twice=F("size") + 1) | Q(twice=F("size") + 2)
    ninth = Q(tenth__gte=F("nine")) & Q(tenth__lt=F("nine") + 10)
    last = Q(place=F("size"))
    found: dict[tuple[Any, ...], list[tuple[int, int, float]]] = defaultdict(list)
    for place, size, number, *group in doubled.filter(middle | ninth | last).values_list("place", "size", value, *by):
        found[tuple(group)].append((place, size, number))
    return {group: _spread(values) for group, values in found.items()}


def _spread(values: list[tuple[int, int, float]]) -> Spread:
    size = values[0][1]
    middle = [number for place, _size, number in values if place * 2 in (size, size + 1, size + 2)]
    ninth = next(number for place, _size, number in values if 9 * size <= place * 10 < 9 * size + 10)
    longest = max(number for _place, _size, number in values)
    return Spread(size, sum(middle) / len(middle), ninth, longest)
