"""The simulated carrier: parcels that move by the clock, for the demo, for training and for tests. It carries nothing.

A number says it all: `SIM2-KRTB-X` takes 2 days on the road, its first two letters name the zones it leaves from and
arrives in, the last character is a check character. Everything it will ever report is a function of the number, the
booking and the present: the label at once, picked up on the next local morning, out for delivery and delivered on the
day it is due.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from shipments.carriers.base import Asked, Carrier, CarrierError, NotFoundYet, TrackAnswer, TrackedEvent

CODE = "simulated"
ALPHABET = "BCDFGHJKLMNPQRSTVWXYZ"
LONGEST_TRIP = 60
# The place in the alphabet chooses the zone, going round: the ends of the calendar and both halves of the year.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Europe/London",
    "Australia/Sydney",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Pacific/Auckland",
    "Pacific/Honolulu",
)
PICK_UP, OUT, HOME, NOON = time(9, 20), time(8, 30), time(14, 5), time(12)


@dataclass(frozen=True, slots=True)
class Trip:
    """What a number says."""

    days: int
    origin: ZoneInfo
    destination: ZoneInfo


def new_number(days: int, random: Random, *, origin: str = "", destination: str = "") -> str:
    """A fresh number of `days` on the road (1 to 60). Zones out of ZONES, by chance where not given."""
    if not 1 <= days <= LONGEST_TRIP:
        raise ValueError(f"days: {days} is not between 1 and {LONGEST_TRIP}")
    ends = "".join(_letter_of(zone or random.choice(ZONES), random) for zone in (origin, destination))
    body = ends + "".join(random.choice(ALPHABET) for _ in range(2))
    return f"SIM{days}-{body}-{_check_character(days, body)}"


def read_number(number: str) -> Trip | None:
    """What a number says, with or without its dashes; None where it is no number of the simulated carrier."""
    plain = number.replace("-", "")
    digits, body, check = plain[3:-5], plain[-5:-1], plain[-1:]
    if not plain.startswith("SIM") or not (digits.isascii() and digits.isdigit()) or digits[0] == "0":
        return None
    if any(char not in ALPHABET for char in body) or not 1 <= int(digits) <= LONGEST_TRIP:
        return None
    if check != _check_character(int(digits), body):
        return None
    return Trip(int(digits), _zone(body[0]), _zone(body[1]))


def journey(number: str, booked_at: datetime, now: datetime) -> list[TrackedEvent]:
    """Everything that has happened to the parcel by `now`, in order. ValueError where the number is not ours."""
    trip = read_number(number)
    if trip is None:
        raise ValueError(f"{number} is no number of the simulated carrier")
    whole = _whole_journey(number, trip, booked_at)
    return [event for event in whole if event.occurred_at and event.occurred_at <= now]


class SimulatedCarrier(Carrier):
    code = CODE
    name = "Simulated carrier"
    polled = True

    async def track(self, asked: Sequence[Asked], now: datetime) -> list[TrackAnswer]:
        if not settings.SIMULATED_CARRIER:
            raise CarrierError("The simulated carrier is switched off (SIMULATED_CARRIER).", temporary=True)
        return [self._answer(parcel, now) for parcel in asked]

    def recognises(self, number: str) -> bool:
        return read_number(number) is not None

    def _answer(self, parcel: Asked, now: datetime) -> TrackAnswer:
        if not self.recognises(parcel.number):
            return TrackAnswer(parcel.number, error=NotFoundYet())
        return TrackAnswer(parcel.number, tuple(journey(parcel.number, parcel.booked_at, now)))


def carrier() -> SimulatedCarrier | None:
    """The carrier, or None while SIMULATED_CARRIER is off: then it can be neither booked nor asked."""
    return SimulatedCarrier() if settings.SIMULATED_CARRIER else None


def _whole_journey(number: str, trip: Trip, booked_at: datetime) -> Iterator[TrackedEvent]:
    here, there = trip.origin, trip.destination
    booked = booked_at.astimezone(here)
    picked_up = datetime.combine(booked.date() + timedelta(days=1), PICK_UP, here)
    # A day counts where the parcel arrives: across the date line that is another one than where it left.
    setting_out = picked_up.astimezone(there).date()
    yield _event(number, "label", "LBL", "label made", booked)
    yield _event(number, "picked_up", "PU", "picked up", picked_up)
    yield _event(number, "in_transit", "DEP", "left the depot", picked_up + timedelta(hours=4))
    for day in range(1, trip.days):
        at = datetime.combine(setting_out + timedelta(days=day), NOON, there)
        yield _event(number, "in_transit", "HUB", f"on its way, day {day}", at)
    due = setting_out + timedelta(days=trip.days)
    yield _event(number, "out_for_delivery", "OFD", "out for delivery", datetime.combine(due, OUT, there))
    yield _event(number, "delivered", "DLV", "delivered", datetime.combine(due, HOME, there))


def _event(number: str, kind: str, code: str, words: str, at: datetime) -> TrackedEvent:
    zone = at.tzinfo
    # A fixed offset, as a carrier would send it: arithmetic on a zone's own time would stumble where clocks change.
    fixed = datetime.fromisoformat(at.isoformat())
    return TrackedEvent(
        kind=kind,
        code=code,
        occurred_at=fixed,
        place=str(zone).rpartition("/")[2].replace("_", " "),
        text=f"[simulated] {words}",
        raw={"simulated": True, "number": number, "code": code, "at": fixed.isoformat(), "zone": str(zone)},
    )


def _letter_of(zone: str, random: Random) -> str:
    place = ZONES.index(zone)
    return random.choice(ALPHABET[place :: len(ZONES)])


def _zone(letter: str) -> ZoneInfo:
    return ZoneInfo(ZONES[ALPHABET.index(letter) % len(ZONES)])


def _check_character(days: int, body: str) -> str:
    """Weights 1, 2, 4 and 5 over the letters and 8 over the days, modulo 21: none shares a factor with it, nor do the
    differences of neighbours, so one wrong letter or two swapped ones never go unnoticed."""
    letters = sum(weight * ALPHABET.index(char) for weight, char in zip((1, 2, 4, 5), body, strict=True))
    return ALPHABET[(8 * days + letters) % len(ALPHABET)]
