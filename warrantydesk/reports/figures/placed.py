"""The middle and the ninth tenth of the runs of some days from the ledger: it says in which stretch of lengths each
lies, and only there is looked for it. One statement, so that ledger and runs are of the same moment. PostgreSQL only.

Exact, and nearly the same for a million runs as for a thousand. `figures.spans` asks it, and does without elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from warrantydesk.reports.asked import PART
from warrantydesk.reports.counting.ledgers import NARROWED_BY
from warrantydesk.reports.figures.told import EVERYTHING, Told
from warrantydesk.reports.quantiles import NOTHING, Spread
from warrantydesk.reports.ranges import WEEK, Range, monday
from warrantydesk.reports.tallies import BUCKET

A_DAY = timedelta(days=1)
NO_DAYS = Range(date.max, date.min)
# Places are counted from 0: the two in the middle, which are one where the number is odd, and the ninth tenth. Of each
# stretch of lengths that one of them lies in, the runs are put in order once.
STATEMENT = """
WITH span (at, first, last, first_week, last_week) AS (VALUES {spans}),
told AS (
  SELECT span.at, tally.stage, tally.bucket, tally.number
  FROM span JOIN {ledger} tally ON tally.monday BETWEEN span.first_week AND span.last_week
  WHERE {known} AND tally.monday BETWEEN {weeks} AND tally.stage = ANY(%(stages)s)
  {edges}
), counted AS (
  SELECT at, stage, bucket, sum(number)::bigint AS number FROM told GROUP BY at, stage, bucket HAVING sum(number) > 0
), summed AS (
  SELECT at, stage, bucket, number, sum(number) OVER (PARTITION BY at, stage)::bigint AS size,
         sum(number) OVER (PARTITION BY at, stage ORDER BY bucket)::bigint AS reached
  FROM counted
), sought AS (
  SELECT at, stage, bucket, size, array_agg(kind) AS kinds, array_agg(place - (reached - number) + 1) AS places
  FROM summed
  CROSS JOIN LATERAL (VALUES (0, (size - 1) / 2), (1, size / 2), (2, (9 * size + 9) / 10 - 1)) AS wanted (kind, place)
  WHERE place < reached AND place >= reached - number
  GROUP BY at, stage, bucket, size
)
SELECT sought.at, sought.stage, sought.size, one.kind, held.lengths[one.place]
FROM sought JOIN span ON span.at = sought.at
CROSS JOIN LATERAL (
  SELECT array_agg(run.seconds ORDER BY run.seconds) AS lengths FROM reports_stagerun run
  WHERE run.stage = sought.stage AND run.seconds / {bucket} = sought.bucket
    AND run.ended_on BETWEEN span.first AND span.last {narrowed}
) AS held
CROSS JOIN LATERAL unnest(sought.kinds, sought.places) AS one (kind, place)
ORDER BY sought.at, sought.stage, one.kind
"""
EDGES = """
  UNION ALL
  SELECT edge.at, run.stage, (run.seconds / {bucket})::int, 1
  FROM (VALUES {edges}) AS edge (at, first, last)
  JOIN reports_stagerun run ON run.ended_on BETWEEN edge.first AND edge.last
  WHERE run.stage = ANY(%(stages)s) {narrowed}
"""
# Run by run, and no list of all cases of the part: those that are looked at are few, and looked for again and again.
OF_PART = """
  AND (SELECT true FROM reports_claimfigures claim WHERE claim.figures_id = run.figures_id
       AND claim.part_id = %(value)s LIMIT 1)
"""
NARROWING = {name: f" AND run.{column} = %(value)s" for name, column in NARROWED_BY.items()} | {PART: OF_PART}


@dataclass(frozen=True, slots=True)
class Whole:
    """The weeks that lie in some days whole (NO_DAYS where none does), by their first and last Monday, and the days
    that are left."""

    weeks: Range
    edges: tuple[Range, ...]


def whole_weeks_in(days: Range, today: date) -> Whole:
    """Of a week under way nothing has ended after today: it is whole where today is in the days."""
    last = max(days.last, monday(days.last) + WEEK - A_DAY) if days.last >= today else days.last
    weeks = [week for week in days.weeks if week >= days.first and week + WEEK - A_DAY <= last]
    if not weeks:
        return Whole(NO_DAYS, (days,))
    edges = (Range(days.first, weeks[0] - A_DAY), Range(weeks[-1] + WEEK, days.last))
    return Whole(Range(weeks[0], weeks[-1]), tuple(one for one in edges if one.first <= one.last))


def can_place() -> bool:
    return connection.vendor == "postgresql"


def placed(
    spans: Sequence[Range], stages: Iterable[str], today: date, told: Told = EVERYTHING
) -> list[dict[str, Spread]]:
    """The spread of the runs of each stage that ended on the days of each span, in seconds; of those that `told` is
    about. LookupError where the ledger tells of runs there are not."""
    wanted = list(stages)
    whole = [whole_weeks_in(days, today) for days in spans]
    rows = ((at, days.first, days.last, one.weeks.first, one.weeks.last)
            for at, (days, one) in enumerate(zip(spans, whole, strict=True)))  # fmt: skip
    narrowed = NARROWING.get(told.filter, "")
    left = [(at, edge.first, edge.last) for at, one in enumerate(whole) for edge in one.edges]
    edges = EDGES.format(edges=_listed(left), bucket=BUCKET, narrowed=narrowed) if left else ""
    sql = STATEMENT.format(
        spans=_listed(rows), ledger=told.ledger._meta.db_table, known=told.known, weeks=_weeks_of(whole), edges=edges,
        bucket=BUCKET, narrowed=narrowed,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, {"stages": wanted, "of": told.of, "value": told.value})
        found = dict(_spreads(cursor.fetchall()))
    return [{stage: found.get((at, stage), NOTHING) for stage in wanted} for at in range(len(spans))]


def _weeks_of(spans: Iterable[Whole]) -> str:
    """The first and the last week of any of them: left to the spans alone, every week there is would be read."""
    weeks = [one.weeks for one in spans if one.weeks != NO_DAYS] or [NO_DAYS]
    return f"{_literal(min(one.first for one in weeks))} AND {_literal(max(one.last for one in weeks))}"


def _listed(rows: Iterable[tuple[Any, ...]]) -> str:
    """The rows of a VALUES list. Their numbers and days are our own: hundreds of parameters would take long to read."""
    return ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)


def _literal(value: date | int) -> str:
    return f"date '{value}'" if isinstance(value, date) else str(value)


def _spreads(rows: Sequence[tuple[int, str, int, int, int | None]]) -> Iterator[tuple[tuple[int, str], Spread]]:
    """Three rows make one spread."""
    for start in range(0, len(rows), 3):
        at, stage, size, _kind, _seconds = rows[start]
        one, other, ninth = (row[4] for row in rows[start : start + 3])
        if one is None or other is None or ninth is None:
            raise LookupError((at, stage))
        yield (at, stage), Spread(size, (one + other) / 2, ninth)
