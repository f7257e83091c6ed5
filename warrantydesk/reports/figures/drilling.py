"""From a row of a report to the very cases behind its number."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from cases.models import Case
from warrantydesk.reports.ranges import WEEK


def cases_of(rows: QuerySet[Any], key: str = "pk") -> QuerySet[Case]:
    """The cases these counted rows are about; `key` is their way to the case."""
    return Case.objects.filter(pk__in=rows.order_by().values(key))


def read_day(written: str) -> date | None:
    """None where an address was cut or made up."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def week_of(monday: date) -> tuple[date, date]:
    return monday, monday + WEEK
