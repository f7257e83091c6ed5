"""How long stages took: the middle and the ninth tenth of many runs, exact.

Where nobody narrows the report, or by a part alone, the ledger says where they lie (`figures.placed`); else all runs
that the filters let through are sorted. A whole week's own are kept, and counted anew where the ledger tells that the
week has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Case, Max, Min, Q, QuerySet, SmallIntegerField, Sum, Value, When
from django.db.models.functions import TruncWeek
from django.utils import timezone

from warrantydesk.reports.asked import PART, Asked
from warrantydesk.reports.figures.placed import can_place, placed, whole_weeks_in
from warrantydesk.reports.models import StageRun
from warrantydesk.reports.quantiles import NOTHING, Spread, spreads
from warrantydesk.reports.ranges import WEEK, Range, monday
from warrantydesk.reports.stages import REPLY, STAGES
from warrantydesk.reports.tallies import RunTally, WeekSpread

A_DAY = timedelta(days=1)
Week = tuple[str, date]


def ended_runs(asked: Asked, days: Range) -> QuerySet[StageRun]:
    return asked.runs().filter(ended_on__range=(days.first, days.last))


def spread_by_stage(asked: Asked, spans: Sequence[Range], stages: Iterable[str]) -> list[dict[str, Spread]]:
    """The spread of the runs of each of these stages that ended on the days of each span, in seconds. No day is in
    two of the spans."""
    wanted = list(stages)
    if (told := _placed(asked, spans, wanted)) is not None:
        return told
    rows = asked.runs().filter(within(spans, "ended_on"), stage__in=wanted).annotate(span=_place_of(spans, "ended_on"))
    found = spreads(rows, "seconds", ("span", "stage"))
    return [{stage: found.get((place, stage), NOTHING) for stage in wanted} for place in range(len(spans))]


def spread_by_week(asked: Asked, days: Range, stages: Iterable[str]) -> dict[Week, Spread]:
    """The same by stage and week; the first and the last week hold only the days chosen. Those of whole weeks are kept
    where nobody narrows them."""
    wanted, kept = list(stages), {}
    weeks = whole_weeks_in(days, asked.today)
    if not asked.is_narrowed and weeks.edges != (days,):
        kept = kept_weeks(weeks.weeks, wanted, asked.today)
        spans = list(weeks.edges)
    else:
        spans = [Range(max(week, days.first), min(week + WEEK - A_DAY, days.last)) for week in days.weeks]
    return {**kept, **_week_by_week(asked, spans, wanted)}


def _week_by_week(asked: Asked, spans: Sequence[Range], stages: list[str]) -> dict[Week, Spread]:
    """None of the spans is longer than its week."""
    if not spans:
        return {}
    if (told := _placed(asked, spans, stages)) is None:
        rows = asked.runs().filter(within(spans, "ended_on"), stage__in=stages).annotate(week=TruncWeek("ended_on"))
        return {(stage, week): one for (stage, week), one in spreads(rows, "seconds", ("stage", "week")).items()}
    return {(stage, monday(days.first)): one[stage] for days, one in zip(spans, told, strict=True) for stage in stages}


def kept_weeks(weeks: Range, stages: list[str], today: date) -> dict[Week, Spread]:
    """The spreads of whole weeks, from one Monday to another: those kept, and those that are to be kept from now on."""
    mondays = (weeks.first, weeks.last)
    told = RunTally.objects.filter(part=None, monday__range=mondays, stage__in=stages).order_by()
    sums = {
        (stage, week): (number, int(seconds))
        for stage, week, number, seconds in told.values_list("stage", "monday").annotate(
            n=Sum("number"), s=Sum("seconds")
        )
        if number
    }
    found = {
        (one.stage, one.monday): Spread(one.number, one.median, one.ninth)
        for one in WeekSpread.objects.filter(monday__range=mondays, stage__in=stages)
        if sums.get((one.stage, one.monday)) == (one.number, one.seconds)
    }
    if missing := sums.keys() - found.keys():
        found |= _kept(missing, sums, today)
    return found


def keep_weeks() -> None:
    """Keep the spreads of every week there is anything of: no reader has to wait for them."""
    weeks = RunTally.objects.filter(part=None).aggregate(first=Min("monday"), last=Max("monday"))
    if weeks["first"]:
        kept_weeks(Range(weeks["first"], weeks["last"]), [*STAGES, REPLY], timezone.localdate())


def _kept(missing: Iterable[Week], sums: Mapping[Week, tuple[int, int]], today: date) -> dict[Week, Spread]:
    weeks, zone = sorted({week for _stage, week in missing}), timezone.get_default_timezone()
    spans = [Range(week, week + WEEK - A_DAY) for week in weeks]
    everything = Asked(Range(today, today), timezone.now(), zone)
    counted = _week_by_week(everything, spans, sorted({stage for stage, _week in missing}))
    found = {of: one for of, one in counted.items() if of in missing}
    kept = [
        WeekSpread(
            stage=of[0], monday=of[1], number=one.number, seconds=sums[of][1], median=one.median, ninth=one.ninth
        )
        for of, one in found.items()
        if one.number == sums[of][0] and one.median is not None and one.ninth is not None
    ]
    WeekSpread.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["stage", "monday"],
        update_fields=["number", "seconds", "median", "ninth"],
    )
    return found


def _placed(asked: Asked, spans: Sequence[Range], stages: list[str]) -> list[dict[str, Spread]] | None:
    """None where the ledger cannot say it."""
    if not can_place() or asked.filters.keys() - {PART}:
        return None
    try:
        return placed(spans, stages, asked.today, asked.part)
    except LookupError:  # somebody has changed the rows behind the counting: the nightly proof finds it
        return None


def within(spans: Iterable[Range], field: str) -> Q:
    """Rows whose day lies in any of the spans."""
    found = Q()
    for days in spans:
        found |= Q(**{f"{field}__range": (days.first, days.last)})
    return found


def _place_of(spans: Iterable[Range], field: str) -> Case:
    """In which of the spans a row lies."""
    whens = (When(**{f"{field}__range": (one.first, one.last)}, then=Value(at)) for at, one in enumerate(spans))
    return Case(*whens, output_field=SmallIntegerField())
