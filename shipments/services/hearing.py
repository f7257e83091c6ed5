"""What carriers say by themselves: kept first, then read. A row without an outcome is work to be done (house, law 2).

Signed words are scans like any other. Unsigned ones are a hint to ask the carrier, nothing more. Many calls about one
parcel are recorded together; what cannot be taken in spoils nothing beside it, and is tried again before a person sees
it.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet

from shipments.carriers.base import Carrier, NotAnAnswer, TrackAnswer, TrackedEvent
from shipments.carriers.registry import find_carrier
from shipments.circuits import note_webhook
from shipments.models import RepairShipment, TrackingEvent, TrackingHook
from shipments.numbers import normalise
from shipments.parcels import RECYCLED_AFTER
from shipments.schedule import GIVEN_UP_AFTER
from shipments.services.kept_calls import MOST_ATTEMPTS, claim, keep_once, printable
from shipments.services.recording import record_events

log = logging.getLogger(__name__)
Outcome = TrackingHook.Outcome

HINTS_APART = timedelta(minutes=10)  # anybody can repeat an unsigned call: the carrier is not asked any oftener
NUMBERS_NAMED = 50


@dataclass
class Reading:
    """One call being read: what it says, and what became of it."""

    hook: TrackingHook
    answers: list[TrackAnswer]
    found: int = 0
    unknown: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    failed: bool = False

    @property
    def outcome(self) -> str:
        if self.problems:
            return Outcome.FAILED
        if not self.found and self.unknown:
            return Outcome.UNKNOWN
        if not self.found:
            return Outcome.NOTHING
        return Outcome.RECORDED if self.hook.proved else Outcome.HINT


def keep_hook(carrier: str, body: bytes, *, proved: bool, delivery: str = "", now: datetime) -> bool:
    """Keep a call as it came; whether it is new. The same bytes again are counted, and kept only once."""
    sha256 = hashlib.sha256(body).hexdigest()
    row = TrackingHook(carrier=carrier, sha256=sha256, body=body, proved=proved, received_at=now)
    row.delivery = printable(delivery, 200)
    return keep_once(row, carrier=carrier, sha256=sha256)


def read_hooks(now: datetime, limit: int = 500) -> int:
    """Read up to `limit` calls nobody is at, the oldest first; how many. Each parcel's scans are recorded together."""
    readings = [_read(hook) for hook in claim(TrackingHook, now, limit)]
    parcels = _Parcels(readings, now)
    _record(parcels, [one for one in readings if one.hook.proved], now)
    _ask_soon(parcels, [one for one in readings if not one.hook.proved], now)
    _write(readings, now)
    return len(readings)


def old_hooks(now: datetime) -> QuerySet[TrackingHook]:
    """Calls that were taken in long ago, and sooner those about parcels nobody here knows: an account may carry parcels
    that never had anything to do with us. What failed stays. The scans keep the carrier's words."""
    kept, kept_unknown = (timedelta(days=days) for days in (
        settings.CARRIER_CALLS_KEEP_DAYS, settings.FOREIGN_CALLS_KEEP_DAYS,
    ))  # fmt: skip
    done = Q(outcome__in=(Outcome.RECORDED, Outcome.HINT, Outcome.NOTHING), received_at__lt=now - kept)
    unknown = Q(outcome=Outcome.UNKNOWN, received_at__lt=now - kept_unknown)
    return TrackingHook.objects.filter(done | unknown).order_by("pk")


def _read(hook: TrackingHook) -> Reading:
    carrier = find_carrier(hook.carrier)
    if carrier is None:
        return Reading(hook, [], problems=["This carrier is not on offer here at present."], failed=True)
    if hook.attempts >= MOST_ATTEMPTS:
        return Reading(hook, [], problems=["It stopped its reader every time."], failed=True)
    reading = Reading(hook, carrier.parse(bytes(hook.body)))
    for answer in reading.answers:
        reading.problems += answer.problems
        if answer.error is not None and not answer.not_found and not isinstance(answer.error, NotAnAnswer):
            reading.problems.append(str(answer.error))
    return reading


class _Parcels:
    """The parcels these calls speak of, by the carrier that spoke and by number. One query."""

    def __init__(self, readings: Sequence[Reading], now: datetime) -> None:
        numbers = {normalise(answer.number) for one in readings for answer in one.answers if answer.number}
        rows = RepairShipment.objects.filter(tracking_number__in=numbers, cancelled_at__isnull=True)
        self._by_number: dict[str, list[RepairShipment]] = defaultdict(list)
        for row in rows.order_by("pk"):
            # Of a number that belonged to a parcel long forgotten somebody else is told.
            if now - max(row.latest_event_at or row.booked_at, row.booked_at) < GIVEN_UP_AFTER:
                self._by_number[row.tracking_number].append(row)
        self._carriers: dict[str, Carrier | None] = {}

    def of(self, hook: TrackingHook, number: str) -> list[RepairShipment]:
        carrier = self._carriers.setdefault(hook.carrier, find_carrier(hook.carrier))
        speaks_for = carrier.speaks_for if carrier is not None else frozenset()
        return [row for row in self._by_number.get(normalise(number), ()) if row.carrier in speaks_for]


def _record(parcels: _Parcels, readings: Sequence[Reading], now: datetime) -> None:
    """Every scan to the parcels it belongs to, parcel by parcel."""
    told: dict[int, dict[str, TrackedEvent]] = defaultdict(dict)
    teller: dict[int, list[Reading]] = defaultdict(list)
    spoke: set[str] = set()
    for reading in readings:
        spoke.add(reading.hook.carrier)
        for answer in reading.answers:
            rows = _found(parcels, reading, answer)
            for row in rows:
                spoke.add(row.carrier)
                events = [event for event in answer.events if _is_of(event, row, rows)]
                told[row.pk] |= {event.fact: event for event in events}
                teller[row.pk].append(reading)
    for shipment_id in sorted(told):
        _record_one(shipment_id, list(told[shipment_id].values()), teller[shipment_id], now)
    for code in sorted(spoke):
        note_webhook(code, now)


def _record_one(shipment_id: int, events: list[TrackedEvent], tellers: Iterable[Reading], now: datetime) -> None:
    if not events:
        return
    try:
        record_events(shipment_id, events, heard=TrackingEvent.Heard.WEBHOOK, now=now)
    except Exception as error:  # the calls about it stay; those about other parcels go on
        log.exception("parcel %s: what its carrier said could not be taken in", shipment_id)
        for reading in tellers:
            reading.failed = True
            reading.problems.append(f"Parcel {shipment_id}: {error}" if str(error) else type(error).__name__)


def _ask_soon(parcels: _Parcels, readings: Sequence[Reading], now: datetime) -> None:
    hinted = {row.pk for reading in readings for answer in reading.answers for row in _found(parcels, reading, answer)}
    asked = RepairShipment.objects.filter(pk__in=hinted, proposed=False, cancelled_at__isnull=True)
    lately = Q(looked_at__gt=now - HINTS_APART)
    asked.filter(lately).update(next_look_at=F("looked_at") + HINTS_APART)
    asked.exclude(lately & Q(looked_at__isnull=False)).update(next_look_at=now)


def _found(parcels: _Parcels, reading: Reading, answer: TrackAnswer) -> list[RepairShipment]:
    if not answer.number:
        return []
    rows = parcels.of(reading.hook, answer.number)
    reading.found += len(rows) and max(len(answer.events), 1)
    if not rows:
        reading.unknown.append(answer.number[:60])
    return rows


def _is_of(event: TrackedEvent, parcel: RepairShipment, same_number: Sequence[RepairShipment]) -> bool:
    """Not of a later parcel that was given the same number (policy 2.7)."""
    later = [one for one in same_number if one.booked_at - parcel.booked_at > RECYCLED_AFTER]
    return not any(event.day >= (one.booked_at - RECYCLED_AFTER).date() for one in later)


def _write(readings: Sequence[Reading], now: datetime) -> None:
    for reading in readings:
        hook = reading.hook
        hook.events, hook.problem = reading.found, "; ".join(dict.fromkeys(reading.problems))[:250]
        hook.unknown_numbers = list(dict.fromkeys(reading.unknown))[:NUMBERS_NAMED]
        if reading.failed and hook.attempts + 1 < MOST_ATTEMPTS:
            hook.claimed_at = now  # it comes free again by itself, after a while
            continue
        hook.outcome, hook.read_at, hook.claimed_at = reading.outcome, now, None
    fields = ("outcome", "read_at", "claimed_at", "events", "unknown_numbers", "problem")
    TrackingHook.objects.bulk_update([one.hook for one in readings], fields, batch_size=100)
