"""What a carrier said, or a person entered, is kept once and for ever, and everything that follows from it follows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actors import Actor
from shipments.carriers.base import TrackedEvent
from shipments.models import RepairShipment, TrackingEvent
from shipments.services.legs import CaseParcel, with_scans
from shipments.services.settling import lock_case_of, look_around, packed_part_ids, settle

HANDLE = "shipments.handle_shipment"


def record_events(
    shipment_id: int, events: Sequence[TrackedEvent], *, heard: str, actor: Actor | None = None, now: datetime
) -> int:
    """Keep these scans of a parcel, and let its pauses, its case and the customer's mail follow; how many were new.

    `heard` is poll, webhook or staff. The same scan told twice, by whomever, is one row. Any order, any repetition
    gives the same rows and windows. One transaction: either everything follows, or nothing was heard. A webhook that
    tells nothing new locks nothing; without any scan everything follows once more.
    """
    by = actor or Actor.system()
    if heard not in TrackingEvent.Heard.values:
        raise ValueError(f"heard: {heard!r} is none of {', '.join(TrackingEvent.Heard.values)}")
    if heard == TrackingEvent.Heard.STAFF:
        by.require(HANDLE)
    # Webhooks repeat themselves; of a poll only what is new comes here.
    if heard == TrackingEvent.Heard.WEBHOOK and events and _are_known(shipment_id, events):
        return 0
    with transaction.atomic():
        before = look_around(lock_case_of(shipment_id), now)
        one = next(one for one in before.parcels if one.shipment.pk == shipment_id)
        new = _append(one, events, heard=heard, actor=by, now=now)
        cause = _("scans of %(parcel)s") % {"parcel": one.shipment}
        # The lock holds off everybody else: the parcels are now as they were, and these scans.
        parcels = with_scans(before.parcels, shipment_id, new, now)
        settle(before, packed_part_ids(shipment_id), cause=cause, actor=by, now=now, parcels=parcels)
    return len(new)


def count_anew(now: datetime, limit: int = 200) -> int:
    """Let follow what follows by the calendar alone: scans from the future that are used from now on (policy 2.7)."""
    ripe = RepairShipment.objects.filter(settle_at__lte=now).order_by("settle_at", "pk")
    shipment_ids = list(ripe.values_list("pk", flat=True)[:limit])
    for shipment_id in shipment_ids:
        record_events(shipment_id, (), heard=TrackingEvent.Heard.POLL, now=now)
    return len(shipment_ids)


def _are_known(shipment_id: int, events: Sequence[TrackedEvent]) -> bool:
    """Each of these is stored; what followed from it was stored with it."""
    facts = {event.fact for event in events}
    return TrackingEvent.objects.filter(shipment=shipment_id, fact__in=facts).count() == len(facts)


def _append(
    one: CaseParcel, events: Sequence[TrackedEvent], *, heard: str, actor: Actor, now: datetime
) -> list[TrackingEvent]:
    """Add the scans that are not there yet. The lock on the case keeps everybody else from adding the same."""
    told = {event.fact: event for event in events}
    known = {event.key for event in one.leg.events}
    rows = [
        _row(one.shipment, event, heard=heard, actor=actor, now=now)
        for fact, event in told.items()
        if fact not in known
    ]
    TrackingEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return rows


def _row(shipment: RepairShipment, event: TrackedEvent, *, heard: str, actor: Actor, now: datetime) -> TrackingEvent:
    offset = event.occurred_at.utcoffset() if event.occurred_at else None
    return TrackingEvent(
        shipment=shipment,
        fact=event.fact,
        kind=event.kind,
        code=event.code,
        voids=event.voids,
        occurred_at=event.occurred_at,
        occurred_on=event.day,
        utc_offset_minutes=None if offset is None else offset // timedelta(minutes=1),
        place=event.place,
        text=event.text,
        raw=storable(event.raw),
        heard=heard,
        heard_at=now,
        recorded_by=actor.user if actor.kind == "staff" else None,
    )


def storable(value: Any) -> Any:
    """A carrier's payload as every database keeps it: PostgreSQL's JSON knows no NUL, no NaN and no half surrogate."""
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)
