"""Stored parcels and scans as the pure rules want them: legs with their events. Reading only, few queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from shipments.carriers.base import Carrier
from shipments.carriers.manual import ANY
from shipments.carriers.registry import offered_carriers
from shipments.models import PackedPart, RepairShipment, TrackingEvent
from shipments.parcels import Parcel, read_parcel
from shipments.scans import Event, Leg

_SCAN_FIELDS = ("kind", "code", "voids", "occurred_at", "occurred_on", "utc_offset_minutes", "fact")


@dataclass(frozen=True, slots=True)
class CaseParcel:
    """A parcel of a case with what its scans prove; `parcel` is None while there is no scan of it."""

    shipment: RepairShipment
    parcel: Parcel | None
    leg: Leg

    @property
    def counts(self) -> bool:
        """Whether anything may follow from it: not cancelled, and confirmed where it was only proposed."""
        return counts(self.shipment)

    @property
    def arrival(self) -> Event | None:
        """The final delivery where it was sent to, or None."""
        if self.parcel is None:
            return None
        to_workshop = self.shipment.direction == RepairShipment.Direction.TO_WORKSHOP
        return self.parcel.at_workshop if to_workshop else self.parcel.at_customer


def counts(shipment: RepairShipment) -> bool:
    """Whether the parcel is one at all: neither cancelled nor only proposed."""
    return shipment.cancelled_at is None and not shipment.proposed


def parcels_of_case(case_id: int, now: datetime) -> list[CaseParcel]:
    """Every parcel of the case as known at `now`. Two queries."""
    shipments = list(RepairShipment.objects.filter(case_id=case_id).order_by("booked_at", "pk"))
    return _as_known(shipments, legs_of(shipments), now)


def with_scans(
    parcels: Sequence[CaseParcel], shipment_id: int, rows: Iterable[TrackingEvent], now: datetime
) -> list[CaseParcel]:
    """The parcels of a case, locked and read before, once these rows have been added to one of them. No query."""
    legs = {one.shipment.pk: one.leg for one in parcels}
    more = [*legs[shipment_id].events, *(event_of(row) for row in rows)]
    legs[shipment_id] = replace(legs[shipment_id], events=more)
    return _as_known([one.shipment for one in parcels], legs, now)


def _as_known(shipments: Sequence[RepairShipment], legs: Mapping[int, Leg], now: datetime) -> list[CaseParcel]:
    first = first_hand_over([legs[one.pk] for one in shipments if counts(one)], now)
    found = []
    for shipment in shipments:
        foreign_before = first if shipment.direction == RepairShipment.Direction.TO_CUSTOMER else None
        leg = legs[shipment.pk]
        found.append(CaseParcel(shipment, read_parcel(leg, None, now, foreign_before), leg))
    return found


def first_hand_over(legs: Iterable[Leg], now: datetime) -> Event | None:
    """The first scan that proves a parcel was on its way to the workshop, or None (policy 2.2)."""
    read = [read_parcel(leg, None, now) for leg in legs if leg.direction == "to_workshop"]
    scans = [parcel.first_physical for parcel in read if parcel and parcel.first_physical]
    first: Event | None = None
    for scan in scans:
        if first is None or scan.is_dated_before(first):
            first = scan
    return first


def legs_of(shipments: Sequence[RepairShipment]) -> dict[int, Leg]:
    """The leg of each shipment, by its id. One query."""
    events: dict[int, list[Event]] = defaultdict(list)
    rows = TrackingEvent.objects.filter(shipment__in=[one.pk for one in shipments]).order_by("pk")
    for row in rows.only("shipment_id", *_SCAN_FIELDS):
        events[row.shipment_id].append(event_of(row))
    return {
        one.pk: Leg(direction=one.direction, events=events[one.pk], booked_at=one.booked_at, key=str(one.pk))
        for one in shipments
    }


def legs_by_part(part_ids: Iterable[int]) -> dict[int, tuple[Leg, ...]]:
    """The legs that carry each part, over all its cases; () where none does. Two queries.

    Cancelled parcels and such as were only proposed carry nothing.
    """
    return carried(part_ids)[0]


def carried(part_ids: Iterable[int]) -> tuple[dict[int, tuple[Leg, ...]], dict[int, str]]:
    """`legs_by_part`, and the words for each of these parcels (`parcel_words`). Two queries."""
    wanted = sorted(set(part_ids))
    packed = PackedPart.objects.filter(
        part__in=wanted, shipment__cancelled_at__isnull=True, shipment__proposed=False
    ).select_related("shipment")
    shipments: dict[int, RepairShipment] = {}
    carriers: dict[int, list[int]] = {part_id: [] for part_id in wanted}
    for line in packed.order_by("part_id", "shipment_id"):
        shipments[line.shipment_id] = line.shipment
        carriers[line.part_id].append(line.shipment_id)
    legs = legs_of(list(shipments.values()))
    by_part = {part_id: tuple(legs[pk] for pk in carried_by) for part_id, carried_by in carriers.items()}
    return by_part, _words_of(shipments.values())


def parcel_words(shipment_ids: Iterable[int]) -> dict[int, str]:
    """Carrier and number of each parcel, as people write them: `DHL 00340434161094042557`. One query."""
    return _words_of(RepairShipment.objects.filter(pk__in=sorted(shipment_ids)).only("carrier", "tracking_number"))


def _words_of(shipments: Iterable[RepairShipment]) -> dict[int, str]:
    offered = offered_carriers()
    return {one.pk: f"{_carrier_name(one.carrier, offered)} {one.tracking_number}".strip() for one in shipments}


def _carrier_name(code: str, offered: Mapping[str, Carrier]) -> str:
    """Nothing for a carrier nobody named: the number alone says as much."""
    if code == ANY:
        return ""
    return offered[code].name if code in offered else code


def event_of(row: TrackingEvent) -> Event:
    """A stored scan with the local time of its place given back to it."""
    at = row.occurred_at
    if at is not None and row.utc_offset_minutes is not None:
        at = at.astimezone(timezone(timedelta(minutes=row.utc_offset_minutes)))
    return Event(
        kind=row.kind, code=row.code, occurred_at=at, occurred_on=row.occurred_on, voids=row.voids, key=row.fact
    )
