"""The counted rows: proved against a recount, kept up with what happens, and found where somebody meddled."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.services import deciding
from cases.tests.factories import CaseFactory, staff
from products.services import WindowData, set_pauses
from products.tests.factories import CoveredPartFactory, InvoiceFactory
from warrantydesk.reports.counting import cohorts, rounds
from warrantydesk.reports.counting.cases import count_cases, counted_anew
from warrantydesk.reports.counting.folding import fold_ledgers
from warrantydesk.reports.counting.ledgers import LEDGERS
from warrantydesk.reports.counting.rounds import count_changed, count_everything, differences, prove, waiting_cases
from warrantydesk.reports.models import CaseFigures, ClaimFigures, PartCohort
from warrantydesk.reports.tallies import Tally
from warrantydesk.reports.tests.nasty import ZONE

pytestmark = pytest.mark.django_db


def test_a_round_counts_what_is_new_and_what_moved_and_nothing_twice():
    case = CaseFactory(state="evidence_review")
    assert sum(step.number for step in count_changed() if step.what == "cases") == 1
    assert list(count_changed()) == []
    deciding.withdraw(case.pk, why="Found it.", actor=staff("support"), now=case.changed_at + dt.timedelta(days=1))
    CaseFactory()
    assert sum(step.number for step in count_changed() if step.what == "cases") == 2
    assert CaseFigures.objects.get(pk=case.pk).state == "withdrawn"
    assert list(differences()) == []


def test_a_round_cut_short_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 1)
    for _number in range(3):
        CaseFactory()
    list(count_changed(limit=1))
    assert waiting_cases() == 2
    list(count_changed())
    assert list(differences()) == []


def test_rounds_of_a_big_desk_look_at_the_latest_only(monkeypatch):
    monkeypatch.setattr(rounds, "FEW", 0)
    old = CaseFactory()
    list(count_changed())
    later = CaseFactory(received_at=old.changed_at + dt.timedelta(days=3))
    CoveredPartFactory()
    list(count_changed())
    assert CaseFigures.objects.filter(pk=later.pk).exists()
    CaseFigures.objects.filter(pk=old.pk).update(seen_at=old.changed_at - dt.timedelta(days=9))
    deciding.withdraw(later.pk, why="Found it.", actor=staff("support"), now=later.changed_at + dt.timedelta(days=1))
    list(count_changed())
    assert {one.key for one in differences()} == {old.pk}  # what no round can see, the proof does


def test_a_pause_moves_the_age_of_a_claim_and_the_cohort_of_its_part():
    case = CaseFactory(received_at=dt.datetime(2025, 7, 1, 12, tzinfo=dt.UTC))
    part = case.claimed_parts.get().part
    list(count_changed())
    assert ClaimFigures.objects.get().months_in_service == 4
    now = dt.datetime(2025, 8, 1, tzinfo=dt.UTC)
    windows = [WindowData(dt.date(2025, 4, 1), dt.date(2025, 5, 31), "verified")]
    set_pauses({part.pk: windows}, source="tracking", now=now, cause="The scans of a test.")
    list(count_changed())
    assert ClaimFigures.objects.get().months_in_service == 2
    assert PartCohort.objects.get().paused_days == 61
    assert list(differences()) == []


@pytest.mark.parametrize(("meddle", "found"), [("case", ["case"]), ("cohort", ["block of parts", "ledger"])])
def test_meddling_is_found(meddle: str, found: list[str]):
    CaseFactory()
    list(count_everything())
    if meddle == "case":
        CaseFigures.objects.update(country="XX")
    else:
        PartCohort.objects.update(parts=7)
    assert [one.what for one in differences()] == found
    assert [one.what for one in prove()] == found
    assert list(differences()) == []


def test_ledger_rows_that_are_alike_become_one_and_say_the_same():
    case = CaseFactory(state="evidence_review")
    CaseFactory(state="denied")
    list(count_everything())
    rows = [ledger.model.objects.count() for ledger in LEDGERS]
    for name in ("submitted", "evidence_review"):
        Case.objects.filter(pk=case.pk).update(state=name, changed_at=case.changed_at + dt.timedelta(hours=len(name)))
        count_cases([case.pk], ZONE)
    assert Tally.objects.count() == rows[0] + 8  # one away and one added, twice, and as often of its part
    assert fold_ledgers() == 8
    assert [ledger.model.objects.count() for ledger in LEDGERS] == rows
    assert all(ledger.is_right() for ledger in LEDGERS)
    assert fold_ledgers() == 0


def test_blocks_are_counted_by_themselves(monkeypatch):
    InvoiceFactory()
    InvoiceFactory()
    list(count_everything())
    whole = sum(PartCohort.objects.values_list("parts", flat=True))
    assert (whole, sum(PartCohort.objects.values_list("units", flat=True))) == (10, 2)
    PartCohort.objects.all().delete()
    monkeypatch.setattr(cohorts, "BLOCK", 3)
    list(count_everything())
    assert sum(PartCohort.objects.values_list("parts", flat=True)) == whole
    assert sum(PartCohort.objects.values_list("units", flat=True)) == 2
    assert list(differences()) == []


@pytest.mark.parametrize("number", [1, 6])
def test_counting_takes_as_many_queries_however_many_cases(number: int):
    reviewer = staff("reviewer")
    keys = [CaseFactory(state="denied", reviewer=reviewer).pk for _case in range(number)]
    with CaptureQueriesContext(connection) as queries:
        counted_anew(keys, ZONE)
    assert len(queries) == 7
