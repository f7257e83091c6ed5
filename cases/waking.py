"""Calling the workers: only a wake-up. The rows say what is to do, and the sweeps find what nobody was called for."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
MOST_IN_A_CALL = 5  # all of them together are one task, with the time of one
LONGEST_KEPT = 1.0  # second


def wake(task: Any, *args: Any, countdown: float = 0) -> None:
    """Ask the workers, once this transaction is committed, to run `task` soon (after `countdown` seconds).

    Where the broker is down this says so in the log and goes on, and the task's sweep finds the work.
    """
    # A lambda: when a robust callback fails, Django asks it for its name, and a partial has none.
    transaction.on_commit(lambda: ask(task, args, countdown), robust=True)


def wake_for(task: Any, row_id: int, *, countdown: float = 0) -> None:
    """The same for a row: `task` takes the keys of any number of rows. With others where calls are made together."""
    transaction.on_commit(lambda: _ask_for(task, row_id, countdown), robust=True)


@contextmanager
def calling_together() -> Iterator[None]:
    """For whoever takes in many things one after the other: the workers are called for a few rows at once, and before
    a second is over since the first of them or with the next row, instead of for each. To call takes longer than to
    store."""
    calls = _Calls()
    outer = _calls.set(calls)
    try:
        yield
    finally:
        _calls.reset(outer)
        calls.make()


class _Calls:
    def __init__(self) -> None:
        self.rows: dict[str, tuple[Any, list[int]]] = {}
        self.since = 0.0

    def add(self, task: Any, row_id: int) -> None:
        now = time.monotonic()
        if not self.rows:
            self.since = now
        _task, rows = self.rows.setdefault(task.name, (task, []))
        rows.append(row_id)
        if len(rows) >= MOST_IN_A_CALL or now - self.since >= LONGEST_KEPT:
            self.make()

    def make(self) -> None:
        rows, self.rows = self.rows, {}
        for task, row_ids in rows.values():
            ask(task, tuple(row_ids), 0)


_calls: ContextVar[_Calls | None] = ContextVar("calls", default=None)


def _ask_for(task: Any, row_id: int, countdown: float) -> None:
    calls = _calls.get()
    if calls is None or countdown:
        ask(task, (row_id,), countdown)
    else:
        calls.add(task, row_id)


def ask(task: Any, args: tuple[Any, ...], countdown: float) -> None:
    """Ask now, whether a transaction is open or not."""
    try:
        with task.app.producer_or_acquire() as producer:
            # `retry` is about a message. The line to the broker would be tried for six seconds, in whatever request or
            # task this is, and a wake-up is not worth any.
            line = producer.connection
            line.transport_options = {**(line.transport_options or {}), "max_retries": 0}
            task.apply_async(args, countdown=countdown or None, retry=False, producer=producer)
    except (OperationalError, OSError) as error:
        logger.warning("the broker did not take %s%s, its sweep will find the work: %s", task.name, args, error)
