"""What follows from the answers to one batch of questions.

Most answers say nothing new: those are written down together, without a lock. Only a parcel with a scan nobody knew
takes the whole way: its windows, its case, its customer (`record_events`).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case as Choose
from django.db.models import F, Q, Value, When

from products.errors import Refused
from shipments.carriers.base import TrackAnswer
from shipments.models import RepairShipment, TrackingEvent
from shipments.schedule import next_look, retry_look
from shipments.services.recording import record_events

log = logging.getLogger(__name__)

_FAILURE = ("next_look_at", "look_failures", "look_problem", "looked_at", "look_claimed_at")
# While the carrier was being asked, somebody wanted another look (a webhook's hint), or a new scan said when.
_WANTED_MEANWHILE = Q(look_claimed_at__isnull=False, next_look_at__gt=F("look_claimed_at"))


@dataclass(frozen=True, slots=True)
class Look:
    """How one look went. `outcome` is events, not_found or error; `problem` the words of a failure."""

    shipment: RepairShipment
    outcome: str
    new: int = 0
    problem: str = ""


def take_in(
    parcels: Sequence[RepairShipment], answers: Sequence[TrackAnswer], *, told: bool = False, now: datetime
) -> list[Look]:
    """Record what the carrier said of these parcels, one answer each, and when to ask again. `told`: its webhooks
    come. One parcel's trouble spoils no other."""
    both = list(zip(parcels, answers, strict=True))
    answered = [(one, answer) for one, answer in both if answer.error is None or answer.not_found]
    looks = [_failed(one, answer, now) for one, answer in both if answer.error and not answer.not_found]
    known = _known_facts(one.pk for one, answer in answered if answer.events)
    for shipment, answer in answered:
        looks.append(_recorded(shipment, answer, known[shipment.pk], now))
    looks = _reread(looks)
    _write_answered([look for look in looks if look.outcome != "error"], told=told, now=now)
    _write_failed([look for look in looks if look.outcome == "error"])
    return looks


def leave_alone(parcels: Sequence[RepairShipment], name: str, now: datetime) -> list[Look]:
    """Carriers followed by hand are never asked, not even where a row says so from other days."""
    rows = RepairShipment.objects.filter(pk__in=[one.pk for one in parcels])
    rows.update(next_look_at=None, looked_at=now, look_claimed_at=None)
    return [Look(one, "error", problem=f"{name} is followed by hand: there is nobody to ask.") for one in parcels]


def _known_facts(shipment_ids: Iterable[int]) -> dict[int, set[str]]:
    facts: dict[int, set[str]] = defaultdict(set)
    rows = TrackingEvent.objects.filter(shipment__in=list(shipment_ids)).order_by()
    for shipment_id, fact in rows.values_list("shipment_id", "fact"):
        facts[shipment_id].add(fact)
    return facts


def _recorded(shipment: RepairShipment, answer: TrackAnswer, known: set[str], now: datetime) -> Look:
    problem = str(answer.error)[:250] if answer.error else ""
    if all(event.fact in known for event in answer.events):
        return Look(shipment, answer.outcome, problem=problem)
    try:
        new = record_events(shipment.pk, answer.events, heard=TrackingEvent.Heard.POLL, now=now)
    except Refused as refusal:
        return _failure(shipment, str(refusal), now)
    except Exception as error:  # the row stays due and says what is wrong with it; the others go on
        log.exception("parcel %s: its answer could not be taken in", shipment.pk)
        return _failure(shipment, f"The answer could not be taken in ({type(error).__name__}).", now)
    return Look(shipment, answer.outcome, new, problem)


def _failed(shipment: RepairShipment, answer: TrackAnswer, now: datetime) -> Look:
    error = answer.error
    assert error is not None  # noqa: S101 - only called with failures
    return _failure(shipment, str(error), now, temporary=error.temporary, retry_after=error.retry_after)


def _failure(
    shipment: RepairShipment, problem: str, now: datetime, *, temporary: bool = True, retry_after: float | None = None
) -> Look:
    shipment.look_failures = min(shipment.look_failures + 1, 1000)
    shipment.look_problem = problem[:250]
    shipment.looked_at, shipment.look_claimed_at = now, None
    shipment.next_look_at = retry_look(
        now, failures=shipment.look_failures, parcel=shipment.pk, temporary=temporary, retry_after=retry_after
    )
    return Look(shipment, "error", problem=problem)


def _reread(looks: Sequence[Look]) -> list[Look]:
    """Parcels of which something new was recorded, as they are now; the others as they came."""
    fresh = RepairShipment.objects.select_related("case").in_bulk([look.shipment.pk for look in looks if look.new])
    return [Look(fresh.get(look.shipment.pk, look.shipment), look.outcome, look.new, look.problem) for look in looks]


def _write_answered(looks: Sequence[Look], *, told: bool, now: datetime) -> None:
    """Give the claims back and say when to ask again: a few updates for all of them."""
    alike: dict[tuple[datetime | None, str], list[int]] = defaultdict(list)
    for look in looks:
        shipment = look.shipment
        shipment.next_look_at = next_look(
            now,
            latest_kind=shipment.latest_kind,
            latest_at=shipment.latest_event_at,
            booked_at=shipment.booked_at,
            told=told,
            retired=look.outcome == "not_found" and bool(shipment.latest_kind),
        )
        shipment.look_failures, shipment.look_problem, shipment.looked_at = 0, look.problem, now
        alike[shipment.next_look_at, look.problem].append(shipment.pk)
    for (when, problem), ids in alike.items():
        # A parcel cancelled while the carrier was asked stays as its cancelling left it.
        RepairShipment.objects.filter(pk__in=ids, cancelled_at__isnull=True).update(
            next_look_at=Choose(When(_WANTED_MEANWHILE, then=F("next_look_at")), default=Value(when)),
            look_failures=0,
            look_problem=problem,
            looked_at=now,
            look_claimed_at=None,
        )


def _write_failed(looks: Sequence[Look]) -> None:
    if looks:
        shipments = [look.shipment for look in looks]
        RepairShipment.objects.filter(cancelled_at__isnull=True).bulk_update(shipments, _FAILURE, batch_size=200)
        log.warning("%s of the looks failed, parcel %s: %s", len(looks), shipments[0].pk, looks[0].problem)
