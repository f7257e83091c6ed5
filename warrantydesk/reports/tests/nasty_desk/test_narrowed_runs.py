"""Reports narrowed by one filter say the same by the ledger of runs, by the weeks kept of it, and by the runs alone."""

import datetime as dt
from itertools import combinations

import pytest

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.figures import overview, spans
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.tallies import NarrowedWeekSpread
from warrantydesk.reports.tests.nasty import DAYS, NOW, ZONE, asked, choices

ODD_DAYS = Range(dt.date(2025, 11, 5), dt.date(2025, 11, 28))  # neither begins nor ends with a week
A_DAY = Range(dt.date(2025, 11, 10), dt.date(2025, 11, 10))
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nasty_desk"),
    pytest.mark.xdist_group("nasty_desk"),
]


def plainly(spreads: dict) -> dict:
    return {key: (one.number, one.median, one.ninth) for key, one in spreads.items() if one.number}


def told(one: Asked) -> tuple[dict, ...]:
    now, before = overview.spreads_now_and_before(one)
    by_week = spans.spread_by_week(one, one.range, [*overview.STAGES, overview.REPLY])
    return plainly(now), plainly(before), plainly(by_week)


@pytest.mark.parametrize("days", [DAYS, ODD_DAYS, A_DAY], ids=["weeks", "odd days", "a day"])
@pytest.mark.parametrize("name", ["product", "country", "reviewer", "part"])
def test_every_choice_of_a_filter_says_the_same_by_ledger_and_by_runs(name: str, days: Range, monkeypatch):
    asking = [Asked(days, NOW, ZONE, **{name: value}) for value in choices()[name]]
    assert len(asking) > 1
    by_ledger = [told(one) for one in asking]
    assert [told(one) for one in asking] == by_ledger  # the second time from what was kept of its weeks
    assert NarrowedWeekSpread.objects.exists() == (days != A_DAY)
    monkeypatch.setattr(spans, "told_of", lambda _asked: None)
    assert [told(one) for one in asking] == by_ledger
    assert days == A_DAY or any(now for now, _before, _weeks in by_ledger)


def test_no_ledger_is_asked_of_two_filters_at_once():
    values = {name: some[0] for name, some in choices().items()}
    assert all(spans.told_of(asked(**{name: value})) for name, value in values.items())
    pairs = combinations(values, 2)
    assert not any(spans.told_of(asked(**{one: values[one], other: values[other]})) for one, other in pairs)
