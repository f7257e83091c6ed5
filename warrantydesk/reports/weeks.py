"""Finished weeks: their figures are kept as they were; whatever a later count makes of them is marked as restated."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from warrantydesk.reports.answer import Answer, answered
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.kept import FrozenWeek
from warrantydesk.reports.ranges import WEEK, Range, midnight, monday
from warrantydesk.reports.registry import REPORTS, Report
from warrantydesk.reports.restated import figures_of


def finished_week(now: datetime, zone: tzinfo) -> date:
    """The Monday of the last week that is over."""
    return monday(now.astimezone(zone).date()) - WEEK


def answer_of_week(report: Report, week: date, now: datetime, zone: tzinfo) -> Answer:
    return answered(report, Asked(Range(week, week + timedelta(days=6)), now, zone))


def freeze_week(week: date, now: datetime, zone: tzinfo) -> int:
    """Keep the figures of a week that is over; how many reports were kept. What is kept already stays as it is.

    ValueError for a week that is not over.
    """
    if now < midnight(week + WEEK, zone):
        raise ValueError(f"the week of {week} is not over")
    known = set(FrozenWeek.objects.filter(monday=week).values_list("report", flat=True))
    kept = [
        FrozenWeek(
            report=name, monday=week, figures=figures_of(answer_of_week(report, week, now, zone).tables), frozen_at=now
        )
        for name, report in REPORTS.items()
        if name not in known
    ]
    FrozenWeek.objects.bulk_create(kept, ignore_conflicts=True)
    return len(kept)
