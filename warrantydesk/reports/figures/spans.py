"""How long stages took: the middle and the ninth tenth of many runs, exact.

Where a ledger knows the runs (`figures.told`: those of everything, and of one choice of one filter) it says where they
lie (`figures.placed`); else all runs that the filters let through are sorted. A whole week's own are kept, and counted
anew where the ledger tells that the week has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Max, Min, Q, QuerySet, SmallIntegerField, Sum, Value, When
from django.db.models.functions import TruncWeek
from django.utils import timezone

from products.written_once import WrittenOnce
from warrantydesk.reports.asked import COUNTRY, Asked
from warrantydesk.reports.figures.placed import can_place, placed, whole_weeks_in
from warrantydesk.reports.figures.told import Told, told_of
from warrantydesk.reports.models import StageRun
from warrantydesk.reports.quantiles import NOTHING, Spread, spreads
from warrantydesk.reports.ranges import WEEK, Range, monday
from warrantydesk.reports.stages import REPLY, STAGES
from warrantydesk.reports.tallies import NarrowedRunTally, NarrowedWeekSpread, RunTally, WeekSpread

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
    where a ledger knows the runs."""
    wanted, told = list(stages), told_of(asked)
    weeks = whole_weeks_in(days, asked.today)
    if told is None or not told.is_kept or weeks.edges == (days,):
        spans = [Range(max(week, days.first), min(week + WEEK - A_DAY, days.last)) for week in days.weeks]
        return _week_by_week(asked, spans, wanted)
    kept = kept_weeks(asked, told, weeks.weeks, wanted)
    return {**kept, **_week_by_week(asked, weeks.edges, wanted)}


def _week_by_week(asked: Asked, spans: Sequence[Range], stages: list[str]) -> dict[Week, Spread]:
    """None of the spans is longer than its week."""
    if not spans:
        return {}
    if (told := _placed(asked, spans, stages)) is None:
        rows = asked.runs().filter(within(spans, "ended_on"), stage__in=stages).annotate(week=TruncWeek("ended_on"))
        return {(stage, week): one for (stage, week), one in spreads(rows, "seconds", ("stage", "week")).items()}
    return {(stage, monday(days.first)): one[stage] for days, one in zip(spans, told, strict=True) for stage in stages}


def kept_weeks(asked: Asked, told: Told, weeks: Range, stages: list[str]) -> dict[Week, Spread]:
    """The spreads of whole weeks, from one Monday to another: those kept, and those that are to be kept from now on."""
    of = {"of": told.of} if told.filter else {}
    values = {"first": weeks.first, "last": weeks.last, "stages": stages, **of}
    sums = {
        (stage, week): (number, int(seconds))
        for stage, week, number, seconds in _SUMS[bool(of)].ask(**values).fetched()
        if number
    }
    found = {
        (stage, week): Spread(number, median, ninth)
        for stage, week, number, seconds, median, ninth in _KEPT[bool(of)].ask(**values).fetched()
        if sums.get((stage, week)) == (number, seconds)
    }
    if missing := sums.keys() - found.keys():
        found |= _keep(asked, of, missing, sums)
    return found


def _week_sums(first: date, last: date, stages: list[str], of: str = "") -> QuerySet[Any, Any]:
    rows: Any = NarrowedRunTally.objects.filter(of=of) if of else RunTally.objects.filter(part=None)
    rows = rows.filter(monday__range=(first, last), stage__in=stages).order_by()
    return rows.values_list("stage", "monday").annotate(n=Sum("number"), s=Sum("seconds"))


def _kept_spreads(first: date, last: date, stages: list[str], of: str = "") -> QuerySet[Any, Any]:
    rows: Any = NarrowedWeekSpread.objects.filter(of=of) if of else WeekSpread.objects.all()
    rows = rows.filter(monday__range=(first, last), stage__in=stages)
    return rows.values_list("stage", "monday", "number", "seconds", "median", "ninth")


WEEKS: dict[str, Any] = {"first": date, "last": date, "stages": [str]}
_SUMS = (WrittenOnce(_week_sums, **WEEKS), WrittenOnce(_week_sums, **WEEKS, of=str))
_KEPT = (WrittenOnce(_kept_spreads, **WEEKS), WrittenOnce(_kept_spreads, **WEEKS, of=str))


def keep_weeks() -> None:
    """Keep the spreads of every week there is anything of, by themselves for each choice of a filter that a ledger
    knows: no reader has to wait for them."""
    keep_weeks_of()
    for of in NarrowedRunTally.objects.order_by().values_list("of", flat=True).distinct():
        name, _space, value = of.partition(" ")
        keep_weeks_of(**{name: value if name == COUNTRY else int(value)})


def keep_weeks_of(**chosen: Any) -> None:
    today = timezone.localdate()
    asked = Asked(Range(today, today), timezone.now(), timezone.get_default_timezone(), **chosen)
    weeks = RunTally.objects.filter(part=None).aggregate(first=Min("monday"), last=Max("monday"))
    told = told_of(asked)
    if weeks["first"] and told and told.is_kept:
        kept_weeks(asked, told, Range(weeks["first"], weeks["last"]), [*STAGES, REPLY])


def _keep(
    asked: Asked, of: dict[str, str], missing: Iterable[Week], sums: Mapping[Week, tuple[int, int]]
) -> dict[Week, Spread]:
    weeks = sorted({week for _stage, week in missing})
    spans = [Range(week, week + WEEK - A_DAY) for week in weeks]
    counted = _week_by_week(asked, spans, sorted({stage for stage, _week in missing}))
    found = {key: one for key, one in counted.items() if key in missing}
    kept: type[Any] = NarrowedWeekSpread if of else WeekSpread
    rows = [
        kept(**of, stage=stage, monday=week, number=one.number, seconds=sums[stage, week][1],
             median=one.median, ninth=one.ninth)
        for (stage, week), one in found.items()
        if one.number == sums[stage, week][0] and one.median is not None and one.ninth is not None
    ]  # fmt: skip
    kept._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=[*of, "stage", "monday"],
        update_fields=["number", "seconds", "median", "ninth"],
    )
    return found


def _placed(asked: Asked, spans: Sequence[Range], stages: list[str]) -> list[dict[str, Spread]] | None:
    """None where the ledger cannot say it."""
    if not can_place() or (told := told_of(asked)) is None:
        return None
    try:
        return placed(spans, stages, asked.today, told)
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
