"""Decided cases asked again by the clock of today: listed, and never changed (policy 3)."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from cases.actors import Actor
from cases.models import Case
from cases.replay import Replayed, cases_whose_answer_would_change
from cases.rules.replaying import Answer
from cases.services import deciding
from cases.tests.factories import DECIDED_AT, CaseFactory, judge, judge_all, staff
from products import services as products
from products.models import CoveredPart, PauseWindow
from products.services import WindowData
from products.tests.factories import CoveredPartFactory, InvoiceFactory, ProductFactory

pytestmark = pytest.mark.django_db

LATER = DECIDED_AT + dt.timedelta(days=30)
SUMMER = WindowData(dt.date(2025, 6, 11), dt.date(2025, 6, 29), PauseWindow.Certainty.VERIFIED)
LATE = dt.date(2024, 11, 1)  # covered through 2025-11-01; the request is of 2025-11-04


@pytest.fixture
def reviewer() -> Actor:
    return staff("reviewer")


def paused(part_id: int, *windows: WindowData) -> None:
    products.set_pauses({part_id: windows}, source="tracking", cause="late scan", now=LATER)


def denied_late(reviewer: Actor, **part: object) -> Case:
    """Denied because the cover had ended four days before the request."""
    case = CaseFactory(part=CoveredPartFactory(issued_on=LATE, **part))
    deciding.record_finding(case.claimed_parts.get().pk, cause_code="none", actor=reviewer, now=DECIDED_AT)
    judge_all(case, reviewer, deny="expired")
    deciding.deny(case.pk, actor=reviewer, now=DECIDED_AT)
    return Case.objects.get(pk=case.pk)


def found() -> list[Replayed]:
    return list(cases_whose_answer_would_change())


def test_denied_part_would_be_covered_when_its_clock_was_paused_after_all(reviewer: Actor) -> None:
    case = denied_late(reviewer)
    assert found() == []
    paused(case.claimed_parts.get().part_id, SUMMER)
    [one] = found()
    assert (one.case, one.answered, one.would_answer) == (case, Answer("denied", "expired"), Answer("covered"))
    assert one.because == (
        "The request is of 4 Nov 2025. The decision knew “expired, covered through 1 Nov 2025”, the clock now says "
        "“covered, covered through 20 Nov 2025”."
    )
    assert Case.objects.get(pk=case.pk).state == "denied"


def test_covered_part_would_be_denied_when_the_invoice_date_was_wrong(reviewer: Actor) -> None:
    case = CaseFactory(state="approved", reviewer=reviewer)
    products.correct_invoice_date(
        case.invoice_id, issued_on=LATE, reason="Typing error", actor=staff("manager").user, now=LATER
    )
    [one] = found()
    assert (one.answered, one.would_answer) == (Answer("covered"), Answer("denied", "expired"))
    assert Case.objects.get(pk=case.pk).state == "approved"


def test_consumable_denied_as_late_would_be_denied_as_worn(reviewer: Actor) -> None:
    case = denied_late(reviewer, category="consumable")
    paused(case.claimed_parts.get().part_id, SUMMER)
    assert [one.would_answer for one in found()] == [Answer("denied", "wear")]


def test_goodwill_stands_whatever_the_clock_says(reviewer: Actor) -> None:
    case = CaseFactory(part=CoveredPartFactory(issued_on=LATE))
    claim = case.claimed_parts.get()
    judge(claim, reviewer, goodwill_reason="A regular.")
    deciding.approve(case.pk, actor=reviewer, now=DECIDED_AT)
    paused(claim.part_id, SUMMER)
    assert found() == []


def test_clock_that_moves_without_changing_the_answer_lists_nothing(reviewer: Actor) -> None:
    case = CaseFactory(state="approved", reviewer=reviewer)
    paused(case.claimed_parts.get().part_id, SUMMER)
    assert found() == []


def test_pause_that_began_after_the_request_changes_no_answer(reviewer: Actor) -> None:
    case = CaseFactory(state="denied", reviewer=reviewer)
    after = WindowData(dt.date(2025, 11, 10), None, PauseWindow.Certainty.PROVISIONAL)
    paused(case.claimed_parts.get().part_id, after)
    assert found() == []


def test_only_decided_cases_are_listed(reviewer: Actor) -> None:
    case = denied_late(reviewer)
    paused(case.claimed_parts.get().part_id, SUMMER)
    assert len(found()) == 1
    deciding.reopen(case.pk, why="The clock was wrong.", actor=staff("support"), now=LATER)
    assert found() == []


def test_void_of_the_decision_itself_is_no_news(reviewer: Actor) -> None:
    case = CaseFactory(state="denied", reviewer=reviewer)
    assert case.claimed_parts.get().part.is_voided
    assert found() == []


def test_part_denied_as_void_would_be_covered_when_that_void_was_lifted(reviewer: Actor) -> None:
    part = CoveredPartFactory()
    products.void_part(part.pk, reason_code="improper_use", case_reference="WD-OLD", actor=None, now=DECIDED_AT)
    case = CaseFactory(part=CoveredPart.objects.get(pk=part.pk))
    deciding.record_finding(case.claimed_parts.get().pk, cause_code="none", actor=reviewer, now=DECIDED_AT)
    judge_all(case, reviewer, deny="voided")
    deciding.deny(case.pk, actor=reviewer, now=DECIDED_AT)
    assert found() == []
    products.lift_void(part.pk, why="Wrong photo.", actor=None, now=LATER)
    [one] = found()
    assert (one.would_answer, one.because.endswith("has been lifted.")) == (Answer("covered"), True)


def test_only_the_parts_named_are_asked(reviewer: Actor) -> None:
    case, other = denied_late(reviewer), denied_late(reviewer)
    for one in (case, other):
        paused(one.claimed_parts.get().part_id, SUMMER)
    wanted = [case.claimed_parts.get().part_id]
    assert [one.case for one in cases_whose_answer_would_change(wanted)] == [case]
    assert list(cases_whose_answer_would_change([])) == []


def test_replay_takes_three_queries_however_many_cases(
    reviewer: Actor, django_assert_num_queries: Callable[..., object]
) -> None:
    for _number in range(4):
        paused(denied_late(reviewer).claimed_parts.get().part_id, SUMMER)
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        assert len(found()) == 4


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────


def replay(*arguments: str) -> list[dict]:
    out = io.StringIO()
    call_command("replay", *arguments, stdout=out, stderr=io.StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_command_prints_a_line_for_each_decision_overtaken(reviewer: Actor) -> None:
    case = denied_late(reviewer, number="INV-7")
    InvoiceFactory(number="INV-8", products=[ProductFactory()])
    paused(case.claimed_parts.get().part_id, SUMMER)
    [line] = replay("--all")
    assert replay("inv 7") == [line]
    assert replay("INV-8") == []
    assert (line["case"], line["answered"], line["would_answer"]) == (
        case.reference,
        {"verdict": "denied", "reason": "expired"},
        {"verdict": "covered", "reason": ""},
    )


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["INV-1", "--all"], 2), (["NOPE"], 1)])
def test_command_says_what_it_needs(arguments: list[str], status: int) -> None:
    with pytest.raises(CommandError) as failure:
        replay(*arguments)
    assert failure.value.returncode == status
