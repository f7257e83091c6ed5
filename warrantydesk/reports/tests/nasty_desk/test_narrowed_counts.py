"""Reports narrowed by one filter count the same by the ledger, by the flat rows, and by hand."""

from collections import Counter, defaultdict

import pytest

from warrantydesk.reports.figures import counted, decisions, shipping, written
from warrantydesk.reports.models import ClaimFigures, ParcelFigures
from warrantydesk.reports.tests.nasty import asked, choices
from warrantydesk.reports.tests.nasty_desk.test_figures_decisions import verdicts

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nasty_desk"),
    pytest.mark.xdist_group("nasty_desk"),
]


def told(**filters) -> list[tuple]:
    one = asked(**filters)
    return [
        (table.code, row.key, row.cells)
        for report in (decisions, shipping)
        for table in report.tables(one)
        for row in table.rows
    ]


@pytest.fixture
def without_ledger(monkeypatch):
    def flat() -> None:
        written._once.cache_clear()
        monkeypatch.setattr(counted, "in_ledger", lambda _asked, _subject: None)

    yield flat
    written._once.cache_clear()


@pytest.mark.parametrize("name", ["product", "country", "reviewer", "part"])
def test_every_choice_of_a_filter_says_the_same_by_ledger_and_by_rows(name: str, without_ledger):
    values = choices()[name]
    by_ledger = [told(**{name: value}) for value in values]
    assert len(values) > 1
    without_ledger()
    assert [told(**{name: value}) for value in values] == by_ledger
    assert {"partly", "reviewers"} <= {code for rows in by_ledger for code, *_row in rows}


def test_the_whole_desk_says_the_same_by_ledger_and_by_rows(without_ledger):
    by_ledger = told()
    without_ledger()
    assert told() == by_ledger


@pytest.mark.parametrize(("name", "column"), [("product", 1), ("part", 2), ("reviewer", 6)])
def test_outcomes_of_each_choice_are_those_of_plain_sql(name: str, column: int):
    for value in choices()[name]:
        by_case = defaultdict(set)
        for row in verdicts():
            if row[column] == value:
                by_case[row[0]].add(row[3])
        kinds = Counter(
            "some" if len(kinds) == 2 else {"covered": "all", "denied": "none"}[next(iter(kinds))]
            for kinds in by_case.values()
        )
        shown = {row.key: row.cells[1] for row in decisions.partly(asked(**{name: value})).rows}
        assert {key: number for key, number in shown.items() if number} == kinds


def test_cases_whose_parts_no_single_one_can_tell_are_among_them():
    each = ClaimFigures.objects.filter(outcome="each")
    assert each.values("decided_on").distinct().count() > 1
    assert ClaimFigures.objects.filter(is_twin=True).exists()


def test_parcels_that_do_not_list_their_parts_are_found_by_the_claims():
    part = ParcelFigures.objects.filter(figures__claims__part__isnull=False).values_list("figures__claims__part")[0][0]
    before = [row.cells for row in shipping.transit(asked(part=part)).rows]
    assert before
    ParcelFigures.objects.update(parts="")
    assert [row.cells for row in shipping.transit(asked(part=part)).rows] == before
    assert [row.cells for row in shipping.transit(asked(part=10**9)).rows] == []
