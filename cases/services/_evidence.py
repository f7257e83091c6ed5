"""Files that came with something become rows of evidence, each once, the refused ones with their reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from cases.actors import Actor
from cases.evidence.storage import cap_files, discard
from cases.models import Case, CaseEvent, Evidence, Message
from cases.services._transition import record
from cases.waking import wake, wake_for
from products.storing import insert
from products.written_once import WrittenOnce

if TYPE_CHECKING:
    from cases.evidence.storage import StoredFile


@dataclass(frozen=True, slots=True)
class Kept:
    """`rows` in the order of the files; `new` are those made now, the others were there already."""

    rows: list[Evidence]
    new: list[Evidence]


class Told(NamedTuple):
    name: str
    data: dict[str, list[int]]


def keep_files(case: Case, files: Sequence[StoredFile], message: Message | None, now: datetime) -> Kept:
    """One row a file, beyond the limits of the case as refused ones. The case must be locked.

    The same content under the same name twice in one case is the same evidence: an upload repeated on a shaky line
    changes nothing.
    """
    if not files:
        return Kept(rows=[], new=[])
    kept = rows_for(case, files, message, now, held=_HELD.ask(case=case.pk).fetched())
    insert(kept.new)
    return kept


def _held(case: int) -> QuerySet[Evidence]:
    return Evidence.objects.filter(case=case, status__in=(*Evidence.KEPT, Evidence.Status.INFECTED)).order_by("pk")


_HELD = WrittenOnce(_held, case=int)


def rows_for(
    case: Case, files: Sequence[StoredFile], message: Message | None, now: datetime, *, held: Sequence[Evidence] = ()
) -> Kept:
    """The same, with the new rows not stored yet; `held` are the files of the case that take up room."""
    known = {(row.sha256, row.name): row for row in held}
    fresh = [file for file in _once(files) if file.refusal or _sameness(file) not in known]
    made = [_row(case, file, message, now) for file in cap_files(case, fresh, held=held)]
    known |= {(row.sha256, row.name): row for row in made if row.is_kept}
    there = [(file, known[_sameness(file)]) for file in files if _sameness(file) in known]
    doubles = [file for file, row in there if row.original.name != file.key]
    if doubles:
        # A lambda: when a robust callback fails, Django asks it for its name, and a partial has none.
        transaction.on_commit(lambda: discard(doubles), robust=True)
    refused = [row for row in made if not row.is_kept]
    rows = {id(row): row for row in (*(row for _file, row in there), *refused)}  # a row not stored has no hash
    return Kept(rows=list(rows.values()), new=made)


def record_files(case: Case, kept: Kept, *, actor: Actor, now: datetime) -> CaseEvent | None:
    """The timeline's row about them, and the call to look at them; None where nothing new came."""
    told = told_of(kept)
    return record(case, CaseEvent.Kind.EVIDENCE, told.name, actor=actor, now=now, data=told.data) if told else None


def told_of(kept: Kept) -> Told | None:
    """What the timeline's row about them says, and the call to look at them; None where nothing new came."""
    if not kept.new:
        return None
    usable = [row.pk for row in kept.new if row.is_kept]
    refused = [row.pk for row in kept.new if not row.is_kept]
    _wake_for(usable)
    return Told("added", {"evidence": usable, "refused": refused}) if usable else Told("refused", {"refused": refused})


def _once(files: Sequence[StoredFile]) -> list[StoredFile]:
    """Each kept file once; every refused one, because the customer is told of each by its name."""
    seen: set[tuple[str, str]] = set()
    unique = []
    for file in files:
        if file.refusal or _sameness(file) not in seen:
            unique.append(file)
        if not file.refusal:
            seen.add(_sameness(file))
    return unique


def _sameness(file: StoredFile) -> tuple[str, str]:
    return file.sha256, file.name[:200]


def _row(case: Case, file: StoredFile, message: Message | None, now: datetime) -> Evidence:
    return Evidence(
        case=case,
        message=message,
        name=file.name[:200],
        claimed_type=file.claimed_type[:120],
        content_type=file.content_type[:120],
        size=file.size,
        sha256=file.sha256,
        original="" if file.refusal else file.key,
        status=Evidence.Status.REFUSED if file.refusal else Evidence.Status.PENDING,
        refusal=file.refusal[:200],
        scan=Evidence.Scan.WAITING if settings.CLAMD_URL and not file.refusal else Evidence.Scan.NONE,
        received_at=now,
    )


def _wake_for(evidence_ids: Sequence[int]) -> None:
    from cases import tasks  # tasks import the services they run

    for evidence_id in evidence_ids:
        wake_for(tasks.process_evidence, evidence_id)
        if settings.CLAMD_URL:
            wake(tasks.scan_evidence, evidence_id)
