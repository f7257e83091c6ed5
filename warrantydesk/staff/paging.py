"""Keyset paging in both directions: the last page costs what the first does, and new rows never shift one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from cases.models import Case
from warrantydesk.staff.ordering import Order
from warrantydesk.staff.rows import CaseRow, columns_of

PAGE_SIZE = 25


@dataclass(frozen=True)
class Place:
    """A row of the queue by what orders it. Written as `2026-03-02T12:05:00.123456+00:00~417` in an address."""

    key: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.key.isoformat()}~{self.pk}"

    @classmethod
    def read(cls, written: str) -> "Place | None":
        """None where the address was cut or made up: the reader then gets the first page."""
        at, mark, pk = written.partition("~")
        try:
            place = cls(datetime.fromisoformat(at), int(pk))
        except ValueError:
            return None
        return place if mark and place.key.utcoffset() is not None and 0 < place.pk < 2**63 else None


@dataclass(frozen=True)
class Asked:
    """Which page: the one after a place, the one before a place, the last one, or else the first."""

    after: Place | None = None
    before: Place | None = None
    last: bool = False

    @classmethod
    def read(cls, written: dict[str, str]) -> "Asked":
        after, before = (Place.read(written.get(name, "")) for name in ("after", "before"))
        return cls(after, None if after else before, last=not (after or before) and "last" in written)

    @property
    def place(self) -> Place | None:
        return self.before or self.after

    @property
    def backwards(self) -> bool:
        return self.last or self.before is not None


@dataclass(frozen=True)
class QueuePage:
    """`previous` and `next` are the places the neighbouring pages hang on; None where there is none."""

    cases: list[CaseRow]
    previous: Place | None
    next: Place | None


def rows_asked(cases: QuerySet[Case], order: Order, place: Place | None, *, backwards: bool) -> Any:
    """The columns of the rows of a page, and of one row more where there is one, in the order in which it is read.

    The page is found first, from an index alone, and only its rows are read: asked for whole rows, PostgreSQL would
    rather walk the table in the order in which it lies than the index that fits the filter.
    """
    columns = order.backwards if backwards else order.columns
    found = _beyond(order.named(cases).order_by(*columns), order, place, backwards).values("pk")[: PAGE_SIZE + 1]
    return columns_of(order.named(Case.objects.filter(pk__in=found)).order_by(*columns))


def page_of(found: list[Any], order: Order, asked: Asked) -> QueuePage:
    more, rows = len(found) > PAGE_SIZE, [CaseRow(*row) for row in found[:PAGE_SIZE]]
    if asked.backwards:
        rows.reverse()
    if not rows:
        return QueuePage([], None, None)
    first, last = (Place(order.key_of(row), row.pk) for row in (rows[0], rows[-1]))
    if asked.backwards:
        return QueuePage(rows, first if more else None, None if asked.last else last)
    return QueuePage(rows, first if asked.after else None, last if more else None)


def _beyond(cases: QuerySet[Case], order: Order, place: Place | None, backwards: bool) -> QuerySet[Case]:
    if place is None:
        return cases
    way = "lt" if order.descending != backwards else "gt"
    # The first condition alone is what the index walks along; the second splits rows of the same instant.
    return cases.filter(**{f"{order.key}__{way}e": place.key}).filter(
        Q(**{f"{order.key}__{way}": place.key}) | Q(**{f"pk__{way}": place.pk})
    )
