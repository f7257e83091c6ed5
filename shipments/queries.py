"""Reading parcels: what is on the road, what is silent, what a person should look at. Few queries each."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import BigIntegerField, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, TruncDate

from products.models import PauseWindow
from shipments.models import EventKind, PackedPart, RepairShipment

ASTRAY = (EventKind.LOST, EventKind.RETURNED_TO_SENDER)
_A_DAY = timedelta(days=1)  # the local day of a scan may be one later than the day in UTC
FAILURES_TO_SEE = 5


def parcels_of(case_id: int) -> QuerySet[RepairShipment]:
    """The parcels of a case with their scans and packing lists, in the order they were booked. Three queries."""
    return (
        RepairShipment.objects.filter(case=case_id)
        .select_related("booked_by")
        .prefetch_related(
            "tracking_events",
            Prefetch("packed_parts", PackedPart.objects.select_related("part__product").order_by("part")),
        )
        .order_by("booked_at", "pk")
    )


def parcels_that_count() -> QuerySet[RepairShipment]:
    """Parcels from which anything may follow: not cancelled, and confirmed where only proposed."""
    return RepairShipment.objects.filter(cancelled_at__isnull=True, proposed=False)


def parcels_on_the_road() -> QuerySet[RepairShipment]:
    """Handed over and not yet finally delivered, longest silent first."""
    travelling = parcels_that_count().filter(arrived_at__isnull=True)
    still_here = Q(latest_kind="") | Q(latest_kind__in=(EventKind.LABEL, EventKind.PICKUP_FAILED, EventKind.LOST))
    return travelling.exclude(still_here).select_related("case").order_by("latest_event_at", "pk")


def silent_parcels(now: datetime) -> QuerySet[RepairShipment]:
    """Parcels without a scan for SILENT_PARCEL_DAYS while the clock of a part in them stands still (policy 2.10).

    With `silent_since`: the last scan, or the booking where there is none. A parcel that has arrived where it was
    sent to is not silent, nor one that went astray and was followed by another.
    """
    heard_on = TruncDate(F("silent_since") + _A_DAY, tzinfo=UTC)
    silent = parcels_that_count().filter(arrived_at__isnull=True)
    silent = silent.annotate(silent_since=Coalesce("latest_event_at", "booked_at")).annotate(heard_on=heard_on)
    # Of an absence that began after its last scan the parcel knows nothing: it belongs to an earlier one.
    standing_still = _open_windows().filter(left_on__lte=OuterRef("heard_on"))
    long_ago = now - timedelta(days=settings.SILENT_PARCEL_DAYS)
    return (
        silent.filter(Exists(standing_still), silent_since__lt=long_ago)
        .exclude(Q(Exists(_followers()), latest_kind__in=ASTRAY))
        .select_related("case")
        .order_by("silent_since", "pk")
    )


def parcels_needing_review() -> QuerySet[RepairShipment]:
    """What a person should look at: a parcel that proves an end of a doubtful window (policy 2.9), one that went
    astray while a clock stands still, a number only proposed, and one whose carrier keeps failing."""
    doubtful = (
        PauseWindow.objects.filter(
            part__packed__shipment=OuterRef("pk"),
            source=PauseWindow.Source.TRACKING,
            certainty=PauseWindow.Certainty.PROVISIONAL,
        )
        .exclude(review_reasons=[])
        .annotate(left_by=_proved_by("left"), back_by=_proved_by("back"))
        .filter(Q(left_by=OuterRef("pk")) | Q(back_by=OuterRef("pk")))
    )
    needs = (
        Q(Exists(doubtful))
        | Q(Exists(_open_windows()), latest_kind__in=ASTRAY)
        | Q(proposed=True)
        | Q(look_failures__gte=FAILURES_TO_SEE)
    )
    rows = RepairShipment.objects.filter(needs, cancelled_at__isnull=True)
    return rows.select_related("case").order_by("latest_event_at", "pk")


def _open_windows() -> QuerySet[PauseWindow]:
    """The open windows, of either source, of the parts in the parcel asked about."""
    return PauseWindow.objects.filter(part__packed__shipment=OuterRef("pk"), back_on__isnull=True)


def _followers() -> QuerySet[RepairShipment]:
    """Parcels of the same case and direction that were scanned after the one asked about."""
    return parcels_that_count().filter(
        case=OuterRef("case"), direction=OuterRef("direction"), latest_event_at__gt=OuterRef("latest_event_at")
    )


def _proved_by(end: str) -> Cast:
    return Cast(KT(f"proof__{end}"), BigIntegerField())
