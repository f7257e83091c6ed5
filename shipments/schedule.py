"""When to ask a carrier about a parcel again. Pure: the present and what is known in, the next look out.       [pure]

Soon while it moves, seldom while it is silent or only a label, never again once it has arrived and stayed arrived;
rarely where the carrier tells by itself, and where it has retired the number. Failures back off with a jitter that
depends on the parcel and the count alone, so that a carrier that comes back after an outage is not met by every parcel
in the same second.
"""

import hashlib
from datetime import datetime, timedelta

MOVING = frozenset({"drop_off", "picked_up", "in_transit", "failed_attempt", "available_for_pickup"})
ABOUT_TO_ARRIVE = timedelta(hours=1)
ON_THE_ROAD = timedelta(hours=4)
STUCK = timedelta(hours=12)
QUIET_AFTER, QUIET = timedelta(days=3), timedelta(hours=12)
SILENT_AFTER, SILENT = timedelta(days=10), timedelta(days=1)
TOLD = timedelta(days=1)  # the carrier's webhooks come: a look now and then finds what they left out
RETIRED = timedelta(days=7)
FRESH_LABEL, FRESH_FOR = timedelta(hours=6), timedelta(days=14)
OLD_LABEL = timedelta(days=1)
ARRIVED = timedelta(days=1)
# A carrier corrects a delivery within days or not at all, and keeps its data for about four months.
SETTLED_AFTER = timedelta(days=7)
GIVEN_UP_AFTER = timedelta(days=120)

FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=12)
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)
JITTER = 0.2
FOR_GOOD = 11  # as many failures as lead to the longest wait


def next_look(
    now: datetime,
    *,
    latest_kind: str,
    latest_at: datetime | None,
    booked_at: datetime,
    told: bool = False,
    retired: bool = False,
) -> datetime | None:
    """After an answer: when to ask again, or None when nothing is left to ask. Instants in UTC.

    `told`: the carrier sends webhooks, and they have come lately. `retired`: it knew the number and does not any more.
    """
    silent_for = now - (latest_at or booked_at)
    if latest_kind == "delivered":
        return now + ARRIVED if silent_for < SETTLED_AFTER and not retired else None
    if silent_for >= GIVEN_UP_AFTER:
        return None
    if retired:
        return now + RETIRED
    wait = _pause_after(latest_kind, now - booked_at, silent_for)
    return now + (max(wait, TOLD) if told else wait)


def retry_look(
    now: datetime, *, failures: int, parcel: int, temporary: bool = True, retry_after: float | None = None
) -> datetime:
    """After the `failures`-th failure in a row (1 for the first): 5 minutes, doubling up to 12 hours, ± 20 %.

    Not before the carrier wants it (`retry_after` seconds, believed up to those 12 hours). What will not mend itself
    is asked about as seldom as what has failed for long.
    """
    count = failures if temporary else max(failures, FOR_GOOD)
    wait = _doubled(FIRST_RETRY, LONGEST_RETRY, count)
    swing = _swing(f"{parcel}/{failures}")
    wanted = _believed(retry_after)
    return now + max(wait * (1 + JITTER * swing), wanted + wanted * JITTER * abs(swing))


def rest_until(
    now: datetime, *, openings: int, carrier: str, temporary: bool = True, retry_after: float | None = None
) -> datetime:
    """When a carrier that was found failing for the `openings`-th time in a row is tried again: a minute, doubling up
    to an hour, ± 20 %, and not before the carrier wants it. Wrong credentials are tried every hour."""
    wait = _doubled(FIRST_REST, LONGEST_REST, openings if temporary else FOR_GOOD)
    return now + max(wait * (1 + JITTER * _swing(f"{carrier}/{openings}")), _believed(retry_after))


def _doubled(first: timedelta, longest: timedelta, count: int) -> timedelta:
    doublings: int = 1 << max(0, min(count - 1, 10))
    return min(first * doublings, longest)


def _believed(retry_after: float | None) -> timedelta:
    if retry_after is None or not retry_after > 0:  # not even a number, possibly
        return timedelta()
    return timedelta(seconds=min(retry_after, LONGEST_RETRY.total_seconds()))


def _pause_after(latest_kind: str, age: timedelta, silent_for: timedelta) -> timedelta:
    if latest_kind in MOVING | {"out_for_delivery"} and silent_for >= QUIET_AFTER:
        return QUIET if silent_for < SILENT_AFTER else SILENT
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
