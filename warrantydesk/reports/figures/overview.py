"""Overview: what comes in, what is open and how long it takes."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case
from cases.models.case import State
from warrantydesk.faces.formats import short_day
from warrantydesk.reports import charts, curves
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.figures.drilling import cases_of, read_day, week_of
from warrantydesk.reports.figures.flow import Flow, flow_of
from warrantydesk.reports.figures.names import state_name
from warrantydesk.reports.figures.open_cases import due, forecast, open_by_age
from warrantydesk.reports.figures.spans import ended_runs, spread_by_stage, spread_by_week
from warrantydesk.reports.models import CaseFigures
from warrantydesk.reports.quantiles import NOTHING, Spread
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.stages import DECISION, REPAIR, REPLY, STAGES, WAY_IN, WHOLE
from warrantydesk.reports.tables import COUNT, DAYS, FEW, Column, Row, Table
from warrantydesk.reports.tables import DAY as DAY_KIND

Spreads = dict[str, Spread]  # stage → spread
Weeks = dict[str, dict[date, Spread]]  # stage → week → spread
STAGE_WORDS: dict[str, tuple[Promise, Promise]] = {
    DECISION: (
        gettext_lazy("Request to decision"),
        gettext_lazy("from the moment the request reached us to the decision, the time we waited for answers included"),
    ),
    WAY_IN: (
        gettext_lazy("Decision to repair"),
        gettext_lazy("from the approval to the start of the repair: quote, answer and the parcel to us"),
    ),
    REPAIR: (
        gettext_lazy("Repair to return"),
        gettext_lazy("from the start of the repair until the product is back with the customer"),
    ),
    WHOLE: (
        gettext_lazy("Request to return"),
        gettext_lazy("from the request until the product, repaired or not, or its replacement is with the customer"),
    ),
}


def tables(asked: Asked) -> list[Table]:
    flow, by_stage = flow_of(asked), spreads_of_weeks(asked)
    now, before = spreads_now_and_before(asked)
    return [
        by_week(asked, flow),
        due(asked, flow),
        open_by_age(asked, flow),
        stages(asked, now, before, by_stage),
        first_reply(asked, now[REPLY], by_stage[REPLY]),
        by_state(asked, flow),
        forecast(asked, flow),
    ]


def spreads_now_and_before(asked: Asked) -> tuple[Spreads, Spreads]:
    """Of the days asked for and of as many days before; the first answer among the stages."""
    now, before = spread_by_stage(asked, (asked.range, before_range(asked.range)), (*STAGES, REPLY))
    return now, before


def spreads_of_weeks(asked: Asked) -> Weeks:
    """Stage → every week of the days → its spread, the first answer among the stages."""
    found = spread_by_week(asked, asked.range, (*STAGES, REPLY))
    return {
        stage: {week: found.get((stage, week), NOTHING) for week in asked.range.weeks} for stage in (*STAGES, REPLY)
    }


def received(asked: Asked) -> QuerySet[CaseFigures]:
    return asked.cases().filter(received_on__range=(asked.range.first, asked.range.last))


def by_week(asked: Asked, flow: Flow) -> Table:
    weeks = asked.range.weeks
    came, went = flow.came_by_week(asked.range), flow.went_by_week(asked.range)
    rows = [Row((week, came[week], went[week]), f"{week:%Y-%m-%d}") for week in weeks]
    is_empty = not any(came.values()) and not any(went.values())
    return Table(
        code="weeks",
        title=_("Requests by week"),
        columns=(Column(_("Week of"), DAY_KIND), Column(_("Requests"), COUNT), Column(_("Ended"), COUNT)),
        rows=[] if is_empty else rows,
        total=Row((_("All"), sum(came.values()), sum(went.values()))),
        chart=charts.columns([(short_day(week), came[week]) for week in weeks]),
        meaning=_(
            "The requests that reached us in each week, from Monday to Sunday in the desk's own time zone, whatever "
            "became of them, and beside them the cases that ended in it. The first and the last week hold only the "
            "days chosen."
        ),
        formula=_(
            "requests = cases with received day in the week; ended = cases whose last step, made in the week, led to "
            "denied, returned or withdrawn. A case that was opened again has not ended."
        ),
        cases=lambda key: _cases_of_week(asked, key),
        wide=True,
    )


def _cases_of_week(asked: Asked, key: str) -> QuerySet[Case] | None:
    week = read_day(key)
    if week is None:
        return None
    first, end = week_of(week)
    return cases_of(received(asked).filter(received_on__gte=first, received_on__lt=end))


def by_state(asked: Asked, flow: Flow) -> Table:
    found = flow.states(asked.range)
    counts = [(state, found[state]) for state in State.values]
    return Table(
        code="states",
        about_now=True,
        title=_("Requests by state"),
        columns=(Column(_("State")), Column(_("Requests"), COUNT)),
        rows=[Row((state_name(state), number), state) for state, number in counts] if found else [],
        total=Row((_("All"), sum(found.values()))),
        chart=charts.rows([(state_name(state), number) for state, number in counts]),
        meaning=_(
            "The requests that reached us on these days, each in the state it is in now. A case is in exactly one "
            "state, so the numbers add up to all requests of these days."
        ),
        formula=_("cases with received day from … to, counted by their present state"),
        cases=lambda key: cases_of(received(asked).filter(state=key)),
    )


def stages(asked: Asked, now: Spreads, before: Spreads, by_week: Weeks) -> Table:
    known = any(now[stage].number for stage in STAGES)
    rows = [_stage_row(stage, now[stage].in_days, before[stage].in_days) for stage in STAGES]
    meanings = "; ".join(f"{name}: {meaning}" for name, meaning in STAGE_WORDS.values())
    return Table(
        code="stages",
        title=_("Days per stage"),
        columns=(
            Column(_("Stage")),
            Column(_("Ended"), COUNT),
            Column(_("Median"), DAYS),
            Column(_("Nine in ten within"), DAYS),
            Column(_("Median before"), DAYS),
            Column(_("Change"), DAYS),
        ),
        rows=rows if known else [],
        chart=_stage_trend(by_week) if known else None,
        meaning=_(
            "The median of all runs of a stage that ended on these days: half of them took longer, half of them less; "
            "nine in ten took no longer than the second figure. Days are 24 hours each, nights and weekends included. "
            "Where a stage never ended there is no figure, which is not zero. “Before” is the span of the same length "
            "just before."
        )
        + " "
        + meanings,
        formula=_(
            "days = (end − begin) / 24 h of every run with its end in [from, to]; median = middle value, or the mean "
            "of the middle two; 90th percentile = the smallest value that 90 % of the runs do not exceed. A case "
            "reopened after an appeal begins a new run; an undone decision ends none."
        ),
        cases=lambda key: cases_of(ended_runs(asked, asked.range).filter(stage=key), "figures"),
        wide=True,
    )


def before_range(chosen: Range) -> Range:
    length = chosen.last - chosen.first
    last = chosen.first - timedelta(days=1)
    return Range(last - length, last)


def _stage_row(stage: str, now: Spread, before: Spread) -> Row:
    """Both in days."""
    change = None if now.median is None or before.median is None else now.median - before.median
    cells = (STAGE_WORDS[stage][0], now.number, now.median, now.ninth, before.median, change)
    return Row(cells, stage, small=0 < now.number < FEW)


def _stage_trend(found: Weeks) -> curves.Curves:
    series: list[tuple[str, list[curves.Dot]]] = []
    for stage in STAGES:
        dots = [curves.Dot(short_day(week), one.in_days.median) for week, one in found[stage].items()]
        series.append((str(STAGE_WORDS[stage][0]), dots))
    return curves.curves(series)


def first_reply(asked: Asked, whole: Spread, by_week: dict[date, Spread]) -> Table:
    weeks = ((week, one.in_days) for week, one in by_week.items() if one.number)
    rows = [
        Row((week, one.number, one.median, one.ninth), f"{week:%Y-%m-%d}", small=one.number < FEW)
        for week, one in weeks
    ]
    dots = [curves.Dot(short_day(row.cells[0]), row.cells[2]) for row in rows]
    return Table(
        code="reply",
        title=_("Days to the first answer"),
        columns=(
            Column(_("Week of"), DAY_KIND),
            Column(_("First answers"), COUNT),
            Column(_("Median"), DAYS),
            Column(_("Nine in ten within"), DAYS),
        ),
        rows=rows,
        total=Row((_("All"), whole.number, whole.in_days.median, whole.in_days.ninth)),
        chart=curves.curves([(_("Median"), dots)]) if rows else None,
        meaning=_(
            "How long a customer waited for the first words of a person: a message, a question, a decision or the end "
            "of the case, in the week that answer was given. Automatic mails are no answer. Days are 24 hours each."
        ),
        formula=_("days = (first answer by staff − received) / 24 h; median and 90th percentile as for the stages"),
        empty=_("Nobody was answered for the first time on these days."),
        cases=lambda key: _cases_replied(asked, key),
    )


def _cases_replied(asked: Asked, key: str) -> QuerySet[Case] | None:
    week = read_day(key)
    if week is None:
        return None
    first, end = week_of(week)
    days = (max(first, asked.range.first), min(end - timedelta(days=1), asked.range.last))
    return cases_of(asked.cases().filter(replied_on__range=days))
