"""Asking carriers about the parcels that are due.

A row is the work: `next_look_at` says when. It is claimed, the carrier is asked outside any transaction, and what it
said is recorded in one. Whoever dies in between leaves a claim behind that the sweep takes back; asking twice is
harmless, since the same scan is kept once.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from products.errors import Refused
from shipments.carriers.base import Asked, Carrier, CarrierError, TrackAnswer
from shipments.carriers.registry import find_carrier
from shipments.models import RepairShipment, TrackingEvent
from shipments.schedule import next_look, retry_look
from shipments.services.recording import record_events

log = logging.getLogger(__name__)

CLAIM_LASTS = timedelta(seconds=settings.CLAIM_SECONDS)
PER_TURN = 100  # parcels asked about at a time: one carrier's calls run side by side within a turn


@dataclass(frozen=True, slots=True)
class Look:
    """How one look went. `outcome` is events, not_found or error; `problem` the words of a failure."""

    shipment: RepairShipment
    outcome: str
    new: int = 0
    problem: str = ""


def look_at_due(now: datetime, limit: int) -> list[Look]:
    """Ask about up to `limit` parcels whose look is due, oldest first."""
    looks: list[Look] = []
    while len(looks) < limit:
        claimed = claim_due(now, min(PER_TURN, limit - len(looks)))
        if not claimed:
            break
        looks += look_at(claimed, now)
    return looks


def look_at_one(shipment_id: int, now: datetime) -> Look | None:
    """Ask about this parcel if it is due and nobody else is asking; None otherwise."""
    claimed = _claim(_due(now).filter(pk=shipment_id), now, 1)
    return next(iter(look_at(claimed, now)), None)


def claim_due(now: datetime, limit: int) -> list[RepairShipment]:
    """Take up to `limit` due parcels for oneself. Two workers never get the same one."""
    return _claim(_due(now), now, limit)


def look_at(shipments: Sequence[RepairShipment], now: datetime) -> Iterator[Look]:
    """Ask about these parcels now, claimed or not; carrier by carrier, and one bad parcel spoils no other."""
    by_carrier: dict[str, list[RepairShipment]] = defaultdict(list)
    for shipment in shipments:
        by_carrier[shipment.carrier].append(shipment)
    for code, parcels in by_carrier.items():
        carrier = find_carrier(code)
        if carrier is not None and not carrier.polled:
            yield from (_leave_alone(shipment, carrier, now) for shipment in parcels)
            continue
        for shipment, answer in zip(parcels, _ask(carrier, parcels, now), strict=True):
            yield _take_in(shipment, answer, now)


def free_stale_claims(now: datetime) -> int:
    """Give back what somebody claimed and never finished; how many parcels."""
    stale = RepairShipment.objects.filter(look_claimed_at__lt=now - CLAIM_LASTS)
    return stale.update(look_claimed_at=None)


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


def _ask(carrier: Carrier | None, parcels: Sequence[RepairShipment], now: datetime) -> list[TrackAnswer]:
    """One answer a parcel, whatever happens."""
    if carrier is None:
        return _all_failed(parcels, CarrierError("This carrier is not on offer here at present."))
    asked = [Asked(one.tracking_number, one.booked_at, one.direction) for one in parcels]
    try:
        answers = asyncio.run(carrier.track(asked, now))
    except CarrierError as error:
        return _all_failed(parcels, error)
    except Exception as error:  # an adapter's bug must not stop the parcels of the other carriers
        log.exception("carrier %s: the adapter failed", carrier.code)
        return _all_failed(parcels, CarrierError(f"The adapter failed ({type(error).__name__})."))
    if len(answers) != len(asked):
        return _all_failed(parcels, CarrierError(f"{len(answers)} answers to {len(asked)} questions."))
    return answers


def _all_failed(parcels: Sequence[RepairShipment], error: CarrierError) -> list[TrackAnswer]:
    return [TrackAnswer(one.tracking_number, error=error) for one in parcels]


def _take_in(shipment: RepairShipment, answer: TrackAnswer, now: datetime) -> Look:
    if answer.error is not None and not answer.not_found:
        return _failed(shipment, str(answer.error), now, temporary=answer.error.temporary)
    try:
        new = record_events(shipment.pk, answer.events, heard=TrackingEvent.Heard.POLL, now=now)
    except Refused as refusal:
        return _failed(shipment, str(refusal), now)
    except Exception as error:  # the row stays due and says what is wrong with it; the others go on
        log.exception("parcel %s: its answer could not be taken in", shipment.pk)
        return _failed(shipment, f"The answer could not be taken in ({type(error).__name__}).", now)
    return _succeeded(shipment, answer, new, now)


def _succeeded(shipment: RepairShipment, answer: TrackAnswer, new: int, now: datetime) -> Look:
    shipment.refresh_from_db()
    shipment.next_look_at = next_look(
        now, latest_kind=shipment.latest_kind, latest_at=shipment.latest_event_at, booked_at=shipment.booked_at
    )
    shipment.look_failures = 0
    shipment.look_problem = str(answer.error)[:250] if answer.not_found else ""
    _finish(shipment, now)
    return Look(shipment, answer.outcome, new, shipment.look_problem)


def _failed(shipment: RepairShipment, problem: str, now: datetime, *, temporary: bool = True) -> Look:
    shipment.look_failures = min(shipment.look_failures + 1, 1000)
    shipment.look_problem = problem[:250]
    # What will not mend itself is asked about as seldom as what has failed for long; a person sees the problem.
    failures = shipment.look_failures if temporary else max(shipment.look_failures, 11)
    shipment.next_look_at = retry_look(now, failures=failures, parcel=shipment.pk)
    _finish(shipment, now)
    log.warning("parcel %s: look failed (%s in a row): %s", shipment.pk, shipment.look_failures, problem)
    return Look(shipment, "error", problem=problem)


def _leave_alone(shipment: RepairShipment, carrier: Carrier, now: datetime) -> Look:
    """A carrier followed by hand is never asked, not even where a row says so from other days."""
    shipment.next_look_at = None
    _finish(shipment, now)
    return Look(shipment, "error", problem=f"{carrier.name} is followed by hand: there is nobody to ask.")


def _finish(shipment: RepairShipment, now: datetime) -> None:
    """Write the outcome and give the claim back, unless the parcel was cancelled while the carrier was asked."""
    shipment.looked_at, shipment.look_claimed_at = now, None
    fields = ("next_look_at", "look_failures", "look_problem", "looked_at", "look_claimed_at")
    values = {name: getattr(shipment, name) for name in fields}
    RepairShipment.objects.filter(pk=shipment.pk, cancelled_at__isnull=True).update(**values)
