"""What a face may offer next, and what blocks it in words."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.actors import Actor
from cases.models import Case
from cases.rules.lifecycle import TRANSITIONS
from cases.services import repairing
from cases.services.next_steps import LABELS, Step, transitions_for
from cases.tests.factories import DECIDED_AT, CaseFactory, judge_all, quote, staff
from products.tests.factories import CoveredPartFactory, CustomerFactory, InvoiceFactory, parts_of

pytestmark = pytest.mark.django_db
NOW = DECIDED_AT + dt.timedelta(seconds=5)


def steps(case: Case, actor: Actor) -> dict[str, Step]:
    return {step.name: step for step in transitions_for(Case.objects.get(pk=case.pk), actor, NOW)}


def primary(case: Case, actor: Actor) -> str:
    found = [step.name for step in steps(case, actor).values() if step.is_primary]
    assert len(found) <= 1
    return found[0] if found else ""


OFFERED = [
    ("submitted", ["begin_review", "withdraw"]),
    ("evidence_review", ["request_information", "approve", "deny", "withdraw"]),
    ("approved", ["undo", "reopen", "start_repair", "deliver_replacement", "return_unrepaired", "withdraw"]),
    ("denied", ["undo", "reopen"]),
    ("in_repair", ["send_back", "return_unrepaired"]),
    ("returned", ["reopen", "reopen_return"]),
    ("withdrawn", []),
]


@pytest.mark.parametrize(("state", "names"), OFFERED, ids=[row[0] for row in OFFERED])
def test_staff_are_offered_what_leads_on_from_the_state(state: str, names: list[str], reviewer: Actor) -> None:
    assert list(steps(CaseFactory(state=state, reviewer=reviewer), reviewer)) == names


def test_customer_is_offered_to_withdraw_and_nothing_else() -> None:
    case = CaseFactory(files=())
    assert [(step.name, step.possible) for step in steps(case, Actor.customer()).values()] == [("withdraw", True)]
    assert steps(CaseFactory(state="denied"), Actor.customer()) == {}


PRIMARY = [
    ("submitted", "submitted", "repair", "begin_review"),
    ("undecided", "evidence_review", "repair", "approve"),
    ("to_be_repaired", "approved", "repair", "start_repair"),
    ("to_be_replaced", "approved", "replacement", "deliver_replacement"),
    ("in_repair", "in_repair", "repair", "send_back"),
    ("denied", "denied", "repair", ""),
    ("returned", "returned", "repair", ""),
    ("withdrawn", "withdrawn", "repair", ""),
]


@pytest.mark.parametrize(("state", "resolution", "name"), [r[1:] for r in PRIMARY], ids=[r[0] for r in PRIMARY])
def test_one_step_is_primary(state: str, resolution: str, name: str, reviewer: Actor) -> None:
    assert primary(CaseFactory(state=state, resolution=resolution, reviewer=reviewer), reviewer) == name


def test_denial_is_primary_when_every_part_is_denied(reviewer: Actor) -> None:
    case = CaseFactory()
    judge_all(case, reviewer, deny="improper_use")
    assert primary(case, reviewer) == "deny"


def test_return_is_primary_when_the_quote_is_declined_or_the_return_planned(reviewer: Actor) -> None:
    declined, planned = CaseFactory(state="approved"), CaseFactory(state="in_repair")
    quote(declined, answer="declined")
    repairing.plan_unrepaired_return(planned.pk, why="Burnt", beyond_repair=True, actor=reviewer, now=NOW)
    assert primary(declined, reviewer) == primary(planned, reviewer) == "return_unrepaired"


def test_blocked_step_says_why_in_words(reviewer: Actor) -> None:
    case = CaseFactory(parts=parts_of(InvoiceFactory())[:2])
    approve = steps(case, reviewer)["approve"]
    assert not approve.possible
    assert [one.message for one in approve.unmet] == ["2 parts are still undecided", "No part is decided as covered"]


def test_review_of_an_incomplete_request_says_what_is_missing_and_is_possible_all_the_same(colleague: Actor) -> None:
    begin = steps(CaseFactory(files=()), colleague)["begin_review"]
    assert [one.message for one in begin.overridable] == ["Evidence missing: photo or video"]
    assert begin.possible
    assert begin.asks == ("why",)


def test_what_the_form_supplies_blocks_nothing(colleague: Actor) -> None:
    start = steps(CaseFactory(state="approved"), colleague)["start_repair"]
    assert (start.possible, start.asks) == (True, ("proof",))


def test_step_without_the_permission_is_shown_as_such(colleague: Actor, outsider: Actor) -> None:
    case = CaseFactory()
    assert {name: step.permission_ok for name, step in steps(case, colleague).items()} == {
        "request_information": True, "approve": False, "deny": False, "withdraw": True,
    }  # fmt: skip
    assert not any(step.permission_ok for step in steps(case, outsider).values())


def test_own_purchase_takes_the_deciding_steps_away() -> None:
    me = staff("reviewer", email="me@example.org")
    case = CaseFactory(customer=CustomerFactory(email="ME@example.org"), part=CoveredPartFactory())
    assert {name for name, step in steps(case, me).items() if not step.permission_ok} == {"approve", "deny"}


def test_every_transition_has_a_label() -> None:
    assert set(LABELS) == set(TRANSITIONS)


def test_offered_and_possible_agree_with_what_the_verb_does(reviewer: Actor) -> None:
    """The undo of a fresh decision: offered as possible, and gone once somebody else looks."""
    case = CaseFactory(state="denied", reviewer=reviewer)
    assert steps(case, reviewer)["undo"].possible
    assert [one.code for one in steps(case, staff("manager"))["undo"].unmet] == ["not_the_decider"]
