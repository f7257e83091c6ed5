"""The middle and the ninth tenth of many numbers, found by the database: exact, and the same on both.

The median of an even number of values is the mean of the middle two; the 90th percentile is the smallest value that at
least ninety in a hundred are not above.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber


@dataclass(frozen=True, slots=True)
class Spread:
    """Of so many values the median and the 90th percentile; None where there are no values."""

    number: int = 0
    median: float | None = None
    ninth: float | None = None


NOTHING = Spread()


def spreads(rows: QuerySet[Any], value: str, by: tuple[str, ...] = ()) -> dict[tuple[Any, ...], Spread]:
    """The spread of `value` in each group of `by`, which are names of fields or annotations. One query, few rows."""
    parted: dict[str, Any] = {"partition_by": [F(name) for name in by]} if by else {}
    placed = rows.annotate(
        place=Window(RowNumber(), order_by=[F(value).asc(), F("pk").asc()], **parted),
        size=Window(Count("pk"), **parted),
    )
    doubled = placed.annotate(twice=F("place") * 2, tenth=F("place") * 10, nine=F("size") * 9)
    middle = Q(twice=F("size")) | Q(twice=F("size") + 1) | Q(twice=F("size") + 2)
    ninth = Q(tenth__gte=F("nine")) & Q(tenth__lt=F("nine") + 10)
    found: dict[tuple[Any, ...], list[tuple[int, int, float]]] = defaultdict(list)
    for place, size, number, *group in doubled.filter(middle | ninth).values_list("place", "size", value, *by):
        found[tuple(group)].append((place, size, number))
    return {group: _spread(values) for group, values in found.items()}


def _spread(values: list[tuple[int, int, float]]) -> Spread:
    size = values[0][1]
    middle = [number for place, _size, number in values if place * 2 in (size, size + 1, size + 2)]
    ninth = next(number for place, _size, number in values if 9 * size <= place * 10 < 9 * size + 10)
    return Spread(size, sum(middle) / len(middle), ninth)
