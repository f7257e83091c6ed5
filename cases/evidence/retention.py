"""How long the files of a closed case are kept: for EVIDENCE_KEEP_MONTHS after it was closed, or for good (0)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext_noop

from cases.actors import Actor
from cases.models import Case, CaseEvent, Evidence
from cases.models.case import OPEN_STATES
from cases.services.guarding import erase_evidence
from products.coverage import add_months

WHY = gettext_noop("The time for which files of closed cases are kept is over.")
_SHORTEST_MONTH = timedelta(days=28)


def due_cases(now: datetime) -> Iterator[int]:
    """Closed cases with files whose last step is that many months ago; none where files are kept for good."""
    months = settings.EVIDENCE_KEEP_MONTHS
    if not months:
        return
    files = Evidence.objects.filter(case=OuterRef("pk")).exclude(status=Evidence.Status.ERASED).exclude(original="")
    step = Max("events__at", filter=Q(events__kind=CaseEvent.Kind.TRANSITION))
    closed = Case.objects.exclude(state__in=OPEN_STATES).filter(Exists(files))
    # Months are counted by the calendar; the shortest of them says who may be due at all.
    perhaps = closed.filter(received_at__lt=now - months * _SHORTEST_MONTH).annotate(closed_at=step).order_by("pk")
    for case_id, closed_at in perhaps.values_list("pk", "closed_at").iterator():
        if closed_at is not None and add_months(closed_at.date(), months) < now.date():
            yield case_id


def erase_what_is_due(now: datetime, limit: int = 500) -> int:
    """Erase the files of up to `limit` such cases; how many files went."""
    ids = list(islice(due_cases(now), limit))
    return sum(erase_evidence(case_id, why=WHY, actor=Actor.system(), now=now) for case_id in ids)
