"""What one parcel's scans prove, before anyone asks about windows (policy 2.2 and 2.5-2.7). Pure.

`read_parcel` leaves out what is kept but not used, and answers when the parcel was first in a carrier's hands and when
it finally arrived. Everything depends on the set of events only: never on their order, and not on how often one is
repeated.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

from shipments.scans import MOVEMENT, PHYSICAL, Event, Leg, in_order

Reason = Literal[
    "inferred_handover",
    "date_only",
    "delivery_followed_by_movement",
    "delivery_voided",
    "lost",
    "unknown_code",
    "contradictory_order",
    "future_event",
]
REASONS = frozenset(get_args(Reason))

RECYCLED_AFTER = timedelta(days=30)
FUTURE_AFTER = timedelta(hours=24)
EASTERNMOST = timedelta(hours=14)  # where a calendar date begins first
FIRST_INSTANT = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A leg as its usable scans tell it, in order. `reasons` is what a person should look at (policy 2.9)."""

    direction: str
    key: str
    scans: tuple[Event, ...]
    reasons: frozenset[Reason]
    since: date  # the day of its first scan, used or not: which window its reasons belong to
    next_used_at: datetime | None = None  # when the first of its scans from the future is used, should there be one

    @property
    def first_physical(self) -> Event | None:
        """The scan that proves the parcel was in a carrier's hands, or None while it is only a label (policy 2.2)."""
        return next((scan for scan in self.scans if scan.kind in PHYSICAL), None)

    @property
    def at_customer(self) -> Event | None:
        """The final delivery into the customer's hands, or None (policy 2.5, 2.6).

        A parcel sent back goes to its sender: the workshop on the way out, the customer on the way in. A parcel to
        the customer that was sent back therefore never arrived, whatever was scanned before or after.
        """
        sent_back = next((i for i, scan in enumerate(self.scans) if scan.kind == "returned_to_sender"), None)
        if self.direction == "to_customer":
            return _final_delivery(self.scans) if sent_back is None else None
        return None if sent_back is None else _final_delivery(self.scans[sent_back:])

    @property
    def at_workshop(self) -> Event | None:
        """The final delivery of a parcel to the workshop, or None; being sent back afterwards does not undo it."""
        if self.direction == "to_customer":
            return None
        sent_back = next((i for i, scan in enumerate(self.scans) if scan.kind == "returned_to_sender"), None)
        return _final_delivery(self.scans[:sent_back])

    @property
    def went_astray(self) -> bool:
        """Sent back, or lost before it arrived: nothing waits for it once another parcel follows (policy 2.3)."""
        kinds = [scan.kind for scan in self.scans]
        arrived = self.at_customer
        if arrived is not None:
            kinds = kinds[: self.scans.index(arrived)]
        return "returned_to_sender" in kinds or "lost" in kinds


def merge_legs(legs: Iterable[Leg]) -> list[Leg]:
    """One leg for each parcel: legs of one direction and key are pieces of it, nameless legs that agree repeat it."""
    whole: dict[Hashable, Leg] = {}
    for leg in legs:
        name = _name_of(leg)
        whole[name] = _joined(whole[name], leg) if name in whole else leg
    return list(whole.values())


def _name_of(leg: Leg) -> Hashable:
    if leg.key:
        return leg.direction, leg.key
    # Not the events themselves: two of them are equal at one instant, though their local days may differ.
    scans = frozenset((e.kind, e.code, str(e.occurred_at), e.occurred_on, e.voids) for e in leg.events)
    return leg.direction, str(leg.booked_at), scans


def _joined(one: Leg, other: Leg) -> Leg:
    """Both pieces, under the earlier of their bookings."""
    bookings = [at for at in (one.booked_at, other.booked_at) if at]
    booked_at = min(bookings, key=lambda at: (at, at.isoformat()), default=None)
    return replace(one, events=[*one.events, *other.events], booked_at=booked_at)


def read_parcel(leg: Leg, booked_at: datetime | None, now: datetime, not_before: Event | None = None) -> Parcel | None:
    """What a leg's scans prove, or None if it has none. `booked_at` stands in where the leg has no booking of its own.

    `not_before` is the first hand-over: a delivery to the customer before it is somebody else's (policy 2.7), and so
    is all that led up to it.
    """
    if not leg.events:
        return None
    own = [event for event in leg.events if not _is_recycled(event, leg.booked_at or booked_at)]
    ahead = [at for event in own if (at := _used_from(event)) > now]
    present = [event for event in own if _used_from(event) <= now]
    corrections = _heard_corrections(present)
    standing = [event for event in present if event.kind != "correction" and not _is_voided(event, corrections)]
    scans = _after_contradiction(in_order(standing), not_before)
    reasons: dict[Reason, bool] = {
        "future_event": len(present) < len(own),
        "delivery_voided": any(e.kind == "delivered" and _is_voided(e, corrections) for e in present),
        "contradictory_order": len(scans) < len(standing),
        "delivery_followed_by_movement": _was_moved_after_delivery(scans, leg.direction),
        "lost": any(scan.kind == "lost" for scan in scans),
        "unknown_code": leg.direction == "to_customer" and any(scan.kind == "unknown" for scan in scans),
    }
    return Parcel(
        direction=leg.direction,
        key=leg.key,
        scans=tuple(scans),
        reasons=frozenset(reason for reason, found in reasons.items() if found),
        since=min(event.day for event in (present or leg.events)),
        next_used_at=min(ahead, default=None),
    )


def _is_recycled(event: Event, booked_at: datetime | None) -> bool:
    """More than 30 days older than the booking: the number then belonged to another parcel (policy 2.7)."""
    if booked_at is None:
        return False
    if event.occurred_at is None:
        return booked_at.date() - event.day > RECYCLED_AFTER
    return booked_at - event.occurred_at > RECYCLED_AFTER


def _used_from(event: Event) -> datetime:
    """A scan more than 24 hours ahead is not used yet (policy 2.7); of a bare date even its first moment on earth."""
    if event.occurred_at is not None:
        return _earlier(event.occurred_at, FUTURE_AFTER)
    return _earlier(datetime.combine(event.day, time(tzinfo=UTC)), FUTURE_AFTER + EASTERNMOST)


def _earlier(at: datetime, by: timedelta) -> datetime:
    try:
        return at.astimezone(UTC) - by
    except OverflowError:  # the first days of the calendar
        return FIRST_INSTANT


def _heard_corrections(events: Iterable[Event]) -> list[Event]:
    """The corrections that stand, heard latest first: one may take back another (policy 2.5)."""
    heard: list[Event] = []
    for correction in reversed(in_order(event for event in events if event.kind == "correction")):
        if not _is_voided(correction, heard):
            heard.append(correction)
    return heard


def _is_voided(event: Event, corrections: Iterable[Event]) -> bool:
    # Within a day that one of the two does not know better, the correction is the later: it answers something.
    return any(c.voids and c.voids == event.code and not c.is_before(event) for c in corrections)


def _after_contradiction(scans: list[Event], not_before: Event | None) -> list[Event]:
    if not_before is None:
        return scans
    foreign = [i for i, scan in enumerate(scans) if scan.kind == "delivered" and scan.is_dated_before(not_before)]
    return scans[foreign[-1] + 1 :] if foreign else scans


def _final_delivery(scans: Sequence[Event]) -> Event | None:
    """The first delivery after the last movement (policy 2.5)."""
    final = None
    for scan in scans:
        if scan.kind in MOVEMENT:
            final = None
        elif scan.kind == "delivered" and final is None:
            final = scan
    return final


def _was_moved_after_delivery(scans: Sequence[Event], direction: str) -> bool:
    """Being sent back undoes a delivery to the customer just as a movement does; at the workshop it ends the visit."""
    undoing = MOVEMENT | {"returned_to_sender"} if direction == "to_customer" else MOVEMENT
    delivered = next((i for i, scan in enumerate(scans) if scan.kind == "delivered"), None)
    return delivered is not None and any(scan.kind in undoing for scan in scans[delivered:])
