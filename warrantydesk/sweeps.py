"""When each task of the beat table last came to its end, and how: noted by the workers, shown to administrators.

Kept in the cache: it is about the running system, and a flushed cache only means that nothing is known for one round.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import signals
from django.core.cache import cache
from django.utils import timezone

DAY = 24 * 3600
# A sweep may be late by the one before it, by a busy worker, and by beat's own start.
PATIENCE = 3
LEAST = 180  # seconds


@dataclass(frozen=True)
class Sweep:
    """`ended_at` None: not seen since the cache was made. `failed` says how the latest one ended."""

    name: str
    task: str
    every: float
    ended_at: datetime | None
    failed: str

    def is_late(self, now: datetime) -> bool:
        return self.ended_at is not None and (now - self.ended_at).total_seconds() > max(LEAST, PATIENCE * self.every)


def sweeps() -> Iterator[Sweep]:
    """Every task of the beat table, in its order. One question to the cache."""
    from warrantydesk.celery import app

    table = app.conf.beat_schedule
    noted = cache.get_many([_key(entry["task"]) for entry in table.values()])
    for name, entry in table.items():
        ended_at, failed = noted.get(_key(entry["task"]), (None, ""))
        yield Sweep(name, entry["task"], float(entry["schedule"]), ended_at, failed)


def _key(task: str) -> str:
    return f"sweep:{task}"


def _note(task: str, failed: str) -> None:
    from warrantydesk.celery import app

    if task in {entry["task"] for entry in app.conf.beat_schedule.values()}:
        cache.set(_key(task), (timezone.now(), failed), timeout=3 * DAY)


def note_success(sender: Any = None, **_kwargs: Any) -> None:
    _note(sender.name, "")


def note_failure(sender: Any = None, exception: BaseException | None = None, **_kwargs: Any) -> None:
    """Only the kind of the error: its words may be about somebody."""
    _note(sender.name, type(exception).__name__)


def listen() -> None:
    """Let the workers note. Asking twice connects once."""
    signals.task_success.connect(note_success, dispatch_uid="sweep_success")
    signals.task_failure.connect(note_failure, dispatch_uid="sweep_failure")
