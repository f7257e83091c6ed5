"""Whether rows and files still agree. Reads originals, so it takes as long as that takes: all of them for the command,
as many as one night allows for the nightly look."""

import logging
import time
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import F, QuerySet
from django.utils import timezone

from cases.evidence.orphans import orphaned_keys
from cases.evidence.storage import MB, fingerprint
from cases.models import Evidence

logger = logging.getLogger(__name__)
Trouble = Evidence.Trouble

# Files with us, the quarantined ones too: as in the condition of their index.
_HERE = (*Evidence.KEPT, Evidence.Status.INFECTED)
LONGEST_LOOK = 480  # seconds: less than a task may run
# So many bad ones in a row are the storage's fault: an unmounted folder must not fill every timeline with alarms.
MOST_IN_A_ROW = 25


def problems(now: datetime | None = None) -> Iterator[str]:
    """One sentence for each row without its file, file without its row, and fingerprint that differs."""
    for evidence in _here().select_related("case").order_by("pk").iterator(chunk_size=500):
        trouble = look_at(evidence)
        if trouble:
            key = {Trouble.PICTURE_MISSING: evidence.thumbnail.name}.get(trouble, evidence.original.name)
            yield f"evidence {evidence.pk} of {evidence.case.reference}: {_SAID[trouble]} ({key})"
    for key in orphaned_keys(now or timezone.now()):
        yield f"{key}: a file without its row"


_SAID = {
    Trouble.MISSING: "the original is missing",
    Trouble.CHANGED: "the fingerprint differs",
    Trouble.PICTURE_MISSING: "a picture of it is missing",
}


def look_at(evidence: Evidence) -> Trouble | None:
    """What is wrong with the files of one row, None for nothing. A storage that does not answer raises."""
    try:
        with default_storage.open(str(evidence.original.name), "rb") as file:
            found = fingerprint(file)
    except FileNotFoundError:
        return Trouble.MISSING
    if found != evidence.sha256:
        return Trouble.CHANGED
    shown = [str(file.name) for file in (evidence.web, evidence.thumbnail) if file]
    return None if all(default_storage.exists(key) for key in shown) else Trouble.PICTURE_MISSING


def check_some(now: datetime) -> int:
    """Look at the files nobody has looked at for longest, EVIDENCE_NIGHTLY_MB of them; how many are in trouble.

    Each is told by a row in its case's timeline, an error in the log, and `Evidence.trouble` until it is over.
    """
    bad = in_a_row = 0
    for evidence in _tonight(now):
        try:
            trouble = look_at(evidence)
        except Exception:
            logger.exception("evidence %s could not be compared with its fingerprint", evidence.pk)
            in_a_row += 1
        else:
            in_a_row = in_a_row + 1 if trouble else 0
            bad += trouble is not None
            _note(evidence, trouble, now)
        if in_a_row >= MOST_IN_A_ROW:
            logger.critical("%s files in a row are missing or unreadable: look at the storage itself", in_a_row)
            break
    return bad


def in_trouble() -> QuerySet[Evidence]:
    """What the last look found missing or changed; nothing where all is well."""
    return Evidence.objects.exclude(trouble="")


def _here() -> QuerySet[Evidence]:
    return Evidence.objects.filter(status__in=_HERE)


def _tonight(now: datetime) -> Iterator[Evidence]:
    until, left = time.monotonic() + LONGEST_LOOK, settings.EVIDENCE_NIGHTLY_MB * MB
    waiting = _here().exclude(checked_at__gte=now).order_by(F("checked_at").asc(nulls_first=True), "pk")
    for evidence in waiting.iterator(chunk_size=100):
        if left <= 0 or time.monotonic() > until:
            return
        left -= evidence.size
        yield evidence


def _note(evidence: Evidence, trouble: Trouble | None, now: datetime) -> None:
    from cases.services.guarding import note_trouble  # the verbs keep files, and this package is how

    if trouble:
        logger.error("evidence %s (%s): %s", evidence.pk, evidence.original.name, _SAID[trouble])
    if trouble or evidence.trouble:
        note_trouble(evidence.pk, trouble or "", now=now)
    else:
        Evidence.objects.filter(pk=evidence.pk).update(checked_at=now)
