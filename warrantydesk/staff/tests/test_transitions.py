"""One person with the reviewer's role drives every transition of policy 5, through the page and nothing else."""

from collections.abc import Callable

import pytest

from cases.models import CaseEvent
from cases.rules.lifecycle import TRANSITIONS
from cases.tests.factories import CaseFactory
from products.tests.factories import CoveredPartFactory
from warrantydesk.staff.event_words import SENTENCES
from warrantydesk.staff.tests.driver import Driver

PROOF = {"on": "2025-11-10", "text": "Handed over in person."}
COVERED = {"verdict": "covered", "resolution": "repair"}
REPLACED = {"verdict": "covered", "resolution": "replacement"}
DENIED = {"verdict": "denied", "reason": "improper_use"}


def repair_that_was_not_home_yet(drive: Driver) -> None:
    drive.does("request_information", missing=["serial"], words="The number on the box, please.")
    drive.does("begin_review", why="Read out on the telephone.")
    drive.decides(**COVERED)
    drive.does("approve")
    drive.does("undo")
    drive.does("approve")
    drive.does("start_repair", **PROOF)
    drive.does("send_back", **PROOF)
    drive.does("reopen_return", why="The neighbour sent it back.")
    drive.does("send_back", **PROOF)


def denial_and_its_appeal(drive: Driver) -> None:
    for claim in drive.case.claimed_parts.all():
        drive.does("decide_part", claim, **DENIED)
    drive.does("deny")
    drive.does("undo")
    drive.does("deny")
    drive.does("reopen", why="A second opinion.")


def replacement(drive: Driver) -> None:
    drive.decides(**REPLACED)
    drive.does("approve")
    claim = drive.case.claimed_parts.get()
    drive.does("record_replacement", claim, new_serial="NEW-77")
    drive.does("deliver_replacement", **PROOF)


def nothing_was_ever_sent(drive: Driver) -> None:
    drive.decides(**COVERED)
    drive.does("approve")
    told = {"why": "They keep it as it is.", "text": "Their mail of today."}
    drive.does("return_unrepaired", beyond_repair="on", proven_by="nothing_sent", **told)


def home_unrepaired(drive: Driver) -> None:
    drive.decides(**COVERED)
    drive.does("approve")
    drive.does("start_repair", **PROOF)
    drive.does("plan_unrepaired_return", why="The frame is bent.", beyond_repair="on")
    drive.does("drop_unrepaired_return", why="There is a way after all.")
    drive.does("plan_unrepaired_return", why="There is not.", beyond_repair="on")
    drive.does("return_unrepaired", proven_by="staff", **PROOF)


def withdrawal(drive: Driver) -> None:
    drive.does("withdraw", reason="not_a_request")


WAYS = {
    repair_that_was_not_home_yet: (
        "request_information", "begin_review", "approve", "undo", "approve", "start_repair", "send_back",
        "reopen_return", "send_back",
    ),
    denial_and_its_appeal: ("deny", "undo", "deny", "reopen"),
    replacement: ("approve", "deliver_replacement"),
    nothing_was_ever_sent: ("approve", "return_unrepaired"),
    home_unrepaired: ("approve", "start_repair", "return_unrepaired"),
    withdrawal: ("withdraw",),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_case_goes_the_whole_way_when_a_reviewer_drives_it_through_the_page(desk: Callable, way: Callable) -> None:
    drive = Driver(desk("reviewer"), CaseFactory(part=CoveredPartFactory(serial="OLD-1")))
    way(drive)
    events = CaseEvent.objects.filter(case=drive.case)
    # Before all of them the desk began the review by itself: the request was complete.
    first, *moved = events.filter(kind="transition").order_by("at", "id")
    assert (first.name, first.actor) == ("begin_review", None)
    assert tuple(event.name for event in moved) == WAYS[way]
    assert {event.actor for event in moved} == {drive.client.person}
    assert drive.state == moved[-1].to_state == TRANSITIONS[moved[-1].name].target
    assert set(events.values_list("kind", "name")) <= set(SENTENCES)


def test_ways_above_leave_no_transition_out_when_taken_together() -> None:
    assert {name for names in WAYS.values() for name in names} == set(TRANSITIONS)
