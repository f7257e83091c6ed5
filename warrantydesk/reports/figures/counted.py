"""Numbers by the day: from the ledger where nobody narrows the report, else from the flat rows. The same either way."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Sum

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.subjects import SUBJECTS
from warrantydesk.reports.models import CaseFigures, ClaimFigures, PauseFigures
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.tallies import Tally

Numbers = dict[Any, int]


def counted(asked: Asked, subject: str, days: Range | None, *by: str) -> Numbers:
    """How many of a subject lie in these days (of any day, without), by one key or by a tuple of several.

    `by` are keys of the subject, or `day`. What there is none of is not in it.
    """
    if asked.is_narrowed:
        listed = _flat(asked, subject, days, by)
    else:
        rows = Tally.objects.filter(subject=subject).order_by()
        within = rows.filter(day__range=(days.first, days.last)) if days else rows
        listed = within.values_list(*by).annotate(n=Sum("number"))
    return {(row[0] if len(by) == 1 else tuple(row[:-1])): row[-1] for row in listed if row[-1]}


def _flat(asked: Asked, subject: str, days: Range | None, by: tuple[str, ...]) -> Any:
    one = SUBJECTS[subject]
    rows: QuerySet[Any] = {
        CaseFigures: asked.cases, ClaimFigures: asked.claims, PauseFigures: asked.pauses,
    }[one.model]()  # fmt: skip
    if days:
        rows = rows.filter(**{f"{one.day}__range": (days.first, days.last)})
    return one.counted(rows, by)
