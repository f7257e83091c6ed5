"""What the staff say about a file of a case: that it shows the fault, a note, which way up it is seen; and looking at
it once more. The file itself stays as it came."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, CaseEvent, Evidence
from cases.services._transition import allow, locked_case, record, tell
from cases.waking import wake_for

LONGEST_NOTE = 2000
TURNS = (0, 90, 180, 270)


@transaction.atomic
def mark_fault(evidence_id: int, *, shows: bool, actor: Actor, now: datetime) -> Evidence:
    """Say that this file shows the fault, or that it does not after all."""
    case, file = _kept(evidence_id, actor)
    if file.shows_fault == shows:
        raise Stale(_("It is marked like this already."), field="shows", code="unchanged")
    _change(file, shows_fault=shows)
    _tell(case, "marked" if shows else "unmarked", file, actor, now)
    return file


@transaction.atomic
def note_picture(evidence_id: int, *, text: str, actor: Actor, now: datetime) -> Evidence:
    """Write, change or (with no words) take away the note on a file. Only staff read it."""
    case, file = _kept(evidence_id, actor)
    words = text.strip()
    if len(words) > LONGEST_NOTE:
        raise NotPossible(
            _("The note has %(n)s characters; it may have %(most)s.") % {"n": len(words), "most": LONGEST_NOTE},
            field="text",
            code="too_long",
        )
    if file.note == words:
        raise Stale(_("The note says this already."), field="text", code="unchanged")
    _change(file, note=words)
    _tell(case, "annotated", file, actor, now)
    return file


@transaction.atomic
def turn_picture(evidence_id: int, *, rotation: int, actor: Actor, now: datetime) -> Evidence:
    """Which way up the staff see it, in degrees clockwise. No news of the case: its place in the queue stays."""
    case, file = _kept(evidence_id, actor)
    if rotation not in TURNS:
        raise NotPossible(_("A picture is turned by 0, 90, 180 or 270 degrees."), field="rotation", code="rotation")
    if file.rotation == rotation:
        raise Stale(_("It is turned like this already."), field="rotation", code="unchanged")
    _change(file, rotation=rotation)
    data = {"file": file.pk, "rotation": rotation}
    record(case, CaseEvent.Kind.EVIDENCE, "turned", actor=actor, now=now, data=data)
    return file


@transaction.atomic
def look_again(evidence_id: int, *, actor: Actor, now: datetime) -> Evidence:
    """Make the pictures of a file once more, where that failed."""
    from cases import tasks  # tasks import the services they run

    case, file = _kept(evidence_id, actor)
    if file.status != Evidence.Status.FAILED:
        raise Stale(_("It is not waiting for another try."), code="not_failed")
    _change(file, status=Evidence.Status.PENDING, work_failures=0, work_claimed_at=None)
    record(case, CaseEvent.Kind.EVIDENCE, "looked_again", actor=actor, now=now, data={"file": file.pk})
    wake_for(tasks.process_evidence, file.pk)
    return file


def _kept(evidence_id: int, actor: Actor) -> tuple[Case, Evidence]:
    """The file with its case, the case locked. Evidence.DoesNotExist where there is none."""
    allow(actor)
    case = locked_case(Evidence.objects.values_list("case_id", flat=True).get(pk=evidence_id))
    file = case.evidence.get(pk=evidence_id)
    if not file.is_kept:
        raise NotPossible(_("This file was not kept, so there is nothing to see."), code="not_kept")
    return case, file


def _change(file: Evidence, **fields: object) -> None:
    for name, value in fields.items():
        setattr(file, name, value)
    file.save(update_fields=list(fields))


def _tell(case: Case, name: str, file: Evidence, actor: Actor, now: datetime) -> None:
    tell(case, CaseEvent.Kind.EVIDENCE, name, actor=actor, now=now, data={"file": file.pk})
