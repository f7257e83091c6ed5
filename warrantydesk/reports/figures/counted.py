"""Numbers by the day: from the ledger where nobody narrows the report, else from the flat rows. The same either way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.subjects import SUBJECTS
from warrantydesk.reports.models import CaseFigures, ClaimFigures, PauseFigures
from warrantydesk.reports.ranges import Range, monday
from warrantydesk.reports.tallies import Tally

Numbers = dict[Any, int]


def counted(asked: Asked, subject: str, days: Range | None, *by: str, words: Sequence[str] = ()) -> Numbers:
    """How many of a subject lie in these days (of any day, without), by one key or by a tuple of several.

    `by` are keys of the subject, or `day`; with `words`, only these words. What there is none of is not in it.
    """
    if asked.is_narrowed:
        listed = _flat(asked, subject, days, by, words)
    else:
        rows = Tally.objects.filter(subject=subject, **({"word__in": words} if words else {})).order_by()
        within = rows.filter(day__range=(days.first, days.last)) if days else rows
        listed = within.values_list(*by).annotate(n=Sum("number"))
    return {(row[0] if len(by) == 1 else tuple(row[:-1])): row[-1] for row in listed if row[-1]}


def number(asked: Asked, subject: str, days: Range | None) -> int:
    return sum(counted(asked, subject, days, "day").values())


def by_week(asked: Asked, subject: str, days: Range) -> dict[date, int]:
    """By the Monday of each week; every week of the days is in it."""
    found = dict.fromkeys(days.weeks, 0)
    for day, n in counted(asked, subject, days, "day").items():
        found[monday(day)] += n
    return found


def _flat(asked: Asked, subject: str, days: Range | None, by: tuple[str, ...], words: Sequence[str]) -> Any:
    one = SUBJECTS[subject]
    rows: QuerySet[Any] = {
        CaseFigures: asked.cases, ClaimFigures: asked.claims, PauseFigures: asked.pauses,
    }[one.model]()  # fmt: skip
    if days:
        rows = rows.filter(**{f"{one.day}__range": (days.first, days.last)})
    if words:
        rows = rows.annotate(said=F(one.keys["word"])).filter(said__in=words)
    return one.counted(rows, by)
