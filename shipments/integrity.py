"""What must always be true of parcels and their pauses. Each broken promise is one line for a person to act on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from products.models import PauseWindow
from shipments.models import RepairShipment, TrackingEvent
from shipments.rebuilding import differences
from shipments.services.legs import parcels_of_case
from shipments.services.staying import stays_of

FORGOTTEN_AFTER = timedelta(days=1)
_CHUNK = 500


def problems(now: datetime | None = None) -> Iterator[str]:
    """Every broken promise, in constant memory. Nothing is changed."""
    at = now or timezone.now()
    yield from _empty_parcels()
    yield from _forgotten_claims(at)
    yield from _several_open_windows()
    yield from _wrong_arrivals(at)
    yield from _wrong_stays()
    yield from (f"part {one.part_id}: {one}" for one in differences(at))


def _empty_parcels() -> Iterator[str]:
    packed = Count("packed_parts")
    rows = RepairShipment.objects.filter(cancelled_at__isnull=True, proposed=False).annotate(packed=packed)
    for pk in rows.filter(packed=0).order_by("pk").values_list("pk", flat=True).iterator(_CHUNK):
        yield f"parcel {pk}: nothing is packed in it, so its scans pause nothing"


def _forgotten_claims(now: datetime) -> Iterator[str]:
    rows = RepairShipment.objects.filter(look_claimed_at__lt=now - FORGOTTEN_AFTER).order_by("pk")
    for pk, at in rows.values_list("pk", "look_claimed_at").iterator(_CHUNK):
        yield f"parcel {pk}: claimed for a look at {at:%Y-%m-%d %H:%M} UTC and never given back; does the sweep run?"


def _several_open_windows() -> Iterator[str]:
    still_open = Count("pk", filter=Q(back_on__isnull=True))
    rows = PauseWindow.objects.filter(source=PauseWindow.Source.TRACKING).order_by().values("part")
    for part in rows.annotate(open=still_open).filter(open__gt=1).values_list("part", flat=True):
        yield f"part {part}: more than one open pause by tracking"


def _wrong_arrivals(now: datetime) -> Iterator[str]:
    """Stored arrivals that the scans do not prove, and proved ones that are not stored. Two queries a case."""
    with_scans = TrackingEvent.objects.order_by().values("shipment__case").distinct()
    cases = with_scans.order_by("shipment__case").values_list("shipment__case", flat=True)
    for case_id in cases.iterator(_CHUNK):
        for one in parcels_of_case(case_id, now):
            if (one.arrival is None) != (one.shipment.arrived_at is None):
                said = "arrived" if one.shipment.arrived_at else "not arrived"
                yield f"parcel {one.shipment.pk}: stored as {said}, its scans say otherwise"


def _wrong_stays() -> Iterator[str]:
    """Parcels said to be in the workshop that are not, and the other way round."""
    stays = stays_of(RepairShipment.objects.all()).order_by("pk")
    for pk, said, proved in stays.values_list("pk", "here_since", "proved").iterator(_CHUNK):
        if said != proved:
            where = "in the workshop" if said else "not in the workshop"
            yield f"parcel {pk}: stored as {where}, its scans and pauses say otherwise; rebuild_pauses mends it"
