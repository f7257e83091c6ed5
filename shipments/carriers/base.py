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
from typing import Any, Literal, Protocol

from shipments.models import EventKind
from shipments.scans import local_day

KINDS = frozenset(EventKind.values)
LONGEST = {"code": 80, "voids": 80, "place": 200, "text": 500}


Payload = bytes | str | Mapping[str, Any] | Sequence[Any]  # as it came, or as JSON already read


class CarrierError(Exception):
    """The carrier could not answer. `temporary`: asking again later may help; otherwise a person has to look.

    `retry_after`: the seconds the carrier asked to be left alone for (its Retry-After), None where it named none.
    `everybody`: no parcel's fault but the carrier's or the network's (down, too many calls, wrong credentials), so that
    a circuit breaker counts it; False where only this parcel is in trouble.
    """

    def __init__(
        self, message: str, *, temporary: bool = True, retry_after: float | None = None, everybody: bool = False
    ) -> None:
        super().__init__(message)
        self.temporary = temporary
        self.retry_after = retry_after
        self.everybody = everybody


class NotFoundYet(CarrierError):
    """The carrier does not know the number. Usual in the first hours: the label is made, the parcel not handed in."""

    def __init__(self, message: str = "The carrier does not know this number yet.") -> None:
        super().__init__(message, temporary=True)


class NotAnAnswer(CarrierError):
    """The payload is none of this carrier's answers about parcels (a list of couriers, a proof of delivery, noise)."""

    def __init__(self, message: str) -> None:
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
        if self.kind not in KINDS:
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
        return local_day(self.occurred_on, self.occurred_at)

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
    plain = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    return plain.strip()


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
    """What a payload says about one number: its events (perhaps none yet), or why there are none.

    `number` as the carrier wrote it, empty where a payload names none; compare it normalised (`numbers.normalise`).
    A carrier may answer one number with several parcels, because numbers are used again or parcels relabelled: then
    there are several answers, and all their events count (policy 2.7 leaves out those that are too old).
    `problems` name the scans that could not be read; the others stand.
    """

    number: str
    events: tuple[TrackedEvent, ...] = ()
    error: CarrierError | None = None
    problems: tuple[str, ...] = ()

    @property
    def not_found(self) -> bool:
        return isinstance(self.error, NotFoundYet)

    @property
    def outcome(self) -> Literal["events", "not_found", "error", "not_an_answer"]:
        """As the commands print it."""
        if self.error is None:
            return "events"
        if isinstance(self.error, NotAnAnswer):
            return "not_an_answer"
        return "not_found" if self.not_found else "error"

    @property
    def reason(self) -> str:
        """Why there are no events; empty where there are."""
        return str(self.error) if self.error else ""


Trust = Literal["proved", "hint", "refused"]


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What a call from outside is worth, and what it says.

    `proved`: a signature over the very bytes fits one of the secrets (the new one or the old) and the call is neither
    older nor younger than the tolerance: `answers` may be recorded. `hint`: it names parcels, but nothing proves its
    words: ask the carrier about `numbers`, record none of it. `refused`: answer 401 or 400 by `reason`, store nothing.
    """

    trust: Trust
    answers: tuple[TrackAnswer, ...] = ()
    reason: str = ""
    delivery: str = ""  # the carrier's own id of this call, where it sends one: the same call comes twice

    @property
    def numbers(self) -> tuple[str, ...]:
        """The tracking numbers it speaks of, each once."""
        return tuple(dict.fromkeys(answer.number for answer in self.answers if answer.number))


class Carrier(Protocol):
    """One carrier. `polled` is off where there is nobody to ask and staff enter the scans.

    `per_second` (0: no limit) and `at_once` are what the carrier puts up with from one process; `track` keeps to both
    by itself. `speaks_for`: the carriers whose parcels its answers and webhooks may be about, itself among them
    (an aggregator stands in for many). `webhooks`: whether `parse_webhook` can ever say anything but `refused`.
    """

    code: str
    name: str
    polled: bool
    webhooks: bool = False
    aggregates: bool = False
    per_second: float = 0
    at_once: int = 1

    @property
    def speaks_for(self) -> frozenset[str]:
        return frozenset({self.code})

    async def track(self, asked: Sequence[Asked], now: datetime) -> list[TrackAnswer]:
        """One answer for each parcel asked about, in the same order, about the number as it was asked. What failed for
        one parcel stands in its answer; CarrierError is raised only when nothing could be asked at all. Called outside
        any transaction."""
        ...

    def parse(self, payload: Payload) -> list[TrackAnswer]:
        """What a raw answer or webhook body says; at least one, never raises. Polls, webhooks and `parse_tracking`
        all read through here. No network."""
        return [TrackAnswer("", error=NotAnAnswer(f"{self.name} sends nothing that could be read here."))]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookAnswer:
        """A call from outside: how far it can be trusted, and what it says. Never raises. No network."""
        return WebhookAnswer("refused", reason=f"{self.name} has no webhook here.")

    def recognises(self, number: str) -> bool:
        """Whether a normalised number can be one of this carrier's."""
        ...
