"""When to ask a carrier about a parcel again. Pure: the present and what is known in, the next look out.       [pure]

Soon while it moves, seldom while it is only a label, never again once it has arrived and stayed arrived. Failures
back off with a jitter that depends on the parcel and the count alone, so that a carrier that comes back after an
outage is not met by every parcel in the same second.
"""

import hashlib
from datetime import datetime, timedelta

MOVING = frozenset({"drop_off", "picked_up", "in_transit", "failed_attempt", "available_for_pickup"})
ABOUT_TO_ARRIVE = timedelta(hours=1)
ON_THE_ROAD = timedelta(hours=4)
STUCK = timedelta(hours=12)
FRESH_LABEL, FRESH_FOR = timedelta(hours=6), timedelta(days=14)
OLD_LABEL = timedelta(days=1)
ARRIVED = timedelta(days=1)
# A carrier corrects a delivery within days or not at all, and keeps its data for about four months.
SETTLED_AFTER = timedelta(days=7)
GIVEN_UP_AFTER = timedelta(days=120)

FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=12)
JITTER = 0.2


def next_look(now: datetime, *, latest_kind: str, latest_at: datetime | None, booked_at: datetime) -> datetime | None:
    """After an answer: when to ask again, or None when nothing is left to ask. Instants in UTC."""
    silent_for = now - (latest_at or booked_at)
    if latest_kind == "delivered":
        return now + ARRIVED if silent_for < SETTLED_AFTER else None
    if silent_for >= GIVEN_UP_AFTER:
        return None
    return now + _pause_after(latest_kind, now - booked_at)


def retry_look(now: datetime, *, failures: int, parcel: int) -> datetime:
    """After the `failures`-th failure in a row (1 for the first): 5 minutes, doubling up to 12 hours, ± 20 %."""
    doublings: int = 1 << min(failures - 1, 10)
    wait = min(FIRST_RETRY * doublings, LONGEST_RETRY)
    return now + wait * (1 + JITTER * _swing(f"{parcel}/{failures}"))


def _pause_after(latest_kind: str, age: timedelta) -> timedelta:
    if latest_kind == "out_for_delivery":
        return ABOUT_TO_ARRIVE
    if latest_kind in MOVING:
        return ON_THE_ROAD
    if latest_kind in ("", "label", "pickup_failed"):
        return FRESH_LABEL if age < FRESH_FOR else OLD_LABEL
    return STUCK


def _swing(seed: str) -> float:
    """Between -1 and 1, the same for the same seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) / 2**31 - 1
