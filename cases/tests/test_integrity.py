"""What a hand in the database can break, and the check that finds it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from cases.integrity import problems
from cases.models import Case, CaseEvent, ClaimedPart
from cases.models.case import State
from cases.tests.factories import CaseFactory
from products.models import PartVoid

pytestmark = pytest.mark.django_db


def test_desk_that_was_only_used_has_no_problems() -> None:
    for state in State.values:
        CaseFactory(state=state)
    CaseFactory(state="returned", resolution="replacement")
    assert list(problems()) == []


def raw(case: Case, **columns: object) -> None:
    Case.objects.filter(pk=case.pk).update(**columns)


def forge(case: Case, name: str, from_state: str, to_state: str) -> None:
    CaseEvent.objects.create(
        case=case, at=case.changed_at, kind="transition", name=name, from_state=from_state, to_state=to_state,
        actor_kind="system",
    )  # fmt: skip


BREAKS: list[tuple[str, str, Callable[[Case], object], set[str]]] = [
    ("state_moved_by_hand", "denied", lambda case: raw(case, state="withdrawn"), {"state_without_event"}),
    ("state_of_a_new_case_moved", "submitted", lambda case: raw(case, state="returned"),
     {"state_without_event", "approved_without_part", "decision_without_person"}),
    ("event_deleted", "denied", lambda case: case.events.filter(name="deny")._raw_delete("default"),
     {"state_without_event", "decision_without_event"}),
    ("chain_broken", "in_repair", lambda case: case.events.filter(name="approve")._raw_delete("default"),
     {"broken_chain", "decision_without_event"}),
    ("unknown_path", "returned", lambda case: forge(case, "send_back", "returned", "returned"), {"unknown_transition"}),
    ("decision_forgotten", "approved", lambda case: raw(case, decided_at=None, decided_by=None),
     {"decision_without_person"}),
    ("covered_part_gone", "approved", lambda case: case.claimed_parts.all().delete(),
     {"approved_without_part", "cover_end_differs"}),
    ("verdict_turned", "denied",
     lambda case: case.claimed_parts.update(verdict="covered", resolution="repair", reason=None),
     {"denied_with_covered_part"}),
    ("verdict_cleared", "denied", lambda case: case.claimed_parts.update(verdict="undecided", reason=None),
     {"decided_with_open_part"}),
    ("snapshot_lost", "approved", lambda case: ClaimedPart.objects.update(snapshot={}), {"decision_without_snapshot"}),
    ("void_lost", "denied", lambda case: PartVoid.objects.all().delete(), {"denial_without_void"}),
    ("cover_end_written", "submitted", lambda case: raw(case, cover_ends_on=dt.date(2030, 1, 1)),
     {"cover_end_differs"}),
    ("product_of_claim_lost", "approved", lambda case: case.claimed_parts.update(product=None),
     {"claim_product_differs"}),
]  # fmt: skip


@pytest.mark.parametrize(("state", "hand", "codes"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_problem_is_found_when_a_hand_was_in_the_database(
    state: str, hand: Callable[[Case], object], codes: set[str]
) -> None:
    other = CaseFactory(state="approved")
    case = CaseFactory(state=state, files=() if state == "submitted" else None)
    hand(case)
    found = [one for one in problems() if one.reference != other.reference]
    assert {one.code for one in found} == codes
    assert {one.reference for one in found} == {case.reference}


def test_problems_takes_the_same_number_of_queries_however_many_cases(django_assert_num_queries: object) -> None:
    for _ in range(4):
        CaseFactory(state="returned")
    with django_assert_num_queries(12):  # type: ignore[operator]
        assert list(problems()) == []
