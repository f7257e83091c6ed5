"""Many carriers asked at the same time by one process: a thread with an event loop that does nothing but wait for them.

The database stays with the thread that started it; what comes back are answers, one a parcel, whatever happens.
"""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from shipments.carriers.base import Asked, Carrier, CarrierError, TrackAnswer
from shipments.models import RepairShipment

log = logging.getLogger(__name__)

MOST_AT_A_TIME = 400
CALLS_IN_A_ROW = 4  # of one connection: a batch of slow calls has to be over before its deadline
PACED_SECONDS = 30
DEADLINE_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Asking:
    """The answers to one batch, in the order of its parcels; `call_ms` is about how long a single call took."""

    answers: list[TrackAnswer]
    call_ms: int


class AskingLoop:
    """Ask from any thread; the answers come as futures."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asking carriers", daemon=True)
        self._thread.start()

    def ask(self, carrier: Carrier, parcels: Sequence[RepairShipment], now: datetime) -> "Future[Asking]":
        return asyncio.run_coroutine_threadsafe(_ask(carrier, parcels, now), self._loop)

    def close(self) -> None:
        """End it; whatever is still being asked is given up."""
        asyncio.run_coroutine_threadsafe(_give_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


@contextmanager
def asking_loop() -> Iterator[AskingLoop]:
    """A loop that calls carriers in a thread of its own; at the end it stops, whatever is still under way."""
    loop = AskingLoop()
    try:
        yield loop
    finally:
        loop.close()


def batch_size(carrier: Carrier) -> int:
    """How many parcels to ask a carrier about in one go: enough to keep it busy, few enough to be soon over."""
    numbers_a_call = getattr(carrier, "batch", 1)
    sizes = [MOST_AT_A_TIME, CALLS_IN_A_ROW * max(carrier.at_once, 1) * numbers_a_call]
    if carrier.per_second:
        sizes.append(int(carrier.per_second * PACED_SECONDS) * numbers_a_call)
    return max(1, min(sizes))


def all_failed(parcels: Sequence[RepairShipment], error: CarrierError) -> list[TrackAnswer]:
    """The same error as the answer about each of these parcels."""
    return [TrackAnswer(one.tracking_number, error=error) for one in parcels]


async def _ask(carrier: Carrier, parcels: Sequence[RepairShipment], now: datetime) -> Asking:
    began = time.monotonic()
    answers = await _answers(carrier, parcels, now)
    took = time.monotonic() - began
    waiting = len(parcels) / carrier.per_second if carrier.per_second else 0
    calls_in_a_row = math.ceil(len(parcels) / max(carrier.at_once, 1))
    return Asking(answers, round(max(took - waiting, 0) * 1000 / calls_in_a_row))


async def _answers(carrier: Carrier, parcels: Sequence[RepairShipment], now: datetime) -> list[TrackAnswer]:
    """One answer a parcel. What failed for all of them is the carrier's trouble, not the parcels'."""
    asked = [Asked(one.tracking_number, one.booked_at, one.direction) for one in parcels]
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            answers = await carrier.track(asked, now)
    except CarrierError as error:
        everybodys = CarrierError(str(error), temporary=error.temporary, retry_after=error.retry_after, everybody=True)
        return all_failed(parcels, everybodys)
    except TimeoutError:
        words = f"No answer within {DEADLINE_SECONDS} seconds."
        return all_failed(parcels, CarrierError(words, everybody=True))
    except Exception as error:  # an adapter's bug must not stop the parcels of the other carriers
        log.exception("carrier %s: the adapter failed", carrier.code)
        words = f"The adapter failed ({type(error).__name__})."
        return all_failed(parcels, CarrierError(words, everybody=True))
    if len(answers) != len(asked):
        words = f"{len(answers)} answers to {len(asked)} questions."
        return all_failed(parcels, CarrierError(words, everybody=True))
    return answers


async def _give_up() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
