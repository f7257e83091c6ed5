"""The answer a part would get if only its clock had been known better: the other questions stay as answered.  [pure]"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from cases.rules.eligibility import ClaimFacts, Step, propose

Verdict = Literal["covered", "denied", "open"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as codes. `reason_code` is empty unless denied; `open` waits for a person's finding."""

    verdict: Verdict
    reason_code: str = ""


def answer_again(
    because: Iterable[Mapping[str, Any]],
    *,
    submitted_on: date,
    state: str,
    covered_through: date | None,
    void_lifted: bool = False,
) -> Answer:
    """What follows from the questions as a snapshot holds them, with "in time?" asked anew (policy 3).

    `void_lifted`: the void the part was denied for has been lifted since.
    """
    steps = [Step(**step) for step in because]
    anew = {"in_time": _in_time(submitted_on, state, covered_through)}
    if void_lifted:
        anew["not_voided"] = Step("not_voided", "yes", "not void", "")
    answered = [anew.get(step.code, step) for step in steps]
    failed = next((step for step in answered if step.answer == "no"), None)
    if failed is not None:
        return Answer("denied", failed.reason_code)
    return Answer("open" if any(step.answer == "open" for step in answered) else "covered")


def _in_time(submitted_on: date, state: str, covered_through: date | None) -> Step:
    facts = ClaimFacts(
        category="standard",
        invoice_known=True,
        on_invoice=True,
        serial_belongs=True,
        submitted_on=submitted_on,
        state_on_submission=state,
        covered_through=covered_through,
        is_voided=False,
        cause_recorded=True,
        cause=None,
        defect_found=False,
    )
    return next(step for step in propose(facts).because if step.code == "in_time")
