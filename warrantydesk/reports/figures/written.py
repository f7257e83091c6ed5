"""What a report asks of the database, its SQL written once in a process for all days and filters.

Django takes longer to write the dozen statements of a page than the database takes to answer most of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from products.written_once import WrittenOnce
from warrantydesk.reports.asked import BATCH, COUNTRY, PART, PRODUCT, REVIEWER, Asked
from warrantydesk.reports.ranges import Range

KINDS: dict[str, type] = {PRODUCT: int, PART: int, BATCH: date, COUNTRY: str, REVIEWER: int}
Build = Callable[..., QuerySet[Any, Any]]


def fetched(asked: Asked, build: Build, *of: Any, **days: date | datetime) -> list[Any]:
    """What `build(asked, *of, **days)` selects.

    Of what was asked for it may read the filters and the first and the last day; whatever follows from a day, or from
    the present moment, is worked out by the caller and given as one of `days`. `of` is written into the SQL.
    """
    kinds = tuple((name, type(value)) for name, value in days.items())
    once = _once(build, of, tuple(asked.filters), kinds)
    return once.ask(**asked.filters, first=asked.range.first, last=asked.range.last, **days).fetched()


@lru_cache(maxsize=512)
def _once(
    build: Build, of: tuple[Any, ...], filters: tuple[str, ...], days: tuple[tuple[str, type], ...]
) -> WrittenOnce:
    def rows(first: date, last: date, **given: Any) -> QuerySet[Any, Any]:
        told = {name: given.pop(name) for name in filters}
        return build(_Unmoving(Range(first, last), **told), *of, **given)

    kinds: dict[str, Any] = {**{name: KINDS[name] for name in filters}, **dict(days)}
    return WrittenOnce(rows, first=date, last=date, **kinds)


class _Unmoving(Asked):
    """What was asked for, while SQL is written of it: there is no present moment in what is written once."""

    __slots__ = ()

    def __init__(self, days: Range, **filters: Any) -> None:
        no_moment: Any = None
        super().__init__(days, no_moment, no_moment, **filters)
