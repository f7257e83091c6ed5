"""How long the stages of a case take, from the rows of its history.                                           [pure]

A case goes in rounds: the first begins when the request reaches us, each later one when the case is reopened after an
appeal. Every round is measured by itself. A decision that was undone, and a return that turned out not to be final,
count as if they had not been made: the stage they ended goes on from where it had begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

DECISION, WAY_IN, REPAIR, WHOLE = "decision", "way_in", "repair", "whole"
STAGES = (DECISION, WAY_IN, REPAIR, WHOLE)
REPLY = "reply"  # kept beside the stages, and no stage: until a person first answered


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the history. `from_state` is empty where the case began; `name` is the transition's.

    The name is needed beside the states: an undone approval and an appeal lead the same way.
    """

    case_id: int
    at: datetime
    from_state: str
    to_state: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One time that one case went through a stage, from `begin` to `end`."""

    stage: str
    begin: datetime
    end: datetime


def stage_runs(moves: Iterable[Move]) -> Iterator[Run]:
    """The finished runs of every case. What never began, or never ended, gives none."""
    for _case_id, rows in groupby(moves, key=lambda move: move.case_id):
        history = _History()
        for move in rows:
            history.follow(move)
        yield from history.runs


@dataclass
class _History:
    """One case while its rows go by: stages `begun` and not ended, finished `runs`, and the `latest` of those."""

    begun: dict[str, datetime] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    latest: list[Run] = field(default_factory=list)

    def follow(self, move: Move) -> None:
        if not move.from_state or move.name == "reopen":
            self.begun = {DECISION: move.at, WHOLE: move.at}
        elif move.name in ("undo", "reopen_return"):
            self.take_back()
        if move.name == "undo":
            self.begun.pop(WAY_IN, None)
        self.arrive(move)

    def arrive(self, move: Move) -> None:
        if move.to_state in ("approved", "denied"):
            self.finish(move.at, DECISION)
        if move.to_state == "approved":
            self.begun[WAY_IN] = move.at
        elif move.to_state == "in_repair":
            self.finish(move.at, WAY_IN)
            self.begun.setdefault(REPAIR, move.at)
        elif move.to_state == "returned":
            self.begun.pop(WAY_IN, None)
            self.finish(move.at, REPAIR, WHOLE)
        elif move.to_state == "withdrawn":
            self.begun = {}

    def finish(self, at: datetime, *stages: str) -> None:
        ended = [Run(stage, self.begun.pop(stage), at) for stage in stages if stage in self.begun]
        # A clock that was put back must not make a stage end before it began.
        self.latest = [run for run in ended if run.begin <= run.end]
        self.runs += self.latest

    def take_back(self) -> None:
        """The latest end was none: its stages go on."""
        for run in self.latest:
            self.runs.remove(run)
            self.begun[run.stage] = run.begin
        self.latest = []
