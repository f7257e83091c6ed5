"""When the cover of what a case claims ends, kept beside the case: the queue cannot ask the clocks of all parts.

The clocks themselves stand with the parts, and `products.services` alone writes them. What is kept here follows: at
once where the case itself hears of it, else with the next round over the clocks that moved. No rule reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery

from cases.models import Case, ClaimedPart
from products.models import ClockChange, CoveredPart

# A round looks back further than any pause between two rounds.
LOOK_BACK = timedelta(days=1)
CHUNK = 500


def cover_end_of(parts: Iterable[CoveredPart], submitted_on: date) -> date | None:
    """What `Case.cover_ends_on` is for a case about these parts."""
    days = (part.covered_through for part in parts)
    return min((day for day in days if day is not None and day >= submitted_on), default=None)


def keep_cover_end(case_ids: Sequence[int]) -> int:
    """Write down again when the cover of what these cases claim ends; how many of them said something else."""
    wrong = differing().filter(pk__in=case_ids).values_list("pk", flat=True)
    # Row by row: nobody who holds one of them then waits for us while we wait for them.
    return sum(Case.objects.filter(pk=pk).update(cover_ends_on=_counted()) for pk in list(wrong))


def follow_clocks(now: datetime) -> int:
    """Let every case hear of the clocks that moved since yesterday; how many did not know."""
    since = now - LOOK_BACK
    newest = ClockChange.objects.order_by("-pk").values_list("part_id", "at").iterator()
    moved = sorted({part_id for part_id, _at in takewhile(lambda change: change[1] >= since, newest)})
    known = 0
    for start in range(0, len(moved), CHUNK):
        claims = ClaimedPart.objects.filter(part__in=moved[start : start + CHUNK]).order_by()
        known += keep_cover_end(sorted(set(claims.values_list("case_id", flat=True))))
    return known


def differing() -> QuerySet[Case]:
    """Cases whose kept end of cover is not what the clocks of their parts say."""
    counted = Case.objects.order_by().alias(counted=_counted())
    only_one = Q(cover_ends_on=None, counted__isnull=False) | Q(cover_ends_on__isnull=False, counted=None)
    return counted.filter(only_one | Q(cover_ends_on__lt=F("counted")) | Q(cover_ends_on__gt=F("counted")))


def _counted() -> Subquery:
    claims = ClaimedPart.objects.filter(case=OuterRef("pk"), part__covered_through__gte=OuterRef("submitted_on"))
    return Subquery(claims.order_by().values("case").annotate(ends=Min("part__covered_through")).values("ends"))
