"""How long the files of a closed case are kept: for EVIDENCE_KEEP_MONTHS after it was closed, or for good (0)."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from cases.actors import Actor
from cases.closed import closed_for
from cases.models import Case, Evidence
from cases.services.guarding import erase_evidence

WHY = gettext_noop("The time for which files of closed cases are kept is over.")


def due_cases(now: datetime) -> QuerySet[Case]:
    """Cases with files that were closed that long ago; none where files are kept for good."""
    files = Evidence.objects.filter(case=OuterRef("pk")).exclude(status=Evidence.Status.ERASED).exclude(original="")
    return closed_for(settings.EVIDENCE_KEEP_MONTHS, now).filter(Exists(files))


def erase_files(case_id: int, now: datetime) -> int:
    """Erase the files of one such case; how many went. None where it was reopened a moment ago."""
    return erase_evidence(case_id, why=WHY, actor=Actor.system(), now=now, only_closed=True)
