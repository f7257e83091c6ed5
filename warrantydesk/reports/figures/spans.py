"""How long stages took: the middle and the ninth tenth of many runs, exact, and the same for many as for few.

Where nobody narrows the report, the ledger says in which stretch of lengths the wanted run lies; only there is looked
for it. A whole week's own are kept, and counted anew where the ledger tells that the week has changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ledgers import BUCKET
from warrantydesk.reports.models import StageRun
from warrantydesk.reports.quantiles import NOTHING, Spread, spreads
from warrantydesk.reports.ranges import WEEK, Range
from warrantydesk.reports.stages import REPLY, STAGES
from warrantydesk.reports.tallies import RunTally, WeekSpread

A_DAY = timedelta(days=1)
Week = tuple[str, date]


def ended_runs(asked: Asked, days: Range) -> QuerySet[StageRun]:
    return asked.runs().filter(ended_on__range=(days.first, days.last))


def spread_by_stage(asked: Asked, days: Range, stages: Iterable[str]) -> dict[str, Spread]:
    """The spread of the runs of each of these stages that ended on these days, in seconds."""
    wanted = list(stages)
    if asked.is_narrowed:
        found = spreads(ended_runs(asked, days).filter(stage__in=wanted), "seconds", ("stage",))
        return {stage: found.get((stage,), NOTHING) for stage in wanted}
    lengths = _lengths(days, wanted)
    try:
        return {stage: _placed(stage, days, lengths[stage]) for stage in wanted}
    except IndexError:  # somebody counts at this moment: ledger and rows were read on two sides of it
        found = spreads(ended_runs(asked, days).filter(stage__in=wanted), "seconds", ("stage",))
        return {stage: found.get((stage,), NOTHING) for stage in wanted}


def spread_by_week(asked: Asked, days: Range, stages: Iterable[str]) -> dict[Week, Spread]:
    """The same by stage and week; the first and the last week hold only the days chosen."""
    wanted = list(stages)
    by = ("stage", "week")
    weeks, edges = _whole_weeks(days)
    rows = ended_runs(asked, days).filter(stage__in=wanted).annotate(week=TruncWeek("ended_on"))
    if asked.is_narrowed or not weeks:
        return dict(spreads(rows, "seconds", by))
    found = kept_weeks(weeks, wanted)
    if edges is not None:
        found.update(spreads(rows.filter(edges), "seconds", by))
    return found


def kept_weeks(weeks: list[date], stages: list[str]) -> dict[Week, Spread]:
    """The spreads of whole weeks: those kept, and those that are to be kept from now on."""
    told = RunTally.objects.filter(monday__range=(weeks[0], weeks[-1]), stage__in=stages).order_by()
    sums = {
        (stage, week): (number, int(seconds))
        for stage, week, number, seconds in told.values_list("stage", "monday").annotate(
            n=Sum("number"), s=Sum("seconds")
        )
        if number
    }
    found = {
        (one.stage, one.monday): Spread(one.number, one.median, one.ninth)
        for one in WeekSpread.objects.filter(monday__range=(weeks[0], weeks[-1]), stage__in=stages)
        if sums.get((one.stage, one.monday)) == (one.number, one.seconds)
    }
    if missing := sums.keys() - found.keys():
        found |= _kept(missing, sums)
    return found


def keep_weeks() -> None:
    """Keep the spreads of every week there is anything of: no reader has to wait for them."""
    weeks = RunTally.objects.aggregate(first=Min("monday"), last=Max("monday"))
    if weeks["first"]:
        kept_weeks([weeks["first"], weeks["last"]], [*STAGES, REPLY])


def _kept(missing: Iterable[Week], sums: Mapping[Week, tuple[int, int]]) -> dict[Week, Spread]:
    found: dict[Week, Spread] = {}
    weeks = sorted({week for _stage, week in missing})
    for week in weeks:
        rows = StageRun.objects.filter(ended_on__range=(week, week + WEEK - A_DAY)).order_by()
        counted = spreads(rows, "seconds", ("stage",))
        found |= {(stage, week): one for (stage,), one in counted.items() if (stage, week) in missing}
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


def _whole_weeks(days: Range) -> tuple[list[date], Q | None]:
    """The Mondays of the weeks that lie in the days whole, and what is left of the days: None where nothing is."""
    weeks = [week for week in days.weeks if week >= days.first and week + WEEK - A_DAY <= days.last]
    if not weeks:
        return [], Q(ended_on__range=(days.first, days.last))
    before, after = weeks[0] - A_DAY, weeks[-1] + WEEK
    edges = Q()
    if days.first <= before:
        edges |= Q(ended_on__range=(days.first, before))
    if after <= days.last:
        edges |= Q(ended_on__range=(after, days.last))
    return weeks, edges or None


def _lengths(days: Range, stages: list[str]) -> dict[str, Counter[int]]:
    """Stage → stretch of lengths → runs."""
    weeks, edges = _whole_weeks(days)
    found: dict[str, Counter[int]] = defaultdict(Counter)
    if weeks:
        told = RunTally.objects.filter(monday__range=(weeks[0], weeks[-1]), stage__in=stages).order_by()
        for stage, bucket, number in told.values_list("stage", "bucket").annotate(n=Sum("number")):
            found[stage][bucket] += number
    if edges is not None:
        rows = StageRun.objects.filter(edges, stage__in=stages).order_by().annotate(bucket=F("seconds") / BUCKET)
        for stage, bucket, number in rows.values_list("stage", "bucket").annotate(n=Count("pk")):
            found[stage][bucket] += number
    return found


def _placed(stage: str, days: Range, lengths: Counter[int]) -> Spread:
    size = lengths.total()
    if not size:
        return NOTHING
    middle = [_at(stage, days, lengths, place) for place in {(size - 1) // 2, size // 2}]
    ninth = _at(stage, days, lengths, -(-9 * size // 10) - 1)
    return Spread(size, sum(middle) / len(middle), ninth)


def _at(stage: str, days: Range, lengths: Counter[int], place: int) -> int:
    """The run at this place, counted from 0, when they stand in the order of their lengths."""
    for bucket in sorted(lengths):
        if place < lengths[bucket]:
            break
        place -= lengths[bucket]
    alike = StageRun.objects.filter(
        stage=stage,
        seconds__gte=bucket * BUCKET,
        seconds__lt=(bucket + 1) * BUCKET,
        ended_on__range=(days.first, days.last),
    )
    return int(alike.order_by("seconds").values_list("seconds", flat=True)[place])
