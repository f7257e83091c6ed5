"""Numbers by the day: from the ledger where it knows all that narrows the report, else from the flat rows. The same
either way."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Sum

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.subjects import SUBJECTS, of_part
from warrantydesk.reports.figures.written import fetched
from warrantydesk.reports.models import CaseFigures, ClaimFigures, PauseFigures
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.tallies import Tally

Numbers = dict[Any, int]


def counted(asked: Asked, subject: str, days: Range | None, *by: str) -> Numbers:
    """How many of a subject lie in these days (of any day, without), by one key or by a tuple of several.

    `by` are keys of the subject, or `day`. What there is none of is not in it.
    """
    span = {"since": days.first, "until": days.last} if days else {}
    listed = fetched(asked, _listed, subject, *by, **span)
    return {(row[0] if len(by) == 1 else tuple(row[:-1])): row[-1] for row in listed if row[-1]}


def _listed(asked: Asked, subject: str, *by: str, since: Any = None, until: Any = None) -> QuerySet[Any]:
    if (rows := in_ledger(asked, subject)) is None:
        return _flat(asked, subject, by, since, until)
    within = rows.filter(day__range=(since, until)) if since else rows
    return within.values_list(*by).annotate(n=Sum("number"))


def in_ledger(asked: Asked, subject: str) -> QuerySet[Tally] | None:
    """The rows of a subject that pass the filters; None where the ledger does not know one of them."""
    known = [name for name in (subject, of_part(subject)) if name in SUBJECTS]
    filters = asked.filters_of_parts if SUBJECTS[subject].model is PauseFigures else asked.filters
    name = next((name for name in known if not filters.keys() - SUBJECTS[name].keys.keys()), None)
    return Tally.objects.filter(subject=name, **filters).order_by() if name else None


def _flat(asked: Asked, subject: str, by: tuple[str, ...], since: Any, until: Any) -> Any:
    one = SUBJECTS[subject]
    rows: QuerySet[Any] = {
        CaseFigures: asked.cases, ClaimFigures: asked.claims, PauseFigures: asked.pauses,
    }[one.model]()  # fmt: skip
    if since:
        rows = rows.filter(**{f"{one.day}__range": (since, until)})
    return one.counted(rows, by)
