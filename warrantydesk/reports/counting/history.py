"""One case's history, read once: first answer, end, appeals, what was missing, its stages.                    [pure]"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from warrantydesk.reports.stages import Move, Run, stage_runs

ENDED = ("denied", "returned", "withdrawn")
DECISIONS = ("approve", "deny")
# A person's answer to the customer: words of theirs, a question, a decision, an end.
ANSWERS = {("message", "written"), ("transition", "request_information"), ("transition", "approve")} | {
    ("transition", "deny"),
    ("transition", "withdraw"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of the timeline, as far as it is counted."""

    at: datetime
    kind: str
    name: str
    from_state: str = ""
    to_state: str = ""
    actor_kind: str = "system"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reopened:
    at: datetime
    outcome: str  # waiting, upheld or changed


@dataclass(frozen=True, slots=True)
class History:
    """`replied_at` is None while no person has answered; `closed_at` while the case is open."""

    replied_at: datetime | None
    closed_at: datetime | None
    missing: tuple[str, ...]
    asked_times: int
    appeals: tuple[Reopened, ...]
    runs: tuple[Run, ...]


def history_of(received_at: datetime, happened: Sequence[Happened]) -> History:
    """What the rows of one case tell, in the order in which they happened. A case without any row just arrived."""
    opened = next((one for one in happened if one.kind == "opened"), None)
    return History(
        replied_at=next((one.at for one in happened if _answers(one)), None),
        closed_at=_closed_at(happened),
        missing=tuple(opened.data.get("missing", ())) if opened else (),
        asked_times=sum(one.name == "request_information" and one.kind == "transition" for one in happened),
        appeals=tuple(_appeals(happened)),
        runs=tuple(stage_runs(_moves(received_at, happened))),
    )


def _answers(one: Happened) -> bool:
    return one.actor_kind == "staff" and (one.kind, one.name) in ANSWERS


def _closed_at(happened: Sequence[Happened]) -> datetime | None:
    moves = [one for one in happened if one.kind == "transition"]
    return moves[-1].at if moves and moves[-1].to_state in ENDED else None


def _moves(received_at: datetime, happened: Iterable[Happened]) -> Iterable[Move]:
    for one in happened:
        if one.kind == "opened":
            yield Move(0, received_at, "", "submitted", one.name)
        elif one.kind == "transition":
            yield Move(0, one.at, one.from_state, one.to_state, one.name)


def _appeals(happened: Sequence[Happened]) -> Iterable[Reopened]:
    """Every time the case was opened again, with the first decision after it that was not taken back."""
    moves = [one for one in happened if one.kind == "transition"]
    for place, one in enumerate(moves):
        if one.name == "reopen":
            yield Reopened(one.at, _outcome(set(one.data.get("cleared", ())), moves[place + 1 :]))


def _outcome(cleared: set[int], later: Sequence[Happened]) -> str:
    outcome = "waiting"
    for one in later:
        if one.name == "reopen":
            break
        if one.name in DECISIONS:
            outcome = "changed" if _covers_any(cleared, one) else "upheld"
        elif one.name == "undo":
            outcome = "waiting"
    return outcome


def _covers_any(cleared: set[int], decision: Happened) -> bool:
    told = decision.data.get("claims", ())
    return any(one.get("verdict") == "covered" and (not cleared or one.get("claim") in cleared) for one in told)
