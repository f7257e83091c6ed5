"""Keyset paging in both directions: the last page costs what the first does, and new rows never shift one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from cases.models import Case
from warrantydesk.staff.ordering import Order
from warrantydesk.staff.rows import CaseRow, rows_by_id

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


def places_asked(cases: QuerySet[Case], order: Order, place: Place | None, *, backwards: bool) -> Any:
    """(key, id) of the rows of a page, and of one row more where there is one, in the order in which they are read.

    From one index alone; the rows are read by their ids. Asked for whole rows, PostgreSQL would rather walk the table
    in the order in which it lies than the index that fits the filter; and whatever is joined it would have to plan anew
    for every kind of page.
    """
    columns = order.backwards if backwards else order.columns
    found = _beyond(order.named(cases).order_by(*columns), order, place, backwards)
    return found.values_list(order.key, "pk")[: PAGE_SIZE + 1]


def page_of(found: Iterable[tuple[datetime, int]], asked: Asked) -> QueuePage:
    places = [Place(*one) for one in found]
    more, places = len(places) > PAGE_SIZE, places[:PAGE_SIZE]
    if asked.backwards:
        places.reverse()
    if not places:
        return QueuePage([], None, None)
    rows = rows_by_id([place.pk for place in places])
    if asked.backwards:
        return QueuePage(rows, places[0] if more else None, None if asked.last else places[-1])
    return QueuePage(rows, places[0] if asked.after else None, places[-1] if more else None)


def _beyond(cases: QuerySet[Case], order: Order, place: Place | None, backwards: bool) -> QuerySet[Case]:
    if place is None:
        return cases
    way = "lt" if order.descending != backwards else "gt"
    # The first condition alone is what the index walks along; the second splits rows of the same instant.
    return cases.filter(**{f"{order.key}__{way}e": place.key}).filter(
        Q(**{f"{order.key}__{way}": place.key}) | Q(**{f"pk__{way}": place.pk})
    )
