"""Overview: what comes in, what is open and how long it takes."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case
from cases.models.case import OPEN_STATES, State
from warrantydesk.faces.formats import short_day
from warrantydesk.reports import charts, curves
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.figures.drilling import cases_of, read_day, week_of
from warrantydesk.reports.figures.names import state_name
from warrantydesk.reports.forecast import backlog
from warrantydesk.reports.models import CaseFigures, StageRun
from warrantydesk.reports.quantiles import NOTHING, Spread, spreads
from warrantydesk.reports.ranges import WEEK, Range, monday
from warrantydesk.reports.stages import DAY, DECISION, REPAIR, STAGES, WAY_IN, WHOLE
from warrantydesk.reports.tables import COUNT, DAYS, FEW, Column, Row, Table
from warrantydesk.reports.tables import DAY as DAY_KIND

AGES = ((0, 2), (3, 7), (8, 14), (15, 30), (31, None))
WEEKS_BACK, WEEKS_AHEAD = 12, 4
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
    return [by_week(asked), open_by_age(asked), stages(asked), first_reply(asked), by_state(asked), forecast(asked)]


def received(asked: Asked) -> QuerySet[CaseFigures]:
    return asked.cases().filter(received_on__range=(asked.range.first, asked.range.last))


def by_week(asked: Asked) -> Table:
    weeks = asked.range.weeks
    came = _weekly(received(asked), "received_on")
    went = _weekly(asked.cases().filter(closed_on__range=(asked.range.first, asked.range.last)), "closed_on")
    rows = [Row((week, came[week], went[week]), f"{week:%Y-%m-%d}") for week in weeks]
    is_empty = not came and not went
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


def _weekly(rows: QuerySet[CaseFigures], day: str) -> Counter[date]:
    found = rows.annotate(week=TruncWeek(day)).values_list("week").annotate(number=Count("pk"))
    return Counter(dict(found))


def _cases_of_week(asked: Asked, key: str) -> QuerySet[Case] | None:
    week = read_day(key)
    if week is None:
        return None
    first, end = week_of(week)
    return cases_of(received(asked).filter(received_on__gte=first, received_on__lt=end))


def by_state(asked: Asked) -> Table:
    found = dict(received(asked).values_list("state").annotate(number=Count("pk")))
    counts = [(state, found.get(state, 0)) for state in State.values]
    return Table(
        code="states",
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


def open_by_age(asked: Asked) -> Table:
    """Open cases by how long ago they reached us. About now, whatever days are chosen."""
    today = asked.today
    found = asked.cases().filter(state__in=OPEN_STATES).aggregate(**_age_counts(today))
    lines = [(state, [found[f"n_{state}_{place}"] for place in range(len(AGES))]) for state in OPEN_STATES]
    heads = [_age_name(least, most) for least, most in AGES]
    rows = [Row((state_name(state), *numbers, sum(numbers)), state) for state, numbers in lines]
    whole = [sum(numbers[place] for _state, numbers in lines) for place in range(len(AGES))]
    return Table(
        code="open",
        title=_("Open now, by state and age"),
        columns=(Column(_("State")), *(Column(head, COUNT) for head in heads), Column(_("All"), COUNT)),
        rows=rows if sum(whole) else [],
        total=Row((_("All"), *whole, sum(whole))),
        chart=charts.columns([(head, number) for head, number in zip(heads, whole, strict=True)]),
        meaning=_(
            "Every case that is open at this moment, by the days since its request reached us. The chosen days do not "
            "narrow it: what is open is open now."
        ),
        formula=_(
            "age = today − received day, in the desk's calendar; open = submitted, in review, approved or in repair"
        ),
        empty=_("Nothing is open."),
        cases=lambda key: cases_of(asked.cases().filter(state=key)) if key in OPEN_STATES else None,
    )


def _age_counts(today: date) -> dict[str, Count]:
    counts = {}
    for place, (least, most) in enumerate(AGES):
        aged = Q(received_on__lte=today - timedelta(days=least))
        if most is not None:
            aged &= Q(received_on__gte=today - timedelta(days=most))
        if least == 0:
            aged |= Q(received_on__gt=today)  # received after "now": another clock's tomorrow is no age
        for state in OPEN_STATES:
            counts[f"n_{state}_{place}"] = Count("pk", filter=aged & Q(state=state))
    return counts


def _age_name(least: int, most: int | None) -> str:
    return _("over %(n)s days") % {"n": least - 1} if most is None else _("%(a)s–%(b)s days") % {"a": least, "b": most}


def ended_runs(asked: Asked, days: Range) -> QuerySet[StageRun]:
    return asked.runs().filter(ended_on__range=(days.first, days.last))


def stages(asked: Asked) -> Table:
    now = spreads(ended_runs(asked, asked.range), "seconds", ("stage",))
    before = spreads(ended_runs(asked, before_range(asked.range)), "seconds", ("stage",))
    rows = [_stage_row(stage, now.get((stage,), NOTHING), before.get((stage,), NOTHING)) for stage in STAGES]
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
        rows=rows if now else [],
        chart=_stage_trend(asked) if now else None,
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


def in_days(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / DAY


def _stage_row(stage: str, now: Spread, before: Spread) -> Row:
    known = now.median is not None and before.median is not None
    change = in_days((now.median or 0) - (before.median or 0)) if known else None
    cells = (STAGE_WORDS[stage][0], now.number, in_days(now.median), in_days(now.ninth), in_days(before.median), change)
    return Row(cells, stage if now.number else "", small=0 < now.number < FEW)


def _stage_trend(asked: Asked) -> curves.Curves:
    runs = ended_runs(asked, asked.range).annotate(week=TruncWeek("ended_on"))
    found = spreads(runs, "seconds", ("stage", "week"))
    series: list[tuple[str, list[curves.Dot]]] = []
    for stage in STAGES:
        medians = [(week, found.get((stage, week), NOTHING).median) for week in asked.range.weeks]
        dots = [curves.Dot(short_day(week), in_days(median)) for week, median in medians]
        series.append((str(STAGE_WORDS[stage][0]), dots))
    return curves.curves(series)


def first_reply(asked: Asked) -> Table:
    replied = asked.cases().filter(replied_on__range=(asked.range.first, asked.range.last))
    by_week = spreads(replied.annotate(week=TruncWeek("replied_on")), "reply_seconds", ("week",))
    whole = spreads(replied, "reply_seconds").get((), NOTHING)
    rows = [
        Row((week, one.number, in_days(one.median), in_days(one.ninth)), f"{week:%Y-%m-%d}", small=0 < one.number < FEW)
        for week in asked.range.weeks
        if (one := by_week.get((week,), NOTHING)).number
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
        total=Row((_("All"), whole.number, in_days(whole.median), in_days(whole.ninth))),
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


def forecast(asked: Asked) -> Table:
    """The open cases of the next weeks, from the last twelve whole ones. About now, whatever days are chosen."""
    this = monday(asked.today)
    weeks = [this - WEEK * number for number in range(WEEKS_BACK, 0, -1)]
    came, went = (
        _weekly(asked.cases().filter(**{f"{day}__gte": weeks[0], f"{day}__lt": this}), day)
        for day in ("received_on", "closed_on")
    )
    open_now = asked.cases().filter(state__in=OPEN_STATES).count()
    known = bool(came or went)
    ahead = (
        backlog(open_now, [came[week] for week in weeks], [went[week] for week in weeks], WEEKS_AHEAD) if known else []
    )
    rows = [Row((this + WEEK * one.week, one.expected, one.low, one.high)) for one in ahead]
    dots = [curves.Dot(short_day(this), open_now, open_now, open_now)]
    dots += [curves.Dot(short_day(this + WEEK * one.week), one.expected, one.low, one.high) for one in ahead]
    return Table(
        code="forecast",
        title=_("Open cases in the next weeks"),
        columns=(
            Column(_("Week of"), DAY_KIND),
            Column(_("Open, expected"), COUNT),
            Column(_("At least"), COUNT),
            Column(_("At most"), COUNT),
        ),
        rows=rows,
        chart=curves.curves([(_("Open"), dots)]) if rows else None,
        meaning=_(
            "How many cases will be open if the coming weeks are like the last twelve whole ones. In four of five such "
            "futures the number lies between the two limits. It knows nothing of holidays or of a bad batch: read it "
            "as a warning, not as a plan."
        ),
        formula=_(
            "open(w) = open now + w · m; limits ± 1.28 · s · √(w + w²/12), with m the mean and s the standard "
            "deviation of (requests − ended) in each of the last 12 whole weeks; never below 0"
        ),
        empty=_("Too little has happened yet to look ahead."),
    )
