"""The nightly job: what is kept no longer goes, kind by kind, in small batches.

Each batch is a transaction of its own, and rows somebody else is at are left for the next look: it may run twice,
beside itself, or die half-way. What cannot be erased is said and passed over; files leave the storage after the commit.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from warrantydesk.privacy.kinds import KINDS, Kind
from warrantydesk.privacy.models import Forgetting

log = logging.getLogger(__name__)
BATCH = 200
NIGHT = time(2)
# A look is late when the night before last is not done: a worker was down, or there is more than it can do.
LATE_AFTER = timedelta(hours=36)


@dataclass(frozen=True)
class Gone:
    """What a look through one kind came to. Not `is_done`: it was stopped, and the next look goes on."""

    kind: str
    gone: int
    failed: int
    is_done: bool


def count_old(now: datetime) -> Iterator[tuple[Kind, int]]:
    """How much of each kind would go: cases for what goes with a case, rows for the rest. Changes nothing."""
    for kind in KINDS:
        yield kind, kind.due(now).count()


def forget_old(now: datetime, *, stop: Callable[[], bool] = lambda: False) -> Iterator[Gone]:
    """Forget what is over, kind by kind, until `stop` says so; one answer for each kind that was looked through."""
    for kind in KINDS:
        if stop():
            return
        yield _forget_kind(kind, now, stop)


def forget_tonight(now: datetime, *, stop: Callable[[], bool]) -> bool:
    """The same for kinds nobody has looked through since last night, two o'clock at the desk; whether all is done."""
    known = {row.kind: row for row in Forgetting.objects.all()}
    due = [kind for kind in KINDS if kind.code not in known or known[kind.code].is_due(last_night(now))]
    return all(not stop() and _forget_kind(kind, now, stop).is_done for kind in due)


def last_night(now: datetime) -> datetime:
    here = timezone.localtime(now)
    tonight = timezone.make_aware(datetime.combine(here.date(), NIGHT))
    return tonight if tonight <= now else timezone.make_aware(datetime.combine(here.date() - timedelta(days=1), NIGHT))


def _forget_kind(kind: Kind, now: datetime, stop: Callable[[], bool]) -> Gone:
    state = _begin(kind, now)
    gone = failed = 0
    problem, last, is_done = "", None, False
    while not is_done and not stop():
        try:
            ids, went, missed = _batch(kind, now, last)
        except Exception as error:  # this kind waits for the next look; the others go on
            log.exception("what is kept no longer of %s could not be erased", kind.code)
            problem, failed = f"{type(error).__name__}: {error}"[:250], failed + 1
            break
        gone, failed = gone + went, failed + missed
        is_done = len(ids) < BATCH
        last = ids[-1] if ids else last
        Forgetting.objects.filter(pk=state.pk).update(gone=F("gone") + went, failed=F("failed") + missed)
    Forgetting.objects.filter(pk=state.pk).update(
        problem=problem, **({"finished_at": now} if is_done or problem else {})
    )
    if gone or failed:
        log.info("kept no longer: %s %s gone, %s failed", gone, kind.code, failed)
    return Gone(kind.code, gone, failed, is_done or bool(problem))


def _begin(kind: Kind, now: datetime) -> Forgetting:
    state, _is_new = Forgetting.objects.get_or_create(kind=kind.code, defaults={"begun_at": now})
    if state.finished_at is not None and state.finished_at >= state.begun_at:
        Forgetting.objects.filter(pk=state.pk).update(begun_at=now, gone=0, failed=0)
    return state


def _batch(kind: Kind, now: datetime, last: Any) -> tuple[list[Any], int, int]:
    """The keys of one batch beyond `last`, how many went, and how many could not."""
    found = kind.due(now).order_by("pk")
    found = found.filter(pk__gt=last) if last is not None else found
    if kind.forget_one is None:
        with transaction.atomic():
            skip = connection.features.has_select_for_update_skip_locked
            ids = list(found.select_for_update(skip_locked=skip, of=("self",)).values_list("pk", flat=True)[:BATCH])
            return ids, kind.forget(kind.due(now).filter(pk__in=ids)) if ids else 0, 0
    ids, gone, failed = list(found.values_list("pk", flat=True)[:BATCH]), 0, 0
    for pk in ids:
        try:
            gone += kind.forget_one(pk, now)
        except Exception:  # one bad case keeps no other from its end
            log.exception("what is kept no longer of %s could not be erased: case %s", kind.code, pk)
            failed += 1
    return ids, gone, failed
