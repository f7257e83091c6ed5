"""Reading parcels: what is on the road, what is silent, what a person should look at. Few queries each."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, TruncDate

from products.models import PauseWindow
from shipments.carriers.registry import offered_carriers
from shipments.models import CarrierHealth, EventKind, PackedPart, PauseProof, RepairShipment, TrackingHook

ASTRAY = (EventKind.LOST, EventKind.RETURNED_TO_SENDER)
IN_EXCEPTION = (*ASTRAY, EventKind.EXCEPTION, EventKind.FAILED_ATTEMPT, EventKind.PICKUP_FAILED)
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


def parcels_in_workshop() -> QuerySet[RepairShipment]:
    """Arrived, and not yet on their way home: their clocks stand still. Longest here first."""
    return RepairShipment.objects.filter(here_since__isnull=False).select_related("case").order_by("here_since", "pk")


def silent_parcels(now: datetime) -> QuerySet[RepairShipment]:
    """Parcels without a scan for SILENT_PARCEL_DAYS while the clock of a part in them stands still (policy 2.10).

    With `silent_since`: the last scan, or the booking where there is none. A parcel that has arrived where it was
    sent to is not silent, nor one that went astray and was followed by another.
    """
    return parcels_unheard_of_since(long_ago(now))


def long_ago(now: datetime) -> datetime:
    """When a parcel that is silent by now was heard of at the latest."""
    return now - timedelta(days=settings.SILENT_PARCEL_DAYS)


def parcels_unheard_of_since(moment: datetime) -> QuerySet[RepairShipment]:
    """`silent_parcels` by the moment that is `long_ago`."""
    heard_on = TruncDate(F("silent_since") + _A_DAY, tzinfo=UTC)
    silent = parcels_that_count().filter(arrived_at__isnull=True)
    silent = silent.annotate(silent_since=Coalesce("latest_event_at", "booked_at")).annotate(heard_on=heard_on)
    # Of an absence that began after its last scan the parcel knows nothing: it belongs to an earlier one.
    standing_still = _open_windows().filter(left_on__lte=OuterRef("heard_on"))
    return (
        silent.filter(Exists(standing_still), silent_since__lt=moment)
        .exclude(Q(Exists(_followers()), latest_kind__in=ASTRAY))
        .select_related("case")
        .order_by("silent_since", "pk")
    )


def parcels_needing_review() -> QuerySet[RepairShipment]:
    """What a person should look at: a parcel that proves an end of a doubtful window (policy 2.9), one that went
    astray while a clock stands still, a scan that belongs to no window (one from the future, say), a number only
    proposed, and one whose carrier keeps failing."""
    living = RepairShipment.objects.filter(cancelled_at__isnull=True).order_by()
    # Each reason by itself is a walk along an index; joined by OR the database would try every one on every parcel.
    first, *others = (
        reason.values("pk")
        for reason in (
            living.filter(pk__in=_ends_of_doubtful_windows("left")),
            living.filter(pk__in=_ends_of_doubtful_windows("back")),
            living.filter(Exists(_open_windows()), latest_kind__in=ASTRAY),
            living.filter(settle_at__isnull=False),
            living.filter(~Q(review_reasons=[]), ~Exists(_windows())),
            living.filter(proposed=True),
            living.filter(look_failures__gte=FAILURES_TO_SEE),
        )
    )
    rows = RepairShipment.objects.filter(pk__in=first.union(*others))
    return rows.select_related("case").order_by("latest_event_at", "pk")


@dataclass(frozen=True, slots=True)
class Health:
    """How a carrier answers at present. `state`: working; resting while its circuit is open (not asked before
    `open_until`); trying once after that; troubled while looks fail but it is still asked; unknown while nobody has
    asked. `due` parcels wait for a look, `failing` ones were asked about in vain."""

    code: str
    name: str
    state: Literal["working", "resting", "trying", "troubled", "unknown"]
    parcels: int
    due: int
    failing: int
    latency_ms: int | None
    open_until: datetime | None
    last_success_at: datetime | None
    last_problem: str
    last_problem_at: datetime | None
    heard_at: datetime | None
    refused_at: datetime | None


def carrier_health(now: datetime) -> list[Health]:
    """Every carrier that can be asked, and any that parcels still wait for; those in trouble first. Two queries."""
    offered = offered_carriers()
    waiting = Q(next_look_at__lte=now, look_claimed_at__isnull=True)
    counts = parcels_that_count().filter(next_look_at__isnull=False).order_by().values("carrier")
    counted = counts.annotate(
        parcels=Count("pk"), due=Count("pk", filter=waiting), failing=Count("pk", filter=Q(look_failures__gt=0))
    )
    numbers = {row["carrier"]: (row["parcels"], row["due"], row["failing"]) for row in counted}
    rows = {row.carrier: row for row in CarrierHealth.objects.all()}
    codes = {code for code, carrier in offered.items() if carrier.polled} | numbers.keys()
    names = {code: offered[code].name if code in offered else code for code in codes}
    found = [_health(code, names[code], rows.get(code), numbers.get(code, (0, 0, 0)), now) for code in codes]
    return sorted(found, key=lambda one: (one.state in ("working", "unknown"), one.name.casefold()))


def _health(code: str, name: str, row: CarrierHealth | None, counts: tuple[int, int, int], now: datetime) -> Health:
    known = row or CarrierHealth(carrier=code)
    parcels, due, failing = counts
    return Health(
        code=code,
        name=name,
        state=_state(known, now),
        parcels=parcels,
        due=due,
        failing=failing,
        latency_ms=known.latency_ms,
        open_until=known.open_until if known.open_until and known.open_until > now else None,
        last_success_at=known.last_success_at,
        last_problem=known.last_problem,
        last_problem_at=known.last_problem_at,
        heard_at=known.heard_at,
        refused_at=known.refused_at,
    )


def _state(row: CarrierHealth, now: datetime) -> Literal["working", "resting", "trying", "troubled", "unknown"]:
    if row.open_until is not None and row.open_until > now:
        return "resting"
    if row.openings:
        return "trying"
    if row.failures:
        return "troubled"
    return "working" if row.last_success_at else "unknown"


def hooks_to_see() -> QuerySet[TrackingHook]:
    """What carriers sent that a person should look at: it could not be taken in. Newest first."""
    return TrackingHook.objects.filter(outcome=TrackingHook.Outcome.FAILED).defer("body")


def last_proof() -> PauseProof | None:
    """The latest nightly proof that ended; None before the first. `different` is the alarm."""
    return PauseProof.objects.filter(finished_at__isnull=False).first()


def _ends_of_doubtful_windows(end: str) -> QuerySet[PauseWindow, Any]:
    """The keys of the parcels that prove this end of a window which needs review."""
    doubtful = PauseWindow.objects.filter(
        source=PauseWindow.Source.TRACKING, certainty=PauseWindow.Certainty.PROVISIONAL
    ).exclude(review_reasons=[])
    return doubtful.order_by().annotate(by=_proved_by(end)).filter(by__isnull=False).values("by")


def _windows() -> QuerySet[PauseWindow]:
    """The windows, of either source, of the parts in the parcel asked about."""
    return PauseWindow.objects.filter(part__packed__shipment=OuterRef("pk"))


def _open_windows() -> QuerySet[PauseWindow]:
    return _windows().filter(back_on__isnull=True)


def _followers() -> QuerySet[RepairShipment]:
    """Parcels of the same case and direction that were scanned after the one asked about."""
    return parcels_that_count().filter(
        case=OuterRef("case"), direction=OuterRef("direction"), latest_event_at__gt=OuterRef("latest_event_at")
    )


def _proved_by(end: str) -> Cast:
    return Cast(KT(f"proof__{end}"), BigIntegerField())
