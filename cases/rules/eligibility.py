"""Is this part covered, and why: the questions of policy 3, in its order, each part by itself.            [pure]

A proposal, never a decision: the first question that fails names the reason; while none fails but one has no
answer yet, the proposal is open; only when all are answered well it is "covered".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from products.written import written_date

Answer = Literal["yes", "no", "open"]
Verdict = Literal["covered", "denied", "open"]

# Every part can be voided for these (policy 3.4); motors for two more.
CAUSES = (
    "improper_assembly", "improper_use", "lack_of_maintenance", "improper_conditions",
    "external_factors",
)  # fmt: skip
MOTOR_CAUSES = ("motor_disassembled", "wrong_rated_current")
CLAUSES = {
    "not_ours": "7(a)", "expired": "2", "refunded": "2", "voided": "4", "improper_assembly": "4(a)",
    "improper_use": "4(b)", "lack_of_maintenance": "4(c)", "improper_conditions": "4(d)",
    "external_factors": "4(e)",
    "motor_disassembled": "5(a)", "wrong_rated_current": "5(b)", "wear": "8", "incomplete": "7",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What is known about one claimed part.

    `state_on_submission` is upcoming, covered, paused or expired; `cause` a code of the policy, None where none was
    seen; `still_missing` out of lifecycle.MATERIAL; `asked_for` those of them the customer was asked for.
    """

    category: Literal["standard", "motor", "consumable"]
    invoice_known: bool
    on_invoice: bool
    serial_belongs: bool
    submitted_on: date
    state_on_submission: str
    covered_through: date | None
    is_voided: bool
    cause_recorded: bool
    cause: str | None
    defect_found: bool
    still_missing: tuple[str, ...] = ()
    asked_for: tuple[str, ...] = ()
    refunded_on: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One question and its answer. `reason_code` is the reason a "no" gives; `clause` where the policy says so."""

    code: str
    answer: Answer
    words: str
    clause: str
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the facts say. `reason_code` is empty unless denied; `because` holds every question, in order."""

    verdict: Verdict
    reason_code: str
    because: tuple[Step, ...]
    sentence: str


def propose(facts: ClaimFacts) -> Proposal:
    """The proposal that follows from the facts. ValueError for a cause the part's category cannot have."""
    if not cause_fits(facts.cause, facts.category):
        raise ValueError(f"cause: {facts.cause} is for motors only")
    steps = tuple(_steps(facts))
    failed = next((step for step in steps if step.answer == "no"), None)
    if failed is not None:
        return Proposal("denied", failed.reason_code, steps, f"Not covered: {failed.words} (clause {failed.clause}).")
    unanswered = [step.words for step in steps if step.answer == "open"]
    if unanswered:
        return Proposal("open", "", steps, f"Open: {'; '.join(unanswered)}.")
    return Proposal("covered", "", steps, _covered_sentence(facts))


def cause_fits(cause: str | None, category: str) -> bool:
    """Whether a part of that category can have that cause: the motor causes are for motors only."""
    return cause not in MOTOR_CAUSES or category == "motor"


def _steps(facts: ClaimFacts) -> Iterator[Step]:
    yield _ours(facts)
    yield _in_time(facts)
    if facts.refunded_on is not None:
        yield _not_refunded(facts, facts.refunded_on)
    yield _not_voided(facts)
    yield _cause(facts)
    if facts.category == "consumable":
        yield _not_wear(facts)
    yield _complete(facts)


def _ours(facts: ClaimFacts) -> Step:
    clause = CLAUSES["not_ours"]
    if not facts.invoice_known:
        return Step("ours", "no", "no invoice of ours is known", clause, "not_ours")
    if not facts.on_invoice:
        return Step("ours", "no", "the part is not on the invoice", clause, "not_ours")
    if not facts.serial_belongs:
        return Step("ours", "no", "the serial number does not belong to the product", clause, "not_ours")
    return Step("ours", "yes", "invoice and serial number belong together", clause)


def _in_time(facts: ClaimFacts) -> Step:
    clause, day = CLAUSES["expired"], written_date(facts.submitted_on)
    if facts.state_on_submission == "paused":
        return Step("in_time", "yes", f"the clock stood still on {day}, the day of the request", clause)
    if facts.state_on_submission == "covered":
        until = f", covered through {written_date(facts.covered_through)}" if facts.covered_through else ""
        return Step("in_time", "yes", f"requested on {day}{until}", clause)
    if facts.state_on_submission == "upcoming":
        return Step("in_time", "no", f"requested on {day}, before the cover began", clause, "expired")
    until = f", covered only through {written_date(facts.covered_through)}" if facts.covered_through else ""
    return Step("in_time", "no", f"requested on {day}{until}", clause, "expired")


def _not_refunded(facts: ClaimFacts, refunded_on: date) -> Step:
    """Asked of a refunded piece only: its cover ended with the day of the refund (decision 0011)."""
    clause, day = CLAUSES["refunded"], written_date(refunded_on)
    if facts.submitted_on <= refunded_on:
        return Step("not_refunded", "yes", f"requested before the purchase was refunded on {day}", clause)
    return Step("not_refunded", "no", f"the purchase was refunded on {day}, and the cover ended", clause, "refunded")


def _not_voided(facts: ClaimFacts) -> Step:
    if facts.is_voided:
        return Step("not_voided", "no", "the warranty of this part is void already", CLAUSES["voided"], "voided")
    return Step("not_voided", "yes", "not void", CLAUSES["voided"])


def _cause(facts: ClaimFacts) -> Step:
    if facts.cause is not None:
        clause = CLAUSES.get(facts.cause, "4")
        return Step("cause", "no", f"cause seen: {facts.cause.replace('_', ' ')}", clause, facts.cause)
    if not facts.cause_recorded:
        return Step("cause", "open", "nobody has recorded the cause yet", "4")
    return Step("cause", "yes", "no cause seen that would void the warranty", "4")


def _not_wear(facts: ClaimFacts) -> Step:
    if facts.defect_found:
        return Step("not_wear", "yes", "a consumable with a defect in materials or production", CLAUSES["wear"])
    return Step("not_wear", "no", "a consumable, and no defect is recorded", CLAUSES["wear"], "wear")


def _complete(facts: ClaimFacts) -> Step:
    missing = ", ".join(facts.still_missing)
    if not facts.still_missing:
        return Step("complete", "yes", "the request is complete", CLAUSES["incomplete"])
    if set(facts.still_missing) <= set(facts.asked_for):
        return Step("complete", "no", f"still missing after we asked: {missing}", CLAUSES["incomplete"], "incomplete")
    return Step("complete", "open", f"missing, and not asked for yet: {missing}", CLAUSES["incomplete"])


def _covered_sentence(facts: ClaimFacts) -> str:
    time = _in_time(facts).words
    if facts.category == "consumable":
        return f"Covered: {time}; a defect in materials or production is recorded."
    return f"Covered: {time}; no cause seen that would void the warranty."
