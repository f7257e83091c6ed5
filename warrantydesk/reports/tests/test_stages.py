"""How long a stage took: rounds, undone decisions and returns that were none."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.lifecycle import TRANSITIONS
from warrantydesk.reports.stages import DECISION, REPAIR, STAGES, WAY_IN, WHOLE, Move, stage_runs

FIRST = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)

# name: from → to. `opened` is how a history begins.
WAYS = {"opened": ("", "submitted")} | {name: (rule.sources[0], rule.target) for name, rule in TRANSITIONS.items()}


def history(*steps: tuple[float, str] | tuple[float, str, str], case_id: int = 1) -> list[Move]:
    """(days after FIRST, transition[, from where, if not from its first source])."""
    moves = []
    for step in steps:
        source, target = WAYS[step[1]]
        at = FIRST + dt.timedelta(days=step[0])
        moves.append(Move(case_id, at, step[2] if len(step) > 2 else source, target, step[1]))
    return moves


def days(moves: Sequence[Move]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for run in stage_runs(moves):
        found.setdefault(run.stage, []).append(round((run.end - run.begin) / DAY, 6))
    return found


OPEN, REVIEW = (0, "opened"), (1, "begin_review")
APPROVED, ARRIVED, BACK = (4, "approve"), (9, "start_repair"), (20, "send_back")

TABLE = {
    "nothing_happened": ([], {}),
    "only_opened": ([OPEN], {}),
    "under_review": ([OPEN, REVIEW], {}),
    "repaired": (
        [OPEN, REVIEW, APPROVED, ARRIVED, BACK],
        {DECISION: [4], WAY_IN: [5], REPAIR: [11], WHOLE: [20]},
    ),
    "decided_at_once": ([OPEN, (0, "begin_review"), (0, "approve")], {DECISION: [0]}),
    "denied": ([OPEN, REVIEW, (3, "deny")], {DECISION: [3]}),
    "withdrawn": ([OPEN, REVIEW, (3, "withdraw")], {}),
    "withdrawn_after_the_approval": ([OPEN, REVIEW, APPROVED, (6, "withdraw", "approved")], {DECISION: [4]}),
    "waiting_for_the_customer_counts": (
        [OPEN, REVIEW, (2, "request_information"), (12, "begin_review"), (13, "approve")],
        {DECISION: [13]},
    ),
    "replaced_without_a_repair": (
        [OPEN, REVIEW, APPROVED, (10, "deliver_replacement")],
        {DECISION: [4], WHOLE: [10]},
    ),
    "home_unrepaired_before_it_arrived": (
        [OPEN, REVIEW, APPROVED, (6, "return_unrepaired")],
        {DECISION: [4], WHOLE: [6]},
    ),
    "home_unrepaired_from_the_workshop": (
        [OPEN, REVIEW, APPROVED, ARRIVED, (15, "return_unrepaired", "in_repair")],
        {DECISION: [4], WAY_IN: [5], REPAIR: [6], WHOLE: [15]},
    ),
    "undone_and_denied": ([OPEN, REVIEW, APPROVED, (4.001, "undo"), (6, "deny")], {DECISION: [6]}),
    "undone_denial": (
        [OPEN, REVIEW, (3, "deny"), (3.0002, "undo", "denied"), (5, "approve"), (8, "start_repair")],
        {DECISION: [5], WAY_IN: [3]},
    ),
    "undone_and_left_there": ([OPEN, REVIEW, APPROVED, (4.001, "undo")], {}),
    "undone_and_withdrawn": ([OPEN, REVIEW, APPROVED, (4.001, "undo"), (5, "withdraw")], {}),
    "denied_and_reopened": (
        [OPEN, REVIEW, (3, "deny"), (30, "reopen"), (32, "approve"), (33, "start_repair"), (40, "send_back")],
        {DECISION: [3, 2], WAY_IN: [1], REPAIR: [7], WHOLE: [10]},
    ),
    "reopened_before_the_parcel_came": (
        [OPEN, REVIEW, APPROVED, (10, "reopen", "approved"), (11, "approve"), (13, "start_repair")],
        {DECISION: [4, 1], WAY_IN: [2]},
    ),
    "reopened_after_the_return": (
        [OPEN, REVIEW, APPROVED, ARRIVED, BACK, (50, "reopen", "returned"), (51, "deny")],
        {DECISION: [4, 1], WAY_IN: [5], REPAIR: [11], WHOLE: [20]},
    ),
    "second_decision_undone": (
        [OPEN, REVIEW, (3, "deny"), (30, "reopen"), (31, "deny"), (31.0001, "undo", "denied"), (33, "deny")],
        {DECISION: [3, 3]},
    ),
    "return_that_was_none": (
        [OPEN, REVIEW, APPROVED, ARRIVED, BACK, (21, "reopen_return"), (25, "send_back")],
        {DECISION: [4], WAY_IN: [5], REPAIR: [16], WHOLE: [25]},
    ),
    "return_that_was_none_and_no_other_yet": (
        [OPEN, REVIEW, APPROVED, ARRIVED, BACK, (21, "reopen_return")],
        {DECISION: [4], WAY_IN: [5]},
    ),
    "replacement_that_came_back": (
        [OPEN, REVIEW, APPROVED, (10, "deliver_replacement"), (12, "reopen_return"), (15, "send_back")],
        {DECISION: [4], REPAIR: [3], WHOLE: [15]},
    ),
    "beginning_unknown": ([REVIEW, APPROVED, ARRIVED, BACK], {WAY_IN: [5], REPAIR: [11]}),
    "clock_put_back": ([OPEN, REVIEW, (-1, "approve"), (1, "start_repair")], {WAY_IN: [2]}),
}


@pytest.mark.parametrize("name", TABLE)
def test_stage_runs_are_those_of_the_table(name: str):
    steps, expected = TABLE[name]
    assert days(history(*steps)) == expected


def test_cases_do_not_run_into_each_other():
    moves = [
        *history(OPEN, REVIEW, case_id=1),
        *history((2, "approve"), case_id=2),
        *history(OPEN, APPROVED, case_id=3),
    ]
    assert days(moves) == {DECISION: [4]}


def test_days_are_of_24_hours_when_the_clocks_change():
    before = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    moves = [Move(1, before, "", "submitted"), Move(1, before + dt.timedelta(hours=36), "evidence_review", "denied")]
    assert days(moves) == {DECISION: [1.5]}


@given(
    st.lists(
        st.tuples(
            st.floats(0, 400), st.sampled_from(sorted(WAYS)), st.sampled_from(["approved", "denied", "returned"])
        ),
        max_size=25,
    )
)
def test_any_history_gives_runs_that_end_after_they_began_and_overlap_nowhere(steps: list):
    runs = list(stage_runs(history(*sorted(steps))))
    assert all(run.begin <= run.end for run in runs)
    for stage in STAGES:
        spans = sorted((run.begin, run.end) for run in runs if run.stage == stage)
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
