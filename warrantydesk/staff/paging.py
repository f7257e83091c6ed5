"""Keyset paging, newest first: a page costs the same however far down it lies, and new rows never shift it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from cases.models import Case

PAGE_SIZE = 50


@dataclass(frozen=True)
class Place:
    """A row of the queue by what orders it. Written as `2026-03-02T12:05:00.123456+00:00~417` in an address."""

    changed_at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.changed_at.isoformat()}~{self.pk}"

    @classmethod
    def read(cls, written: str) -> "Place | None":
        """None where the address was cut or made up: the reader then gets the first page."""
        at, mark, pk = written.partition("~")
        try:
            place = cls(datetime.fromisoformat(at), int(pk))
        except ValueError:
            return None
        return place if mark and place.changed_at.utcoffset() is not None and 0 < place.pk < 2**63 else None


@dataclass(frozen=True)
class QueuePage:
    cases: list[Case]
    older: Place | None
    is_first: bool


def queue_page(cases: QuerySet[Case], before: str = "") -> QueuePage:
    """The page of `cases` that begins after the place `before`. One query."""
    place = Place.read(before)
    ordered = cases.order_by("-changed_at", "-pk")
    if place:
        # The first condition alone is what the index walks along; the second splits rows of the same instant.
        ordered = ordered.filter(changed_at__lte=place.changed_at).filter(
            Q(changed_at__lt=place.changed_at) | Q(pk__lt=place.pk)
        )
    rows = list(ordered[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    older = Place(shown[-1].changed_at, shown[-1].pk) if len(rows) > PAGE_SIZE else None
    return QueuePage(shown, older, is_first=place is None)
