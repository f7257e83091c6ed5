"""What came in and what ended, day by day, read once for all that the overview says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from cases.models.case import OPEN_STATES
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.figures.counted import in_ledger
from warrantydesk.reports.figures.spans import within
from warrantydesk.reports.ranges import WEEK, Range, monday

WEEKS_BACK = 12


@dataclass(frozen=True, slots=True)
class Flow:
    """Requests by day and present state, and ends by day: of the days asked for, of the last whole weeks, and whatever
    is open, of any day."""

    came: Counter[tuple[date, str]] = field(default_factory=Counter)
    went: Counter[date] = field(default_factory=Counter)

    def came_by_week(self, days: Range) -> dict[date, int]:
        return _by_week(days, ((day, number) for (day, _state), number in self.came.items()))

    def went_by_week(self, days: Range) -> dict[date, int]:
        return _by_week(days, self.went.items())

    def states(self, days: Range) -> Counter[str]:
        found: Counter[str] = Counter()
        for (day, state), number in self.came.items():
            if days.first <= day <= days.last:
                found[state] += number
        return found

    def open(self) -> Counter[tuple[date, str]]:
        return Counter({of: number for of, number in self.came.items() if of[1] in OPEN_STATES})


def whole_weeks(asked: Asked) -> Range:
    """The last whole weeks before today."""
    this = monday(asked.today)
    return Range(this - WEEK * WEEKS_BACK, this - timedelta(days=1))


def flow_of(asked: Asked) -> Flow:
    spans = (asked.range, whole_weeks(asked))
    flow = Flow()
    for day, state, number in _came(asked, spans):
        if state is None:
            flow.went[day] += number
        else:
            flow.came[day, state] += number
    return flow


def _came(asked: Asked, spans: Iterable[Range]) -> Iterable[Any]:
    """Day, state and number of requests; without a state, of ends."""
    told = in_ledger(asked, "received"), in_ledger(asked, "ended")
    if told[0] is not None and told[1] is not None:
        both = (told[0] | told[1]).filter(within(spans, "day") | Q(word__in=OPEN_STATES))
        listed = both.values_list("subject", "day", "word").annotate(n=Sum("number"))
        return [(day, word or None, n) for _subject, day, word, n in listed if n]
    rows = asked.cases()
    came = rows.filter(within(spans, "received_on") | Q(state__in=OPEN_STATES)).values_list("received_on", "state")
    went = rows.filter(within(spans, "closed_on")).values_list("closed_on").annotate(n=Count("pk"))
    return [*came.annotate(n=Count("pk")), *((day, None, n) for day, n in went)]


def _by_week(days: Range, numbers: Iterable[tuple[date, int]]) -> dict[date, int]:
    """By the Monday of each week; every week of the days is in it."""
    found = dict.fromkeys(days.weeks, 0)
    for day, number in numbers:
        if days.first <= day <= days.last:
            found[monday(day)] += number
    return found
