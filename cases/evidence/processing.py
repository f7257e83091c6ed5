"""From a file that came in to what people see of it. The row says what is left to do; a worker may die at any point."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet

from cases.evidence.fence import decode_bounded
from cases.evidence.renditions import NotReadable, Renditions
from cases.evidence.storage import put_away
from cases.evidence.videos import can_look_at_videos
from cases.models import CaseEvent, Evidence

logger = logging.getLogger(__name__)
Status = Evidence.Status

STALE_AFTER = timedelta(seconds=settings.CLAIM_SECONDS)
MOST_ATTEMPTS = 3


def process(evidence_id: int, now: datetime) -> str | None:
    """Make the renditions of one file. Its status afterwards; None where nothing is to do, or somebody is at it."""
    evidence = _claim(evidence_id, now)
    if evidence is None:
        return None
    if evidence.work_failures > MOST_ATTEMPTS:
        # Every attempt so far ended without a word: the worker was killed over this file.
        return _give_up(evidence, now, "It stopped the worker every time.")
    if not (evidence.is_image or evidence.is_video):
        return _finish(evidence, {})
    try:
        with default_storage.open(str(evidence.original.name), "rb") as file:
            renditions = _looked_at(file, evidence)
        return _finish_picture(evidence, renditions)
    except (NotReadable, FileNotFoundError) as error:
        return _give_up(evidence, now, str(error))
    except Exception:
        # The storage failed, not the file: this attempt does not count. The claim stays, as a pause before the next.
        logger.exception("evidence %s: will be tried again", evidence.pk)
        _claimed(evidence).update(work_failures=F("work_failures") - 1)
        return Status.PENDING


def _looked_at(file: IO[bytes], evidence: Evidence) -> Renditions:
    """A video plays without a picture of it, so nothing that goes wrong with that is its end."""
    if evidence.is_image:
        return decode_bounded(file, evidence.content_type)
    if not can_look_at_videos():
        return Renditions(b"", b"")
    try:
        return decode_bounded(file, evidence.content_type)
    except NotReadable as error:
        logger.info("evidence %s has no poster: %s", evidence.pk, error)
        return Renditions(b"", b"")


def process_waiting(now: datetime, limit: int = 20) -> int:
    """Process up to `limit` files nobody is at, the oldest first; how many were looked at."""
    ids = list(_free(now).order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(process(evidence_id, now) is not None for evidence_id in ids)


def _free(now: datetime) -> QuerySet[Evidence]:
    nobody = Q(work_claimed_at=None) | Q(work_claimed_at__lt=now - STALE_AFTER)
    return Evidence.objects.filter(nobody, status=Status.PENDING)


def _claim(evidence_id: int, now: datetime) -> Evidence | None:
    # Counted before the work: a file that kills its worker leaves no other trace.
    taken = _free(now).filter(pk=evidence_id).update(work_claimed_at=now, work_failures=F("work_failures") + 1)
    return Evidence.objects.get(pk=evidence_id) if taken else None


def _claimed(evidence: Evidence) -> QuerySet[Evidence]:
    return Evidence.objects.filter(pk=evidence.pk, status=Status.PENDING, work_claimed_at=evidence.work_claimed_at)


def _finish_picture(evidence: Evidence, made: Renditions) -> str:
    web, thumbnail = (put_away(BytesIO(picture)) if picture else "" for picture in (made.web, made.thumbnail))
    fields = {"web": web, "thumbnail": thumbnail, "captured_at": made.captured_at, "facts": evidence.facts | made.facts}
    return _finish(evidence, fields)


def _finish(evidence: Evidence, fields: Mapping[str, Any]) -> str:
    if not _claimed(evidence).update(status=Status.READY, work_failures=0, **fields):
        # Somebody took us for dead and was done first; ours have no row and would only lie about.
        for key in (fields.get("web"), fields.get("thumbnail")):
            if key:
                default_storage.delete(key)
    return Status.READY


def _give_up(evidence: Evidence, now: datetime, problem: str) -> str:
    with transaction.atomic():
        facts = evidence.facts | {"problem": problem[:300]}
        if _claimed(evidence).update(status=Status.FAILED, facts=facts):
            CaseEvent.objects.create(
                case_id=evidence.case_id,
                at=now,
                kind=CaseEvent.Kind.EVIDENCE,
                name="not_shown",
                actor_kind=CaseEvent.Actor.SYSTEM,
                data={"evidence_id": evidence.pk, "file": evidence.name},
            )
    return Status.FAILED
