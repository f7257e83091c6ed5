"""The ledger of runs narrowed by one filter: written after an upgrade, proved, and the weeks that are kept of it."""

import datetime as dt

import pytest

from cases.services import deciding
from cases.tests.factories import CaseFactory, staff
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ledgers import NARROWED_RUNS
from warrantydesk.reports.counting.rounds import count_changed, count_new_ledgers, differences, prove
from warrantydesk.reports.figures import spans
from warrantydesk.reports.models import CaseFigures, ClaimFigures, StageRun
from warrantydesk.reports.quantiles import Spread
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.tallies import NarrowedRunTally, NarrowedWeekSpread
from warrantydesk.reports.tests.nasty import NOW, ZONE, choices

pytestmark = pytest.mark.django_db


def of_product(case: object) -> Asked:
    figures = CaseFigures.objects.get(case=case)
    day = dt.date(2025, 11, 3)
    return Asked(Range(day, day + dt.timedelta(days=6)), NOW, ZONE, product=figures.product_id)


def decisions(one: Asked) -> Spread:
    return spans.spread_by_week(one, one.range, ["decision"])["decision", one.range.first]


def test_kept_week_of_a_filter_is_counted_anew_once_a_run_of_it_changes():
    case = CaseFactory(state="denied")
    list(count_changed())
    list(count_new_ledgers())
    run = StageRun.objects.get(stage="decision")
    StageRun.objects.filter(pk=run.pk).update(ended_on=dt.date(2025, 11, 5), seconds=7200)
    NARROWED_RUNS.rebuild()
    one = of_product(case)
    assert decisions(one).median == 7200
    assert NarrowedWeekSpread.objects.filter(stage="decision").count() == 1
    StageRun.objects.filter(pk=run.pk).update(seconds=7201)  # within the same stretch of lengths
    NARROWED_RUNS.rebuild()
    assert decisions(one).median == 7201


def test_ledger_that_came_with_an_upgrade_is_not_asked_before_it_is_written(monkeypatch):
    case = CaseFactory(state="denied")
    list(count_changed())
    NarrowedRunTally.objects.all().delete()  # as an older release counted
    one = of_product(case)
    assert spans.told_of(one) is None
    assert list(differences()) == []
    deciding.reopen(case.pk, why="New photo.", actor=staff("support"), now=case.changed_at + dt.timedelta(days=1))
    list(count_changed())
    assert spans.told_of(one) is None
    assert [step.number for step in count_new_ledgers()] == [1]
    assert list(count_new_ledgers()) == []
    assert spans.told_of(one) is not None
    assert list(differences()) == []
    NarrowedRunTally.objects.update(number=7)
    assert [str(found.key) for found in prove()] == ["narrowed runs"]
    assert list(differences()) == []


def test_case_that_claims_two_of_a_part_went_through_its_stages_once():
    case = CaseFactory(state="denied")
    list(count_changed())
    claim = ClaimFigures.objects.get()
    claim.pk += 1
    claim.save(force_insert=True)
    list(count_new_ledgers())
    found = NarrowedRunTally.objects.filter(of=f"part {claim.part_id}").values_list("stage", "number", "seconds")
    runs = StageRun.objects.filter(figures__case=case).values_list("stage", "seconds")
    assert sorted(found) == sorted((stage, 1, seconds) for stage, seconds in runs)


def test_nightly_weeks_are_kept_for_every_choice():
    CaseFactory(state="denied")
    list(count_changed())
    list(count_new_ledgers())
    spans.keep_weeks()
    kept = set(NarrowedWeekSpread.objects.values_list("of", flat=True))
    assert kept == {f"{name} {value}" for name, values in choices().items() for value in values}
    assert {of.partition(" ")[0] for of in kept} == {"product", "country", "reviewer", "part"}
