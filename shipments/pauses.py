"""Legs and their events in, the windows of days away out, with what needs a person's eye (policy 2). Pure.

A window opens with the first physical scan to the workshop and closes with the last final delivery to the customer.
Windows are a function of the set of events: any order, any repetition, any mix of polls and webhooks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from products.fields import FieldError
from shipments.parcels import REASONS, Parcel, Reason, merge_legs, read_parcel
from shipments.scans import HAND_OVER, KINDS, Event, Leg

__all__ = ["KINDS", "REASONS", "Event", "Leg", "Pauses", "Window", "windows"]

LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """Days away, both ends inside; `back_on` None while the part is still away.

    `verified` when tracking proves both ends; `provisional` while open or while `reasons` ask for a look. Staff turn
    either into `confirmed` elsewhere. `opened_by` and `closed_by` are the keys of the legs that prove the ends.
    """

    left_on: date
    back_on: date | None
    certainty: Literal["provisional", "verified"]
    reasons: tuple[Reason, ...]
    opened_by: str
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class Pauses:
    """The windows in order; they never overlap, but one may begin on the day the one before it ends.

    `reasons` also holds what belongs to no window, such as a scan from the future (policy 2.9). Sorted by name.
    """

    windows: tuple[Window, ...]
    needs_review: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Departure:
    """A parcel to the workshop, handed over."""

    parcel: Parcel
    scan: Event


@dataclass(frozen=True, slots=True, eq=False)
class Return:
    """A parcel on its way to the customer: the scan it set out with, and the one that arrived, or None so far."""

    parcel: Parcel
    start: Event
    home: Event | None

    def sets_out_before(self, departure: Departure) -> bool:
        if self.start.occurred_at is not None and departure.scan.occurred_at is not None:
            return self.start.is_before(departure.scan)
        # Known to the day only: what arrives on the day of the hand-over ends the older trip (policy 2.3, "or on").
        arrives_that_day = self.home is not None and self.home.day == departure.scan.day
        return self.start.day < departure.scan.day or (self.start.day == departure.scan.day and arrives_that_day)


@dataclass(frozen=True, slots=True)
class Trip:
    """One absence: what left, and what came back or is on its way back."""

    departures: list[Departure]
    returns: list[Return]

    @property
    def left_on(self) -> date:
        return self.departures[0].scan.day

    @property
    def last_home(self) -> Return | None:
        """The return that ends the trip, or None while something is still away (policy 2.3)."""
        return None if self.ends_before_it_begins else self._latest

    @property
    def ends_before_it_begins(self) -> bool:
        """Home on a calendar day before the one it left on: only the date line can do that, and only a person tell."""
        latest = self._latest
        return latest is not None and latest.home is not None and latest.home.day < self.left_on

    @property
    def _latest(self) -> Return | None:
        if not self.returns or any(comes.home is None for comes in self.returns):
            return None
        back = {id(comes.parcel) for comes in self.returns}
        bounced = all(comes.parcel.direction == "to_workshop" for comes in self.returns)
        if bounced and any(id(leaves.parcel) not in back for leaves in self.departures):
            return None  # one parcel came straight back, but another is still with the workshop
        return max(self.returns, key=_arrival_order)

    def knows(self, parcel: Parcel) -> bool:
        members = [leaves.parcel for leaves in self.departures] + [comes.parcel for comes in self.returns]
        return any(member is parcel for member in members)


def windows(legs: Iterable[Leg], booked_at: datetime | None, now: datetime) -> Pauses:
    """The windows of the one part that all these legs carry, as known at `now`.

    `booked_at` is the booking of every leg that has none of its own; None means unknown, and then nothing is too old.
    """
    _refuse_naive(booked_at, now)
    whole = merge_legs(legs)
    to_workshop = _read([leg for leg in whole if leg.direction == "to_workshop"], booked_at, now)
    departures = _departures(to_workshop)
    first = departures[0].scan if departures else None
    to_customer = _read([leg for leg in whole if leg.direction == "to_customer"], booked_at, now, first)
    trips = _trips(departures, _returns(to_customer, to_workshop))
    found = _windows(trips, [*to_workshop, *to_customer])
    reasons = {reason for window in found for reason in window.reasons}
    reasons.update(reason for parcel in (*to_workshop, *to_customer) for reason in parcel.reasons)
    return Pauses(tuple(found), bool(reasons), tuple(sorted(reasons)))


def _refuse_naive(booked_at: datetime | None, now: datetime) -> None:
    for field, value in (("booked_at", booked_at), ("now", now)):
        if value is not None and value.utcoffset() is None:
            raise FieldError(field, "no UTC offset")


def _read(legs: list[Leg], booked_at: datetime | None, now: datetime, first: Event | None = None) -> list[Parcel]:
    return [parcel for leg in legs if (parcel := read_parcel(leg, booked_at, now, first))]


def _departures(parcels: list[Parcel]) -> list[Departure]:
    found = [Departure(parcel, scan) for parcel in parcels if (scan := parcel.first_physical)]
    return sorted(found, key=_departure_order)


def _departure_order(leaves: Departure) -> tuple[date, datetime, bool, str, list[str]]:
    scan, parcel = leaves.scan, leaves.parcel
    # On one day a scan with a time goes first: it proves the day better than a bare date does. What two nameless
    # parcels went through later settles a tie, because the order they were given in must settle nothing.
    history = list(dict.fromkeys(map(repr, parcel.scans)))
    return scan.day, scan.occurred_at or LAST_INSTANT, scan.kind not in HAND_OVER, parcel.key, history


def _arrival_order(comes: Return) -> tuple[date, bool, datetime, str]:
    assert comes.home is not None  # noqa: S101 - only asked once everything is home
    at = comes.home.occurred_at
    return (comes.home.day, at is not None, at or LAST_INSTANT, comes.parcel.key)


def _returns(to_customer: list[Parcel], to_workshop: list[Parcel]) -> list[Return]:
    """What comes back: parcels to the customer that set out, and parcels to the workshop sent back to their sender.

    A parcel to the customer without a physical scan is not among them, nor one that went astray and was followed.
    """
    out = [Return(parcel, scan, parcel.at_customer) for parcel in to_customer if (scan := parcel.first_physical)]
    bounced = [Return(parcel, scan, scan) for parcel in to_workshop if (scan := parcel.at_customer)]
    return [comes for comes in out if not _is_superseded(comes, out)] + bounced


def _is_superseded(comes: Return, others: list[Return]) -> bool:
    """Sent back or lost, and another parcel set out after it and before it turned up again (policy 2.3)."""
    return comes.parcel.went_astray and any(
        comes.start.is_before(other.start) and (comes.home is None or other.start.is_before(comes.home))
        for other in others
    )


def _trips(departures: list[Departure], returns: list[Return]) -> list[Trip]:
    """Departures in order; one begins a new trip if everything sent back before it is home by its day."""
    if not departures:
        return []
    trips: list[Trip] = []
    leaving, waiting = departures[:1], returns
    for departure in departures[1:]:
        trip = Trip(leaving, _back_by(departure, waiting))
        if _ends_by(trip, departure.scan.day):
            trips.append(trip)
            waiting = [comes for comes in waiting if comes not in trip.returns]
            leaving = []
        leaving = [*leaving, departure]
    return [*trips, Trip(leaving, waiting)]


def _back_by(departure: Departure, waiting: list[Return]) -> list[Return]:
    """What had set out before the hand-over; if nothing had, what arrived on that day (policy 2.3: "or on")."""
    before = [comes for comes in waiting if comes.sets_out_before(departure)]
    return before or [comes for comes in waiting if comes.home and comes.home.day == departure.scan.day]


def _ends_by(trip: Trip, day: date) -> bool:
    last = trip.last_home
    return last is not None and last.home is not None and last.home.day <= day


def _windows(trips: list[Trip], parcels: list[Parcel]) -> list[Window]:
    notes: list[set[Reason]] = [set() for _ in trips]
    for parcel in parcels:
        if trips:
            notes[_place_of(parcel, trips)].update(parcel.reasons)
    return [_window(trip, reasons) for trip, reasons in zip(trips, notes, strict=True)]


def _place_of(parcel: Parcel, trips: list[Trip]) -> int:
    """Which trip a parcel's reasons belong to: its own, else the one under way at its first scan, else the first."""
    own = next((i for i, trip in enumerate(trips) if trip.knows(parcel)), None)
    if own is not None:
        return own
    return max((i for i, trip in enumerate(trips) if trip.left_on <= parcel.since), default=0)


def _window(trip: Trip, notes: set[Reason]) -> Window:
    opening, last = trip.departures[0], trip.last_home
    home = last.home if last else None
    reasons = set(notes)
    if opening.scan.kind not in HAND_OVER:
        reasons.add("inferred_handover")
    if opening.scan.occurred_at is None or (home and home.occurred_at is None):
        reasons.add("date_only")
    if trip.ends_before_it_begins:
        reasons.add("contradictory_order")
    return Window(
        left_on=trip.left_on,
        back_on=home.day if home else None,
        certainty="verified" if home and not reasons else "provisional",
        reasons=tuple(sorted(reasons)),
        opened_by=opening.parcel.key,
        closed_by=last.parcel.key if last else None,
    )
