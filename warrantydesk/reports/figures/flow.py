"""What came in and what ended, day by day, read once for all that the overview says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from cases.models.case import OPEN_STATES
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.figures.counted import in_ledger
from warrantydesk.reports.figures.spans import within
from warrantydesk.reports.figures.written import fetched
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
    days = {f"{name}_{at}": day for at, one in enumerate(spans) for name, day in (("a", one.first), ("z", one.last))}
    if in_ledger(asked, "received") is not None:
        listed = fetched(asked, _told, **days)
        return [(day, word or None, n) for _subject, day, word, n in listed if n]
    went = fetched(asked, _flat_went, **days)
    return [*fetched(asked, _flat_came, **days), *((day, None, n) for day, n in went)]


def _told(asked: Asked, **days: date) -> QuerySet[Any]:
    received, ended = in_ledger(asked, "received"), in_ledger(asked, "ended")
    if received is None or ended is None:
        raise LookupError(asked.filters)
    both = (received | ended).filter(within(_spans(days), "day") | Q(word__in=OPEN_STATES))
    return both.values_list("subject", "day", "word").annotate(n=Sum("number"))


def _flat_came(asked: Asked, **days: date) -> QuerySet[Any]:
    rows = asked.cases().filter(within(_spans(days), "received_on") | Q(state__in=OPEN_STATES))
    return rows.values_list("received_on", "state").annotate(n=Count("pk"))


def _flat_went(asked: Asked, **days: date) -> QuerySet[Any]:
    return asked.cases().filter(within(_spans(days), "closed_on")).values_list("closed_on").annotate(n=Count("pk"))


def _spans(days: dict[str, date]) -> list[Range]:
    return [Range(days[f"a_{at}"], days[f"z_{at}"]) for at in range(len(days) // 2)]


def _by_week(days: Range, numbers: Iterable[tuple[date, int]]) -> dict[date, int]:
    """By the Monday of each week; every week of the days is in it."""
    found = dict.fromkeys(days.weeks, 0)
    for day, number in numbers:
        if days.first <= day <= days.last:
            found[monday(day)] += number
    return found
