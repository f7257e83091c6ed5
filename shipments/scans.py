"""The scans of parcels as carriers report them, and the order that makes sense of them (policy 2.2, 2.4). Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

from products.fields import FieldError

Direction = Literal["to_workshop", "to_customer"]
Kind = Literal[
    "label",
    "drop_off",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "available_for_pickup",
    "failed_attempt",
    "pickup_failed",
    "delivered",
    "returned_to_sender",
    "exception",
    "lost",
    "correction",
    "unknown",
]
DIRECTIONS = frozenset(get_args(Direction))
KINDS = frozenset(get_args(Kind))
HAND_OVER = frozenset({"drop_off", "picked_up"})
MOVEMENT = frozenset({"picked_up", "in_transit", "out_for_delivery", "available_for_pickup", "failed_attempt"})
# Kept, but it neither opens nor closes anything, and so must not move what does.
PROVES_NOTHING = frozenset({"label", "pickup_failed", "exception", "unknown", "correction"})
PHYSICAL = MOVEMENT | {"drop_off", "delivered"}

Timed = Mapping[date, Sequence[tuple[datetime, str]]]  # the scans of a local day that have a time: instant and kind
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = time(12, tzinfo=UTC)
# Two scans of one instant: what must come first in any real journey does; everything else by name.
WITHIN_AN_INSTANT = {"label": 0, "drop_off": 1, "picked_up": 2, "delivered": 9}


def local_day(occurred_on: date | None, occurred_at: datetime | None) -> date:
    """The calendar day at the place of a scan (policy 2.4): as the carrier gave it, else that of its instant there."""
    if occurred_on is not None:
        return occurred_on
    assert occurred_at is not None  # noqa: S101 - whoever makes a scan has refused one without any date
    return occurred_at.date()


@dataclass(frozen=True, slots=True)
class Event:
    """One scan. `occurred_at` carries the offset of its place, so that its date is the local one; `occurred_on`,
    where given, is that date and wins. A scan with `occurred_on` alone is known to the day only.

    FieldError for a kind that does not exist, an instant without offset, and a scan without any date.
    """

    kind: str
    code: str = ""
    occurred_at: datetime | None = None
    occurred_on: date | None = None
    voids: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise FieldError("kind", f"no such kind {self.kind[:40]}")
        if self.occurred_at is not None and self.occurred_at.utcoffset() is None:
            raise FieldError("occurred_at", "no UTC offset")
        if self.occurred_at is None and self.occurred_on is None:
            raise FieldError("occurred_at", "missing, and occurred_on too")

    @property
    def day(self) -> date:
        """The local calendar date at the place of the scan (policy 2.4)."""
        return local_day(self.occurred_on, self.occurred_at)

    def is_before(self, other: "Event") -> bool:
        """Certainly earlier: by the instant where both have one, otherwise by the day."""
        if self.occurred_at is None or other.occurred_at is None:
            return self.day < other.day
        return self.occurred_at < other.occurred_at

    def is_dated_before(self, other: "Event") -> bool:
        """Earlier as a calendar shows it: by the local day first, so that no window can end before it begins."""
        return self.day < other.day or (self.day == other.day and self.is_before(other))


@dataclass(frozen=True, slots=True)
class Leg:
    """One parcel. `booked_at` is when its number became this parcel's; legs of one `key` are one parcel."""

    direction: str
    events: Sequence[Event]
    booked_at: datetime | None = None
    key: str = ""

    def __post_init__(self) -> None:
        if self.direction not in DIRECTIONS:
            raise FieldError("direction", f"no such direction {self.direction[:40]}")
        if self.booked_at is not None and self.booked_at.utcoffset() is None:
            raise FieldError("booked_at", "no UTC offset")


def in_order(events: Iterable[Event]) -> list[Event]:
    """The journey in the order that makes sense of it, the same for every order of the input.

    Scans with a time stand by their instant. One known only to the day stands beside the timed scans of that local
    day: a hand-over before them, a delivery after them, anything else in front of all but the hand-over; on a day of
    its own it stands at noon UTC, when that date is written nearly everywhere.
    """
    everything = list(events)
    timed: dict[date, list[tuple[datetime, str]]] = defaultdict(list)
    for event in everything:
        if event.occurred_at is not None and event.kind not in PROVES_NOTHING:
            timed[event.day].append((event.occurred_at, event.kind))
    return sorted(everything, key=lambda event: _position(event, timed))


def _position(event: Event, timed: Timed) -> tuple[timedelta, int, int, date, tuple[str, ...]]:
    moment, side = _moment(event, timed.get(event.day, ()))
    rest = (event.kind, event.code, event.voids, event.key, str(event.occurred_at))
    # Elapsed time, because an instant in the year 1 with an offset cannot be turned into UTC.
    return (moment - EPOCH, side, WITHIN_AN_INSTANT.get(event.kind, 5), event.day, rest)


def _moment(event: Event, that_day: Sequence[tuple[datetime, str]]) -> tuple[datetime, int]:
    """The instant a scan stands at, and whether it stands before (-1), on (0) or after (1) it."""
    if event.occurred_at is not None:
        return event.occurred_at, 0
    if not that_day:
        return datetime.combine(event.day, NOON), 0
    moments = [at for at, _ in that_day]
    if event.kind == "delivered":
        return max(moments), 1
    handed_over = [at for at, kind in that_day if kind in HAND_OVER]
    if event.kind in HAND_OVER or not handed_over:
        return min(moments), -1
    return min(handed_over), 1
