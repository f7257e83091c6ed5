"""The flat rows of parcels and quotes of some cases: one query each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo

from django.db.models import Min, OuterRef, Q, Subquery, Sum

from cases.models import Quote, QuoteLine
from shipments.models import EventKind
from shipments.queries import parcels_that_count
from warrantydesk.reports.models import CaseFigures, ClaimFigures, ParcelFigures, QuoteFigures

MOVED = (
    EventKind.DROP_OFF, EventKind.PICKED_UP, EventKind.IN_TRANSIT, EventKind.OUT_FOR_DELIVERY,
    EventKind.AVAILABLE_FOR_PICKUP, EventKind.FAILED_ATTEMPT, EventKind.DELIVERED,
)  # fmt: skip
MOST_LISTED: int = ParcelFigures._meta.get_field("parts").max_length or 0  # of the letters that tell the parts


def day_of(at: datetime | None, zone: tzinfo) -> date:
    """The desk's day. Only what has a time is asked for here."""
    assert at is not None  # noqa: S101 - the rows were chosen by it
    return at.astimezone(zone).date()


def quotes_of(figures: Mapping[int, CaseFigures], zone: tzinfo) -> list[QuoteFigures]:
    """The quotes in force of these cases that were sent."""
    total = QuoteLine.objects.filter(quote=OuterRef("pk")).order_by().values("quote").annotate(sum=Sum("amount"))
    rows = Quote.objects.filter(case__in=figures.keys(), sent_at__isnull=False, superseded_at=None).order_by("pk")
    return [
        QuoteFigures(
            quote_id=one.pk,
            figures=figures[one.case_id],
            sent_on=day_of(one.sent_at, zone),
            currency=one.currency,
            answer=one.answer,
            product_id=figures[one.case_id].product_id,
            total=one.total or 0,
        )
        for one in rows.annotate(total=Subquery(total.values("sum")))
    ]


def parcels_of(figures: Mapping[int, CaseFigures], claims: Iterable[ClaimFigures], zone: tzinfo) -> list[ParcelFigures]:
    """The parcels of these cases that arrived, with the time since the first scan that moved them; `claims` are all
    claims of these cases."""
    moved = Min("tracking_events__occurred_at", filter=Q(tracking_events__kind__in=MOVED))
    rows = parcels_that_count().filter(case__in=figures.keys(), arrived_at__isnull=False).order_by("pk")
    parts: dict[int, set[int]] = defaultdict(set)
    for claim in claims:
        parts[claim.figures_id].add(claim.part_id)
    return [
        ParcelFigures(
            shipment_id=pk,
            figures=figures[case],
            carrier=carrier,
            direction=direction,
            arrived_on=day_of(at, zone),
            seconds=round((at - left).total_seconds()) if at and left and left <= at else None,
            parts=listed_parts(parts[case]),
            **figures[case].narrowing,
        )
        for pk, case, carrier, direction, at, left in rows.annotate(left=moved).values_list(
            "pk", "case", "carrier", "direction", "arrived_at", "left"
        )
    ]


def listed_parts(parts: Iterable[int]) -> str:
    """Their keys, each between two spaces; nothing where they have no room."""
    told = " " + "".join(f"{part} " for part in sorted(parts))
    return told if len(told) <= MOST_LISTED else ""
