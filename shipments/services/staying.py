"""Which parcels are in the workshop: arrived here, the clock of a part in them still standing, and nothing handed over
to the customer since. Written down with each of them as `here_since`, whenever one of the three may have changed."""

from collections.abc import Collection
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from products.models import PauseWindow
from shipments.models import EventKind, PackedPart, RepairShipment
from shipments.queries import parcels_that_count

NOT_HANDED_OVER = ("", EventKind.LABEL, EventKind.PICKUP_FAILED)
TO_WORKSHOP, TO_CUSTOMER = RepairShipment.Direction.TO_WORKSHOP, RepairShipment.Direction.TO_CUSTOMER


def restate_stays(part_ids: Collection[int], *, case_id: int | None = None) -> None:
    """Write down anew which parcels with these parts, and which of this case, are here. One query where all are as
    before."""
    packed = PackedPart.objects.filter(part__in=part_ids).order_by().values("shipment")
    stays = stays_of(RepairShipment.objects.filter(Q(pk__in=packed) | Q(case=case_id)))
    for pk, said, proved in stays.values_list("pk", "here_since", "proved"):
        if said != proved:
            RepairShipment.objects.filter(pk=pk).update(here_since=proved)


def stays_of(parcels: QuerySet[RepairShipment]) -> Any:
    """Those that arrived here, or are said to be, each with `proved`: since when it is, None where it is not."""
    still_away = PauseWindow.objects.filter(part__packed__shipment=OuterRef("pk"), back_on=None)
    left_since = (
        parcels_that_count()
        .filter(case=OuterRef("case"), direction=TO_CUSTOMER, latest_event_at__gte=OuterRef("arrived_at"))
        .exclude(latest_kind__in=NOT_HANDED_OVER)
    )
    arrived = Q(cancelled_at=None, proposed=False, direction=TO_WORKSHOP, arrived_at__isnull=False)
    is_here = arrived & Exists(still_away) & ~Exists(left_since)
    known = parcels.filter(Q(direction=TO_WORKSHOP, arrived_at__isnull=False) | Q(here_since__isnull=False)).order_by()
    return known.annotate(proved=Case(When(is_here, then=F("arrived_at"))))
