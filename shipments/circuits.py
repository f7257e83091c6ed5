"""How each carrier answers, and whether it is asked at all just now: a circuit breaker a carrier, kept as a row.

Failed looks in a row open the circuit, one that answers closes it. In between nobody asks, and after the rest one
parcel tries; should that fail too, the next rest is longer. What one parcel is in trouble for counts for nothing here.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from shipments.carriers.base import CarrierError, TrackAnswer
from shipments.models import CarrierHealth
from shipments.schedule import rest_until

log = logging.getLogger(__name__)

OPENS_AT = 5  # failed looks in a row
QUICK_MS = 2000
SMOOTHING = 0.3
TOLD_LATELY = timedelta(days=2)
REFUSALS_NOTED = timedelta(minutes=1)  # calls nobody signed must not make us write more often


def health_of(codes: Sequence[str]) -> dict[str, CarrierHealth]:
    """The health of these carriers; of one never asked a blank one. One query."""
    known = {row.carrier: row for row in CarrierHealth.objects.filter(carrier__in=codes)}
    return {code: known.get(code) or CarrierHealth(carrier=code) for code in codes}


def is_resting(health: CarrierHealth, now: datetime) -> bool:
    """The circuit is open: nobody asks."""
    return health.open_until is not None and health.open_until > now


def is_tried(health: CarrierHealth) -> bool:
    """The rest is over, but it has not answered yet: one look at a time."""
    return health.openings > 0


def is_quick(health: CarrierHealth) -> bool:
    """It answers, and fast. Only such a carrier may hold up two workers at a time."""
    return health.failures == 0 and health.latency_ms is not None and health.latency_ms < QUICK_MS


def tells(health: CarrierHealth, now: datetime) -> bool:
    """Its webhooks come, so that there is little to ask."""
    return health.heard_at is not None and now - health.heard_at < TOLD_LATELY


def note_answers(code: str, answers: Sequence[TrackAnswer], *, call_ms: int, now: datetime) -> CarrierHealth:
    """Take down how a carrier answered these questions, `call_ms` a call; its health as it is then."""
    troubles = [answer.error for answer in answers if answer.error is not None and answer.error.everybody]
    with transaction.atomic():
        CarrierHealth.objects.get_or_create(carrier=code)
        health = CarrierHealth.objects.select_for_update().get(carrier=code)
        if len(troubles) * 2 > len(answers):
            _note_failure(health, troubles, now)
        else:
            _note_success(health, troubles, call_ms, now)
        health.save()
    return health


def note_webhook(code: str, now: datetime, *, refused: bool = False) -> None:
    """A carrier spoke by itself; `refused`: somebody did in its name whose signature did not fit."""
    field = "refused_at" if refused else "heard_at"
    CarrierHealth.objects.get_or_create(carrier=code)
    long_ago = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__lt": now - REFUSALS_NOTED})
    CarrierHealth.objects.filter(long_ago, carrier=code).update(**{field: now})


def _note_success(health: CarrierHealth, troubles: Sequence[CarrierError], call_ms: int, now: datetime) -> None:
    health.failures, health.openings, health.last_success_at = 0, 0, now
    before = call_ms if health.latency_ms is None else health.latency_ms
    health.latency_ms = round(before + SMOOTHING * (call_ms - before))
    # "Too many calls" in the middle of good answers: it is left alone for as long as it asks.
    wanted = _wanted(troubles)
    health.open_until = rest_until(now, openings=1, carrier=health.carrier, retry_after=wanted) if wanted else None


def _note_failure(health: CarrierHealth, troubles: Sequence[CarrierError], now: datetime) -> None:
    worst = next((error for error in troubles if not error.temporary), troubles[0])
    wanted = _wanted(troubles)
    health.failures += len(troubles)
    health.last_problem, health.last_problem_at = str(worst)[:250], now
    if health.failures < OPENS_AT and worst.temporary and not wanted and not health.openings:
        return
    health.openings = min(health.openings + 1, 1000)
    health.open_until = rest_until(
        now, openings=health.openings, carrier=health.carrier, temporary=worst.temporary, retry_after=wanted
    )
    log.warning("carrier %s rests until %s: %s", health.carrier, health.open_until, worst)


def _wanted(troubles: Sequence[CarrierError]) -> float:
    return max((error.retry_after or 0 for error in troubles), default=0)
