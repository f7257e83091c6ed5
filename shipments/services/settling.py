"""What follows when anything about the parcels of a case has changed, in one place and one order:

the parcels say where they are, the timeline hears the news, the pauses are rebuilt, the case moves, the clock is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.models import Case
from cases.services import repairing
from cases.services._transition import locked_case
from products.errors import Refused
from products.models import ClockChange
from shipments.carriers.registry import find_carrier
from shipments.models import PackedPart, RepairShipment
from shipments.scans import Event
from shipments.schedule import next_look
from shipments.services.legs import CaseParcel, parcels_of_case
from shipments.services.moving import follow_parcels
from shipments.services.pausing import rebuild_pauses
from shipments.services.staying import restate_stays

NOON = time(12, tzinfo=UTC)
_DERIVED = ("latest_kind", "latest_event_at", "arrived_at", "review_reasons", "settle_at", "next_look_at")
# What of a parcel's story belongs in the story of its case: the name of the news and the scan that tells it.
News = dict[str, Event]


@dataclass(frozen=True, slots=True)
class Before:
    """What was known of the parcels of a case before the change."""

    case: Case
    parcels: Sequence[CaseParcel]
    news: Mapping[int, News]


def lock_shipment(shipment_id: int) -> tuple[Case, RepairShipment]:
    """The parcel with its case, the case locked first and read afresh. Refused where there is no such parcel."""
    case_id = RepairShipment.objects.filter(pk=shipment_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise Refused(_("There is no such parcel."), field="shipment", code="shipment_unknown")
    case = locked_case(case_id)
    return case, RepairShipment.objects.get(pk=shipment_id)


def lock_case_of(shipment_id: int) -> Case:
    """The case of a parcel, locked and read afresh, without anything around it. Refused where there is no parcel."""
    case = Case.objects.select_for_update(of=("self",)).filter(repair_shipments=shipment_id).first()
    if case is None:
        raise Refused(_("There is no such parcel."), field="shipment", code="shipment_unknown")
    return case


def look_around(case: Case, now: datetime) -> Before:
    """Remember what the parcels of a locked case say now, to be able to tell later what is new."""
    parcels = parcels_of_case(case.pk, now)
    return Before(case, parcels, {one.shipment.pk: _news(one) for one in parcels})


def settle(
    before: Before,
    part_ids: Iterable[int],
    *,
    cause: str,
    actor: Actor,
    now: datetime,
    parcels: Sequence[CaseParcel] | None = None,
) -> list[ClockChange]:
    """Everything that follows for the case and for these parts. In the caller's transaction, the case locked.

    `parcels`: those of the case as they are after the change, where they are known without reading them again.
    """
    if parcels is None:
        parcels = parcels_of_case(before.case.pk, now)
    _store_derived(parcels, now)
    _tell_news(before, parcels, actor=actor, now=now)
    part_ids = list(part_ids)
    changes = rebuild_pauses(part_ids, cause=cause, now=now)
    # While nothing of the case ever arrived and no clock moved, nothing can have come here or left.
    if changes or any(one.shipment.arrived_at or one.shipment.here_since for one in parcels):
        restate_stays(part_ids, case_id=before.case.pk)
    follow_parcels(before.case, parcels, now=now)
    _tell_clock(before.case, changes, parcels, actor=actor, now=now)
    return changes


def packed_part_ids(shipment_id: int) -> list[int]:
    """The covered parts on the parcel's packing list."""
    return list(PackedPart.objects.filter(shipment=shipment_id).order_by("part").values_list("part", flat=True))


def _store_derived(parcels: Sequence[CaseParcel], now: datetime) -> None:
    """Where each parcel was last seen, when it arrived, and what of it a person should look at, as far as is known
    today."""
    changed = []
    for one in parcels:
        shipment, latest = one.shipment, one.parcel.scans[-1] if one.parcel and one.parcel.scans else None
        says = {
            "latest_kind": latest.kind if latest else "",
            "latest_event_at": _instant(latest),
            "arrived_at": _instant(one.arrival),
            "review_reasons": sorted(one.parcel.reasons) if one.parcel else [],
            "settle_at": one.parcel.next_used_at if one.parcel else None,
        }
        if any(getattr(shipment, name) != value for name, value in says.items()):
            for name, value in says.items():
                setattr(shipment, name, value)
            shipment.next_look_at = _next_look(shipment, now)
            changed.append(shipment)
    # Mostly it is one, and a plain update costs a fraction of what a bulk update takes to be written down.
    for shipment in changed:
        derived = {name: getattr(shipment, name) for name in _DERIVED}
        RepairShipment.objects.filter(pk=shipment.pk).update(**derived)


def _next_look(shipment: RepairShipment, now: datetime) -> datetime | None:
    carrier = find_carrier(shipment.carrier)
    if shipment.cancelled_at or shipment.proposed or carrier is None or not carrier.polled:
        return shipment.next_look_at
    return next_look(
        now, latest_kind=shipment.latest_kind, latest_at=shipment.latest_event_at, booked_at=shipment.booked_at
    )


def _instant(scan: Event | None) -> datetime | None:
    """The instant of a scan; of a bare date its noon in UTC, when that date is written nearly everywhere."""
    if scan is None:
        return None
    return scan.occurred_at or datetime.combine(scan.day, NOON)


def _news(one: CaseParcel) -> News:
    if one.parcel is None or not one.counts:
        return {}
    told = {"handed_over": one.parcel.first_physical, "delivered": one.arrival}
    if one.shipment.direction == RepairShipment.Direction.TO_WORKSHOP:
        told["delivered_to_sender"] = one.parcel.at_customer
    for kind in ("returned_to_sender", "lost"):
        told[kind] = next((scan for scan in one.parcel.scans if scan.kind == kind), None)
    return {name: scan for name, scan in told.items() if scan}


def _tell_news(before: Before, parcels: Sequence[CaseParcel], *, actor: Actor, now: datetime) -> None:
    """Write what is new to the timeline, each piece of news once."""
    for one in parcels:
        known, told = before.news.get(one.shipment.pk, {}), _news(one)
        for name in [name for name in told if name not in known]:
            _note(before.case, one.shipment, name, told[name], actor=actor, now=now)
        if "delivered" in known and "delivered" not in told and one.counts:
            _note(before.case, one.shipment, "delivery_not_final", known["delivered"], actor=actor, now=now)


def _note(case: Case, shipment: RepairShipment, name: str, scan: Event, *, actor: Actor, now: datetime) -> None:
    data = {"shipment": shipment.pk, "direction": shipment.direction, "on": scan.day.isoformat()}
    repairing.note_shipment(case.pk, name=name, data=data, actor=actor, now=now)


def _tell_clock(
    case: Case,
    changes: Sequence[ClockChange],
    parcels: Sequence[CaseParcel],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Tell the case which clocks moved; "returned" when the product is home and they run again (policy 2.11)."""
    # Of a part that is void nothing is promised, whatever its dates say (policy 1.8).
    moved = [change for change in changes if not change.part.is_voided]
    if moved:
        # Where a day is corrected later, the customer was told a date that is not true any more: they are told again.
        returned = _is_home(parcels) and any(change.after["covered_through"] for change in moved)
        repairing.tell_clock(case.pk, changes=moved, returned=returned, actor=actor, now=now)


def _is_home(parcels: Sequence[CaseParcel]) -> bool:
    return any(one.counts and one.parcel and one.parcel.at_customer for one in parcels)
