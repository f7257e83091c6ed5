"""Decided cases asked again: which answer would they get from the clock as it stands now? (policy 3, last paragraph)

Nothing here changes a case. A correction moved a clock; the snapshot kept with each verdict says what was known then,
and the clock of today, as of the same submission day, says what is known now. Who may reopen a case decides the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import Prefetch, QuerySet

from cases.models import Case, ClaimedPart
from cases.models.case import State
from cases.rules.replaying import Answer, answer_again
from products.coverage import Clock
from products.models import PartVoid
from products.queries import clock_of
from products.written import written_date

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """A decided part that would be answered otherwise today. `because` says in words what moved."""

    case: Case
    claim: ClaimedPart
    answered: Answer
    would_answer: Answer
    because: str


def cases_whose_answer_would_change(part_ids: Iterable[int] | None = None) -> Iterator[Replayed]:
    """Every decided part whose answer the clock of today would change, oldest decision first, in constant memory.

    `part_ids` narrows it to the parts whose clock moved; None asks all. Goodwill stands whatever the clock says.
    Three queries for each 500 claims.
    """
    if part_ids is None:
        yield from _replayed(_decided())
        return
    wanted = iter(sorted(set(part_ids)))
    while some := list(islice(wanted, CHUNK)):
        yield from _replayed(_decided().filter(part_id__in=some))


def _decided() -> QuerySet[ClaimedPart]:
    """Claims under a decision in force, with what their clock is made of. A snapshot is written by a decision only."""
    return (
        ClaimedPart.objects.filter(case__decided_at__isnull=False, verdict__in=("covered", "denied"))
        .exclude(snapshot={})
        .exclude(case__state=State.WITHDRAWN)
        .select_related("case", "part__product", "reason")
        .prefetch_related("part__pauses", Prefetch("part__voids", PartVoid.objects.filter(lifted_at__isnull=True)))
        .order_by("pk")
    )


def _replayed(claims: QuerySet[ClaimedPart]) -> Iterator[Replayed]:
    for claim in claims.iterator(chunk_size=CHUNK):
        if claim.is_goodwill:
            continue
        now = clock_of(claim.part, claim.case.submitted_on)
        answered, would_answer = _answered(claim), _would_answer(claim, now)
        if answered != would_answer:
            yield Replayed(claim.case, claim, answered, would_answer, _because(claim, now))


def _answered(claim: ClaimedPart) -> Answer:
    if claim.verdict == ClaimedPart.Verdict.COVERED:
        return Answer("covered")
    return Answer("denied", claim.reason.code if claim.reason else "")


def _would_answer(claim: ClaimedPart, now: Clock) -> Answer:
    return answer_again(
        claim.snapshot["proposal"]["because"],
        submitted_on=claim.case.submitted_on,
        state=now.state,
        covered_through=now.covered_through,
        void_lifted=_void_lifted(claim),
    )


def _void_lifted(claim: ClaimedPart) -> bool:
    """Whether the part was void when it was decided, and is not any more. A void of the case itself came after."""
    others = [void for void in claim.part.voids.all() if void.case_reference != claim.case.reference]
    return bool(claim.snapshot["voided"]) and not others


def _because(claim: ClaimedPart, now: Clock) -> str:
    then = claim.snapshot["clock"]
    words = [f"The request is of {written_date(claim.case.submitted_on)}."]
    known, knows = _through(then["covered_through"]), _through(now.covered_through)
    if (then["state"], then["covered_through"]) != (now.state, _iso(now.covered_through)):
        words.append(f"The decision knew “{then['state']}, {known}”, the clock now says “{now.state}, {knows}”.")
    if _void_lifted(claim):
        words.append("The void it was denied for has been lifted.")
    return " ".join(words)


def _through(day: date | str | None) -> str:
    if day is None:
        return "away, no last day yet"
    return f"covered through {written_date(date.fromisoformat(day) if isinstance(day, str) else day)}"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
