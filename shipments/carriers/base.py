"""What every carrier's adapter looks like: one file a carrier beside this one, each answering with the same things.

An adapter speaks the carrier's language and nothing else: it asks, maps the carrier's *codes* (never its words) to
kinds, and keeps the day as the carrier gave it. What follows from an answer is decided in `shipments.services`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol

from shipments.models import EventKind

LONGEST = {"code": 80, "voids": 80, "place": 200, "text": 500}


class CarrierError(Exception):
    """The carrier could not answer. `temporary`: asking again later may help; otherwise a person has to look."""

    def __init__(self, message: str, *, temporary: bool = True) -> None:
        super().__init__(message)
        self.temporary = temporary


class NotFoundYet(CarrierError):  # noqa: N818 - it is an answer, not a fault
    """The carrier does not know the number. Usual in the first hours: the label is made, the parcel not handed in."""

    def __init__(self, message: str = "The carrier does not know this number yet.") -> None:
        super().__init__(message, temporary=True)


@dataclass(frozen=True, slots=True)
class TrackedEvent:
    """One scan as the carrier reports it.

    `occurred_at` carries the offset of the place of the scan, so that its date is the local one; None where the
    carrier gives a day only. `occurred_on` is that local day and may be left out where the instant says it
    (policy 2.4). `voids` is the code a correction takes back. ValueError for an unknown kind, an instant without an
    offset, and a scan without any date.
    """

    kind: str
    occurred_on: date | None = None
    code: str = ""
    occurred_at: datetime | None = None
    place: str = ""
    text: str = ""
    voids: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in EventKind.values:
            raise ValueError(f"kind: {self.kind!r} is none of {', '.join(EventKind.values)}")
        if self.occurred_at is not None and self.occurred_at.utcoffset() is None:
            raise ValueError("occurred_at: an instant without its offset is no instant")
        if self.occurred_at is None and self.occurred_on is None:
            raise ValueError("occurred_on: a scan without any date")
        for name, longest in LONGEST.items():
            object.__setattr__(self, name, _printable(getattr(self, name))[:longest])

    @property
    def day(self) -> date:
        """The local calendar day at the place of the scan."""
        if self.occurred_on is not None:
            return self.occurred_on
        assert self.occurred_at is not None  # noqa: S101 - __post_init__ promised one of the two
        return self.occurred_at.date()

    @property
    def fact(self) -> str:
        """What makes this the carrier's fact, whoever told it and how often: SHA-256 in hex.

        Kind, code, the instant to the second in UTC (or the local day alone), the place, and what it takes back. The
        words and the raw payload may differ between a poll and a webhook of the same scan.
        """
        when = self.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.occurred_at else str(self.day)
        parts = (self.kind, self.code, when, _folded(self.place), self.voids)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _printable(text: str) -> str:
    # NUL and other controls reach us from carriers; PostgreSQL refuses the first, screens stumble over the rest.
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _folded(place: str) -> str:
    plain = unicodedata.normalize("NFKC", place).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in plain).split())


@dataclass(frozen=True, slots=True)
class Asked:
    """One parcel to ask about. Many carriers ignore all but the number; a recycled one is told apart by its date."""

    number: str
    booked_at: datetime
    direction: str = ""


@dataclass(frozen=True, slots=True)
class TrackAnswer:
    """The answer about one number: its events (perhaps none yet), or why there are none."""

    number: str
    events: tuple[TrackedEvent, ...] = ()
    error: CarrierError | None = None

    @property
    def not_found(self) -> bool:
        return isinstance(self.error, NotFoundYet)

    @property
    def outcome(self) -> str:
        """`events`, `not_found` or `error`, as the commands print it."""
        if self.error is None:
            return "events"
        return "not_found" if self.not_found else "error"


class Carrier(Protocol):
    """One carrier. `polled` is off where there is nobody to ask and staff enter the scans."""

    code: str
    name: str
    polled: bool

    async def track(self, asked: Sequence[Asked], now: datetime) -> list[TrackAnswer]:
        """One answer for each parcel asked about, in the same order. What failed for one parcel stands in its answer;
        CarrierError is raised only when nothing could be asked at all. Called outside any transaction."""
        ...

    def recognises(self, number: str) -> bool:
        """Whether a normalised number can be one of this carrier's."""
        ...
