"""What is open at this moment: by age, by what is due, and how many it will be in the next weeks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext as _

from cases.models import Case
from cases.models.case import NEVER_DUE, OPEN_STATES, due_first
from warrantydesk.faces.formats import short_day
from warrantydesk.reports import charts, curves
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.figures.drilling import cases_of
from warrantydesk.reports.figures.flow import Flow, whole_weeks
from warrantydesk.reports.figures.names import state_name
from warrantydesk.reports.figures.written import fetched
from warrantydesk.reports.forecast import backlog
from warrantydesk.reports.ranges import WEEK, midnight, monday
from warrantydesk.reports.tables import COUNT, Column, Row, Table
from warrantydesk.reports.tables import DAY as DAY_KIND

AGES = ((0, 2), (3, 7), (8, 14), (15, 30), (31, None))
WEEKS_AHEAD = 4
DUE = ("overdue", "today", "soon", "later", "none")


def open_by_age(asked: Asked, flow: Flow) -> Table:
    """Open cases by how long ago they reached us. About now, whatever days are chosen."""
    today = asked.today
    found: Counter[tuple[str, int]] = Counter()
    for (day, state), number in flow.open().items():
        found[state, _age((today - day).days)] += number
    lines = [(state, [found[state, place] for place in range(len(AGES))]) for state in OPEN_STATES]
    heads = [_age_name(least, most) for least, most in AGES]
    rows = [Row((state_name(state), *numbers, sum(numbers)), state) for state, numbers in lines]
    whole = [sum(numbers[place] for _state, numbers in lines) for place in range(len(AGES))]
    return Table(
        code="open",
        about_now=True,
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


def _age(days: int) -> int:
    """The place in AGES of so many days. Received after "now", by another clock's tomorrow, is no age."""
    return next(place for place, (_least, most) in enumerate(AGES) if most is None or days <= most)


def _age_name(least: int, most: int | None) -> str:
    return _("over %(n)s days") % {"n": least - 1} if most is None else _("%(a)s–%(b)s days") % {"a": least, "b": most}


def due(asked: Asked, flow: Flow) -> Table:
    """The open cases by when the response clock runs out. About now, whatever days are chosen."""
    tomorrow = midnight(asked.today + timedelta(days=1), asked.zone)
    soon = midnight(asked.today + timedelta(days=4), asked.zone)
    spans, rows_of = _due_spans(asked.now, tomorrow, soon), open_cases(asked)
    (running,) = fetched(asked, _running, present=asked.now, tomorrow=tomorrow, soon=soon)
    found = {f"n_{key}": number for key, number in zip(DUE, running, strict=False)}
    found["n_none"] = max(flow.open().total() - sum(running), 0)
    words = (_("Overdue"), _("Due today"), _("Due in 3 days"), _("Due later"), _("Waits for somebody else"))
    names = dict(zip(DUE, words, strict=True))
    numbers = [(key, found[f"n_{key}"]) for key in DUE]
    whole = sum(number for _key, number in numbers)
    return Table(
        code="due",
        about_now=True,
        title=_("Due and overdue"),
        columns=(Column(_("Due")), Column(_("Open cases"), COUNT)),
        rows=[Row((names[key], number), key) for key, number in numbers] if whole else [],
        total=Row((_("All"), whole)),
        chart=charts.rows([(names[key], number) for key, number in numbers]),
        meaning=_(
            "Every open case by the moment its response clock runs out: the first answer, or the decision, whichever "
            "is due first. Where the customer was asked, or nothing is left to decide, nothing is due from us."
        ),
        formula=_(
            "overdue = due before this moment; today = due later today; in 3 days = due on one of the next three days "
            "of the desk's calendar; the due moment counts the desk's working hours"
        ),
        empty=_("Nothing is open."),
        cases=lambda key: rows_of.filter(spans[key]) if key in spans else None,
    )


def open_cases(asked: Asked) -> QuerySet[Case]:
    """By their own state: what is due changes by the minute, and is not counted beforehand."""
    return asked.by_case(Case.objects.filter(state__in=OPEN_STATES), "")


def _running(asked: Asked, present: datetime, tomorrow: datetime, soon: datetime) -> QuerySet[Any]:
    """One row with the numbers of DUE, all but the last of them."""
    # Only where a clock runs: those are a fraction of the open cases, and an index of the queue leads to them.
    running = open_cases(asked).alias(due=due_first()).filter(due__lt=NEVER_DUE)
    spans = _due_spans(present, tomorrow, soon)
    numbers = {f"n_{key}": Count("pk", filter=spans[key]) for key in DUE[:-1]}
    return running.order_by().annotate(one=Value(1)).values("one").annotate(**numbers).values_list(*numbers)


def _due_spans(present: datetime, tomorrow: datetime, soon: datetime) -> dict[str, Q]:
    return {
        "overdue": Q(due_at__lt=present),
        "today": Q(due_at__gte=present, due_at__lt=tomorrow),
        "soon": Q(due_at__gte=tomorrow, due_at__lt=soon),
        "later": Q(due_at__gte=soon),
        "none": Q(due_at=None),
    }


def forecast(asked: Asked, flow: Flow) -> Table:
    """The open cases of the next weeks, from the last twelve whole ones. About now, whatever days are chosen."""
    this, whole = monday(asked.today), whole_weeks(asked)
    weeks = whole.weeks
    came, went = flow.came_by_week(whole), flow.went_by_week(whole)
    open_now = flow.open().total()
    known = any(came.values()) or any(went.values())
    ahead = (
        backlog(open_now, [came[week] for week in weeks], [went[week] for week in weeks], WEEKS_AHEAD) if known else []
    )
    rows = [Row((this + WEEK * one.week, one.expected, one.low, one.high)) for one in ahead]
    dots = [curves.Dot(short_day(this), open_now, open_now, open_now)]
    dots += [curves.Dot(short_day(this + WEEK * one.week), one.expected, one.low, one.high) for one in ahead]
    return Table(
        code="forecast",
        about_now=True,
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
