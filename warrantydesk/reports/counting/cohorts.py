"""The covered parts counted by what they have in common, block by block of their table. One query a block.

Portable SQL: the month of a day is worked out by the database, on PostgreSQL and SQLite alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, CharField, Count, Exists, F, Max, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, TruncMonth

from products.models import ClockChange, CoveredPart, PartVoid, SaleCorrection
from warrantydesk.reports.counting.ledgers import SOLD, of_block
from warrantydesk.reports.counting.turns import take_turn
from warrantydesk.reports.models import PartCohort

COLUMNS = (
    "part_id", "product_id", "country", "sold_in", "term_months", "covered_in", "paused_days", "voided", "parts",
    "units",
)  # fmt: skip
Row = tuple[Any, ...]
BLOCK = 250_000  # keys; large enough that alike parts meet, small enough to be recounted in passing


def block_of(part_id: int) -> int:
    return part_id // BLOCK


def blocks() -> range:
    """Every block there may be anything in."""
    last = CoveredPart.objects.aggregate(last=Max("pk"))["last"]
    return range(0 if last is None else block_of(last) + 1)


def count_block(block: int) -> None:
    """Count the parts of a block anew. Running it twice gives the same rows."""
    rows = [PartCohort(block=block, **_named(row)) for row in counted_block(block)]
    with transaction.atomic():
        take_turn()
        before = of_block(block)
        PartCohort.objects.filter(block=block).delete()
        PartCohort.objects.bulk_create(rows, batch_size=2000)
        SOLD.write_difference(before, of_block(block))


def counted_block(block: int) -> Iterator[Row]:
    """The rows a block should have: what is alike, and how many of them, in a fixed order. Nothing is stored."""
    first = block * BLOCK
    country = Case(
        When(unit__line__invoice__country="", then=F("unit__line__invoice__customer__country")),
        default=F("unit__line__invoice__country"),
        output_field=CharField(),
    )
    voided = Case(When(voided_at=None, then=Value(False)), default=Value(True), output_field=BooleanField())
    parts = (
        CoveredPart.objects.filter(pk__gte=first, pk__lt=first + BLOCK)
        .order_by()
        .annotate(
            country=country,
            sold_in=TruncMonth("starts_on"),
            covered_in=TruncMonth("covered_through"),
            paused_days=Coalesce("extended_days", 0),
            voided=voided,
        )
        .values_list(
            "product_id", "unit__line__product_id", "country", "sold_in", "term_months",
            "covered_in", "paused_days", "voided",
        )
    )  # fmt: skip
    sooner = CoveredPart.objects.filter(unit=OuterRef("unit"), position__lt=OuterRef("position"))
    yield from parts.annotate(parts=Count("pk"), units=Count("pk", filter=~Exists(sooner)))


def stored_block(block: int) -> Iterator[Row]:
    yield from PartCohort.objects.filter(block=block).values_list(*COLUMNS)


def is_right(block: int) -> bool:
    """Whether the stored rows of a block are those a recount gives."""
    return sorted(map(repr, counted_block(block))) == sorted(map(repr, stored_block(block)))


def blocks_changed(last_key: int, since: datetime | None) -> set[int]:
    """The blocks with parts sold after the key `last_key`, or whose clocks or covers changed since."""
    top = blocks().stop
    found = set(range(block_of(last_key + 1), top))
    if since is None:
        return set(range(top))
    corrected = SaleCorrection.objects.filter(at__gte=since).values("invoice")
    changed = [
        ClockChange.objects.filter(at__gte=since).order_by().values_list("part_id"),
        PartVoid.objects.filter(Q(voided_at__gte=since) | Q(lifted_at__gte=since)).order_by().values_list("part_id"),
        CoveredPart.objects.filter(unit__line__invoice__in=corrected).order_by().values_list("pk"),
    ]
    found |= {block_of(pk) for (pk,) in changed[0].union(*changed[1:], all=True).iterator()}
    return found


def _named(row: Row) -> dict[str, Any]:
    return dict(zip(COLUMNS, row, strict=True))
