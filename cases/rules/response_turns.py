"""The timeline of a case as the response clock hears it: which of its rows are turns of that clock.      [pure]"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from cases.rules.response_clock import Turn

_TRANSITIONS = {
    "request_information": Turn.ASKED,
    "approve": Turn.DECIDED,
    "deny": Turn.DECIDED,
    "reopen": Turn.REOPENED,
    "withdraw": Turn.CLOSED,
}
_ARRIVALS = {("message", "received"), ("evidence", "added")}
_BY_CUSTOMER = {"details", "part"}


class Told(NamedTuple):
    """One row of the timeline, as codes."""

    at: datetime
    kind: str
    name: str
    actor_kind: str


def turns(received_at: datetime, told: Iterable[Told]) -> list[tuple[datetime, Turn]]:
    """The turns of the response clock, in the order of the rows. The customer waits from the moment we received it.

    A decision that was undone was never made, and its clock never stopped. Whatever arrives from the customer is an
    answer only while we have asked for something.
    """
    found: list[tuple[datetime, Turn]] = [(received_at, Turn.OPENED)]
    for row in told:
        if (row.kind, row.name) == ("transition", "undo"):
            _forget_decision(found)
        elif turn := _turn(row, asked=asked_since(found) is not None):
            found.append((row.at, turn))
    return found


def asked_since(found: Iterable[tuple[datetime, Turn]]) -> datetime | None:
    """Since when the customer owes us an answer; None where they owe none."""
    since = None
    for at, turn in found:
        if turn is Turn.ASKED:
            since = at
        elif turn is not Turn.WRITTEN:
            since = None
    return since


def _turn(row: Told, *, asked: bool) -> Turn | None:
    if row.kind == "transition" and row.name in _TRANSITIONS:
        return _TRANSITIONS[row.name]
    if (row.kind, row.name) == ("message", "written"):
        return Turn.WRITTEN if row.actor_kind == "staff" else None
    return Turn.ANSWERED if asked and _answers(row) else None


def _answers(row: Told) -> bool:
    """Something new from outside; or a person who goes on without it."""
    by_customer = row.actor_kind == "customer" and row.kind in _BY_CUSTOMER
    return (row.kind, row.name) in _ARRIVALS or by_customer or row.name == "begin_review"


def _forget_decision(found: list[tuple[datetime, Turn]]) -> None:
    for number in reversed(range(len(found))):
        if found[number][1] is Turn.DECIDED:
            del found[number]
            return
