"""Asking carriers about the parcels that are due.

A row is the work: `next_look_at` says when. It is claimed, the carrier is asked outside any transaction, and what it
said is recorded. Whoever dies in between leaves a claim behind that the sweep takes back; asking twice is harmless,
since the same scan is kept once.

One process asks all carriers at the same time, a batch of each, and records whatever comes back first: a slow carrier
waits for itself alone. While a batch is recorded the next one is already being asked.
"""

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from shipments.asking import Asking, AskingLoop, all_failed, asking_loop, batch_size
from shipments.carriers.aggregating import Through
from shipments.carriers.base import Carrier, CarrierError
from shipments.carriers.registry import find_carrier
from shipments.circuits import health_of, is_quick, is_resting, is_tried, note_answers, tells
from shipments.models import CarrierHealth, RepairShipment
from shipments.services.looking import Look, leave_alone, take_in
from shipments.turns import leave_turn, leave_turns, take_turn

__all__ = ["Look", "claim_due", "free_stale_claims", "look_at", "look_at_due", "look_at_one", "looks_due"]

CLAIM_LASTS = timedelta(seconds=settings.CLAIM_SECONDS)
NOT_ON_OFFER = "This carrier is not on offer here at present."
WAIT_SECONDS = 1.0  # then one looks again whether another carrier has become due

Clock = Callable[[], datetime]


class Source(Protocol):
    """Where the parcels to ask about come from. `by_hand`: a person wants to know now, whatever the circuits say."""

    by_hand: bool

    def carriers(self, now: datetime) -> Sequence[str]:
        """The carriers with parcels left."""
        ...

    def take(self, carrier: str, most: int, now: datetime) -> list[RepairShipment]: ...


@dataclass
class Due:
    """Parcels whose look is due, claimed a batch at a time."""

    left: int
    only: int | None = None
    by_hand = False

    def carriers(self, now: datetime) -> Sequence[str]:
        return sorted(self._rows(now).order_by().values_list("carrier", flat=True).distinct()) if self.left else ()

    def take(self, carrier: str, most: int, now: datetime) -> list[RepairShipment]:
        claimed = _claim(self._rows(now).filter(carrier=carrier), now, min(most, self.left)) if self.left else []
        self.left -= len(claimed)
        return claimed

    def _rows(self, now: datetime) -> QuerySet[RepairShipment]:
        due = _due(now)
        return due if self.only is None else due.filter(pk=self.only)


@dataclass
class Given:
    """These parcels, due or not."""

    waiting: dict[str, list[RepairShipment]]
    by_hand = True

    def carriers(self, now: datetime) -> Sequence[str]:
        return [code for code, parcels in self.waiting.items() if parcels]

    def take(self, carrier: str, most: int, now: datetime) -> list[RepairShipment]:
        taken, self.waiting[carrier] = self.waiting[carrier][:most], self.waiting[carrier][most:]
        return taken


@dataclass(frozen=True, slots=True)
class Batch:
    """Parcels of one carrier that are being asked about."""

    carrier: Carrier
    parcels: list[RepairShipment]


@dataclass
class Round:
    """One process's work: what is being asked just now, carrier by carrier."""

    source: Source
    clock: Clock
    stack: ExitStack
    holder: str = field(default_factory=lambda: uuid.uuid4().hex)
    asked: dict["Future[Asking]", Batch] = field(default_factory=dict)
    waited: dict[str, int] = field(default_factory=dict)  # when each carrier had its last batch: they take turns
    loop: AskingLoop | None = None

    def ask(self, carrier: Carrier, health: CarrierHealth) -> None:
        """Take a batch of this carrier and ask about it, if it is to be asked just now."""
        now = self.clock()
        if line_of(carrier) in self._lines() or not self._may_ask(carrier, health, now):
            return
        size = 1 if is_tried(health) and not self.source.by_hand else batch_size(carrier)
        parcels = self.source.take(carrier.code, size, now)
        if not parcels:
            leave_turn(line_of(carrier), self.holder)
            return
        self.waited[carrier.code] = 1 + max(self.waited.values(), default=0)
        self.loop = self.loop or self.stack.enter_context(asking_loop())
        self.asked[self.loop.ask(carrier, parcels, now)] = Batch(carrier, parcels)

    def _may_ask(self, carrier: Carrier, health: CarrierHealth, now: datetime) -> bool:
        if is_resting(health, now) and not self.source.by_hand:
            leave_turn(line_of(carrier), self.holder)
            return False
        # A slow carrier, and one with a limit a second, is asked by one process at a time.
        places = 2 if is_quick(health) and not carrier.per_second else 1
        return take_turn(line_of(carrier), places=places, holder=self.holder, now=now)

    def _lines(self) -> set[str]:
        return {line_of(batch.carrier) for batch in self.asked.values()}


def line_of(carrier: Carrier) -> str:
    """Whose limits count: those of the carrier, or of the aggregator that is asked in its place."""
    return carrier.aggregator.code if isinstance(carrier, Through) else carrier.code


def looks_due(clock: Clock, *, limit: int, seconds: float = 0) -> Iterator[Look]:
    """Ask about up to `limit` parcels whose look is due, oldest first, as they come back. With `seconds` nothing new
    is begun after that time."""
    began = clock()
    source = Due(limit)
    for look in _looks(source, clock):
        if seconds and clock() - began > timedelta(seconds=seconds):
            source.left = 0
        yield look


def look_at_due(now: datetime, limit: int) -> list[Look]:
    """Ask about up to `limit` parcels whose look is due, as of `now`."""
    return list(looks_due(lambda: now, limit=limit))


def look_at_one(shipment_id: int, now: datetime) -> Look | None:
    """Ask about this parcel if it is due, its carrier is asked at all and nobody else is asking; None otherwise."""
    return next(iter(list(_looks(Due(1, only=shipment_id), lambda: now))), None)


def look_at(shipments: Iterable[RepairShipment], clock: Clock) -> Iterator[Look]:
    """Ask about these parcels now, claimed or not, whatever the circuits say; as they come back."""
    waiting: dict[str, list[RepairShipment]] = defaultdict(list)
    for shipment in shipments:
        waiting[shipment.carrier].append(shipment)
    return _looks(Given(waiting), clock)


def claim_due(now: datetime, limit: int) -> list[RepairShipment]:
    """Take up to `limit` due parcels for oneself. Two workers never get the same one."""
    return _claim(_due(now), now, limit)


def free_stale_claims(now: datetime) -> int:
    """Give back what somebody claimed and never finished; how many parcels."""
    stale = RepairShipment.objects.filter(look_claimed_at__lt=now - CLAIM_LASTS)
    return stale.update(look_claimed_at=None)


def _looks(source: Source, clock: Clock) -> Iterator[Look]:
    with ExitStack() as stack:
        this = Round(source, clock, stack)
        stack.callback(leave_turns, this.holder)
        while True:
            yield from _begin(this)
            if this.asked:
                yield from _take_in_what_came(this)
            elif not source.by_hand or not source.carriers(clock()):
                return
            else:
                _wait_for_a_place()


def _begin(this: Round) -> Iterator[Look]:
    """Ask every carrier that has parcels left and is not being asked; settle at once what nobody can be asked about."""
    busy = {batch.carrier.code for batch in this.asked.values()}
    codes = [code for code in this.source.carriers(this.clock()) if code not in busy]
    health = health_of(codes) if codes else {}
    for code in sorted(codes, key=lambda code: this.waited.get(code, 0)):
        carrier = find_carrier(code)
        if carrier is not None and carrier.polled:
            this.ask(carrier, health[code])
        else:
            yield from _settle_unasked(this, code, carrier)


def _settle_unasked(this: Round, code: str, carrier: Carrier | None) -> Iterator[Look]:
    now = this.clock()
    while parcels := this.source.take(code, 500, now):
        if carrier is not None:
            yield from leave_alone(parcels, carrier.name, now)
        else:
            yield from take_in(parcels, all_failed(parcels, CarrierError(NOT_ON_OFFER)), now=now)


def _take_in_what_came(this: Round) -> Iterator[Look]:
    done, _pending = wait(this.asked, timeout=WAIT_SECONDS, return_when=FIRST_COMPLETED)
    for future in done:
        batch, asking, now = this.asked.pop(future), future.result(), this.clock()
        health = note_answers(batch.carrier.code, asking.answers, call_ms=asking.call_ms, now=now)
        if line_of(batch.carrier) == batch.carrier.code:
            this.ask(batch.carrier, health)  # the carrier works while the database does
        yield from take_in(batch.parcels, asking.answers, told=tells(health, now), now=now)


def _wait_for_a_place() -> None:
    """Others are asking these carriers; whoever asks by hand comes after them."""
    time.sleep(WAIT_SECONDS / 2)


def _due(now: datetime) -> QuerySet[RepairShipment]:
    waiting = RepairShipment.objects.filter(next_look_at__lte=now, look_claimed_at__isnull=True)
    return waiting.filter(cancelled_at__isnull=True, proposed=False).order_by("next_look_at", "pk")


def _claim(due: QuerySet[RepairShipment], now: datetime, limit: int) -> list[RepairShipment]:
    with transaction.atomic():
        # SQLite has one writer at a time, whose transaction begins with the lock: nothing needs to be skipped there.
        skip = connection.features.has_select_for_update_skip_locked
        claimed = list(due.select_for_update(skip_locked=skip)[:limit])
        RepairShipment.objects.filter(pk__in=[one.pk for one in claimed]).update(look_claimed_at=now)
    return claimed
