"""How long stages took: the middle and the ninth tenth of many runs, exact, and the same for many as for few.

Where nobody narrows the report, the ledger says in which stretch of lengths the wanted run lies; only there is looked
for it. A whole week's own are kept, and counted anew where the ledger tells that the week has changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, SmallIntegerField, Sum, Value, When
from django.db.models.functions import TruncWeek

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ledgers import BUCKET
from warrantydesk.reports.models import StageRun
from warrantydesk.reports.quantiles import NOTHING, Spread, spreads
from warrantydesk.reports.ranges import WEEK, Range, monday
from warrantydesk.reports.stages import REPLY, STAGES
from warrantydesk.reports.tallies import RunTally, WeekSpread

A_DAY = timedelta(days=1)
Week = tuple[str, date]
Length = tuple[int, str]  # the place of a span among the spans, and a stage
# Each walks `run_by_length` from the shortest run of its stretch on. Django joins no statements that have a limit.
AT_PLACE = (
    "SELECT * FROM (SELECT {0} AS at, seconds FROM reports_stagerun WHERE stage = %s AND seconds >= %s "
    "AND seconds < %s AND ended_on BETWEEN %s AND %s ORDER BY seconds LIMIT 1 OFFSET %s) AS run_{0}"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The run at `place` of those of a stretch of lengths."""

    span: int
    stage: str
    bucket: int
    place: int


def ended_runs(asked: Asked, days: Range) -> QuerySet[StageRun]:
    return asked.runs().filter(ended_on__range=(days.first, days.last))


def spread_by_stage(asked: Asked, spans: Sequence[Range], stages: Iterable[str]) -> list[dict[str, Spread]]:
    """The spread of the runs of each of these stages that ended on the days of each span, in seconds. No day is in
    two of the spans."""
    wanted = list(stages)
    if not asked.is_narrowed:
        try:
            return _placed(_lengths(asked, spans, wanted), spans, wanted)
        except LookupError:  # somebody counts at this moment: ledger and rows were read on two sides of it
            pass
    rows = asked.runs().filter(within(spans, "ended_on"), stage__in=wanted).annotate(span=_place_of(spans, "ended_on"))
    found = spreads(rows, "seconds", ("span", "stage"))
    return [{stage: found.get((place, stage), NOTHING) for stage in wanted} for place in range(len(spans))]


def spread_by_week(asked: Asked, days: Range, stages: Iterable[str]) -> dict[Week, Spread]:
    """The same by stage and week; the first and the last week hold only the days chosen."""
    wanted = list(stages)
    by = ("stage", "week")
    weeks, edges = _whole_weeks(asked, days)
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


def _whole_weeks(asked: Asked, days: Range) -> tuple[list[date], Q | None]:
    """The Mondays of the weeks that lie in the days whole, and what is left of the days: None where nothing is. Of a
    week under way nothing has ended after today: it is whole where today is in the days."""
    last = max(days.last, monday(days.last) + WEEK - A_DAY) if days.last >= asked.today else days.last
    weeks = [week for week in days.weeks if week >= days.first and week + WEEK - A_DAY <= last]
    if not weeks:
        return [], Q(ended_on__range=(days.first, days.last))
    before, after = weeks[0] - A_DAY, weeks[-1] + WEEK
    edges = Q()
    if days.first <= before:
        edges |= Q(ended_on__range=(days.first, before))
    if after <= days.last:
        edges |= Q(ended_on__range=(after, days.last))
    return weeks, edges or None


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


def _lengths(asked: Asked, spans: Sequence[Range], stages: list[str]) -> dict[Length, Counter[int]]:
    """Span and stage → stretch of lengths → runs."""
    whole, rest = [], Q()
    for days in spans:
        weeks, edges = _whole_weeks(asked, days)
        whole.append(Range(weeks[0], weeks[-1]) if weeks else Range(date.max, date.min))
        rest |= edges or Q()
    of = ("span", "stage", "bucket")
    told = RunTally.objects.filter(within(whole, "monday"), stage__in=stages).order_by()
    listed: list[Any] = [told.annotate(span=_place_of(whole, "monday")).values_list(*of).annotate(n=Sum("number"))]
    if rest:
        rows = StageRun.objects.filter(rest, stage__in=stages).order_by()
        rows = rows.annotate(span=_place_of(spans, "ended_on"), bucket=F("seconds") / BUCKET)
        listed.append(rows.values_list(*of).annotate(n=Count("pk")))
    found: dict[Length, Counter[int]] = defaultdict(Counter)
    for span, stage, bucket, number in chain.from_iterable(listed):
        found[span, stage][bucket] += number
    return found


def _placed(
    lengths: Mapping[Length, Counter[int]], spans: Sequence[Range], stages: list[str]
) -> list[dict[str, Spread]]:
    """The middle and the ninth tenth from where they lie; all of them are looked up at once."""
    sizes = {of: counted.total() for of, counted in lengths.items() if counted.total()}
    places = {of: ((size - 1) // 2, size // 2, -(-9 * size // 10) - 1) for of, size in sizes.items()}
    wanted = [Wanted(*of, *_bucket_of(lengths[of], place)) for of, some in places.items() for place in some]
    seconds = _seconds_at(list(dict.fromkeys(wanted)), spans)
    found: dict[Length, Spread] = {}
    for number, (of, size) in enumerate(sizes.items()):
        one, other, ninth = (seconds[at] for at in wanted[3 * number : 3 * number + 3])
        found[of] = Spread(size, (one + other) / 2, ninth)
    return [{stage: found.get((span, stage), NOTHING) for stage in stages} for span in range(len(spans))]


def _bucket_of(lengths: Counter[int], place: int) -> tuple[int, int]:
    """The stretch of lengths in which the run at this place lies, counted from 0 in the order of their lengths, and its
    place there."""
    for bucket in sorted(lengths):
        if place < lengths[bucket]:
            return bucket, place
        place -= lengths[bucket]
    raise LookupError(place)


def _seconds_at(wanted: Sequence[Wanted], spans: Sequence[Range]) -> dict[Wanted, int]:
    """How long each wanted run took. LookupError where the rows have none at its place."""
    if not wanted:
        return {}
    as_day = connection.ops.adapt_datefield_value
    values: list[Any] = []
    for one in wanted:
        days = spans[one.span]
        ends = (one.bucket * BUCKET, (one.bucket + 1) * BUCKET)
        values += [one.stage, *ends, as_day(days.first), as_day(days.last), one.place]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(AT_PLACE.format(at) for at in range(len(wanted))), values)
        found = {wanted[at]: int(seconds) for at, seconds in cursor.fetchall()}
    return {one: found[one] for one in wanted}
