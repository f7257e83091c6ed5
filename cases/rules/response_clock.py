"""The response clock: by when a person answers first, and by when the claim is decided.      [pure]

It counts the desk's working hours and stands still while the customer is asked, or while nothing is left to decide.
What was spent stays spent: a case that is opened again goes on where it stopped. It has nothing to do with the warranty
clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cases.rules.working_hours import ZERO, DeskHours, due_at, worked_between


class Turn(StrEnum):
    """What happened, as far as the response clock cares. It runs from OPENED, stands still after ASKED, DECIDED and
    CLOSED, and goes on after ANSWERED and REOPENED. WRITTEN is a person's words to the customer, and nothing more."""

    OPENED = "opened"
    WRITTEN = "written"
    ASKED = "asked"
    ANSWERED = "answered"
    DECIDED = "decided"
    REOPENED = "reopened"
    CLOSED = "closed"


_GOES_ON = {Turn.OPENED, Turn.ANSWERED, Turn.REOPENED}
_STANDS_STILL = {Turn.ASKED, Turn.DECIDED, Turn.CLOSED}
_REPLIES = {Turn.WRITTEN, Turn.ASKED, Turn.DECIDED, Turn.CLOSED}


@dataclass(frozen=True, slots=True)
class Targets:
    """Working time until the first reply of a person, and until the decision."""

    first_reply: timedelta
    decision: timedelta


@dataclass(frozen=True, slots=True)
class ResponseClock:
    """Where the clock stands.

    `first_reply_due_at` and `decision_due_at` (UTC) are None where nobody waits for us: answered, asked, decided,
    closed. `replied_at` is when a person first answered. `spent` is the working time used up to the last turn.
    """

    first_reply_due_at: datetime | None
    replied_at: datetime | None
    decision_due_at: datetime | None
    spent: timedelta


def response_clock(turns: Iterable[tuple[datetime, Turn]], targets: Targets, hours: DeskHours) -> ResponseClock:
    """The clock after these turns (aware instants), told in the order in which they happened. The first opens it.

    ValueError where the first is not OPENED, or where nothing happened at all.
    """
    told = list(turns)
    if not told or told[0][1] is not Turn.OPENED:
        raise ValueError("turns: the first one opens the case")
    opened_at = told[0][0]
    spent, running_since = ZERO, None
    for at, turn in told:
        if turn in _STANDS_STILL and running_since is not None:
            spent, running_since = spent + worked_between(running_since, at, hours), None
        elif turn in _GOES_ON and running_since is None:
            running_since = at
    replied_at = next((at for at, turn in told if turn in _REPLIES), None)
    return ResponseClock(
        due_at(opened_at, targets.first_reply, hours) if replied_at is None else None,
        replied_at,
        None if running_since is None else _decision_due(told, targets.decision, spent, running_since, hours),
        spent,
    )


def _decision_due(
    told: list[tuple[datetime, Turn]], target: timedelta, spent: timedelta, running_since: datetime, hours: DeskHours
) -> datetime:
    """What is left, from the moment the clock went on; for a target used up before, the moment it was used up."""
    if spent < target:
        return due_at(running_since, target - spent, hours)
    used, since = ZERO, None
    for at, turn in told:
        if turn in _GOES_ON and since is None:
            since = at
        elif turn in _STANDS_STILL and since is not None:
            span = worked_between(since, at, hours)
            if used + span >= target:
                return due_at(since, target - used, hours)
            used, since = used + span, None
    return running_since
