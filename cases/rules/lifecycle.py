"""Every transition of a case, in one table: from where, to where, by whom, and what it requires (policy 5).   [pure]

The finite state machine on the model says the same about states; a test proves that the two agree. What the machine
cannot say is here: in words, everything that still stands in the way, all at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.rules.facts import (
    APPROVED,
    DENIED,
    EVIDENCE_REVIEW,
    IN_REPAIR,
    MATERIAL,
    RETURNED,
    SUBMITTED,
    WITHDRAWAL_REASONS,
    WITHDRAWN,
    ActorKind,
    CaseFacts,
    Given,
    QuoteStanding,
    Unmet,
)
from cases.rules.requirements import REQUIREMENTS, missing_words

__all__ = [
    "APPROVED",
    "DECIDE",
    "DENIED",
    "EVIDENCE_REVIEW",
    "HANDLE",
    "IN_REPAIR",
    "MATERIAL",
    "RETURNED",
    "SUBMITTED",
    "TRANSITIONS",
    "WITHDRAWAL_REASONS",
    "WITHDRAWN",
    "ActorKind",
    "CaseFacts",
    "Given",
    "QuoteStanding",
    "Rule",
    "Unmet",
    "missing_words",
    "unmet",
    "wrong_state",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `asks` names what the person supplies: why, missing, proof, beyond_repair, withdrawal."""

    name: str
    sources: tuple[str, ...]
    target: str
    who: tuple[ActorKind, ...]
    permission: str
    requires: tuple[str, ...]
    asks: tuple[str, ...] = ()


HANDLE, DECIDE = "cases.handle_case", "cases.decide_case"

_TABLE = (
    Rule(
        "begin_review", (SUBMITTED,), EVIDENCE_REVIEW, ("system", "staff"), HANDLE, ("complete_or_reason",), ("why",)
    ),
    Rule(
        "request_information", (EVIDENCE_REVIEW,), SUBMITTED, ("staff",), HANDLE, ("says_what_is_missing",),
        ("missing", "words"),
    ),
    Rule("approve", (EVIDENCE_REVIEW,), APPROVED, ("staff",), DECIDE, ("all_decided", "one_covered", "all_resolved")),
    Rule("deny", (EVIDENCE_REVIEW,), DENIED, ("staff",), DECIDE, ("all_decided", "none_covered", "all_reasoned")),
    Rule("undo", (APPROVED, DENIED), EVIDENCE_REVIEW, ("staff",), DECIDE, ("by_decider", "decision_mail_waits")),
    Rule(
        "reopen", (DENIED, APPROVED, RETURNED), EVIDENCE_REVIEW, ("staff",), HANDLE, ("something_denied", "appeal"),
        ("why",),
    ),
    Rule(
        "start_repair", (APPROVED,), IN_REPAIR, ("system", "staff"), HANDLE,
        ("something_to_repair", "quote_cleared", "arrival"), ("proof",),
    ),
    Rule("send_back", (IN_REPAIR,), RETURNED, ("system", "staff"), HANDLE, ("delivery",), ("proof",)),
    Rule(
        "deliver_replacement", (APPROVED,), RETURNED, ("system", "staff"), HANDLE,
        ("nothing_to_repair", "serials_recorded", "quote_cleared", "delivery"), ("proof",),
    ),
    Rule(
        "return_unrepaired", (APPROVED, IN_REPAIR), RETURNED, ("system", "staff"), HANDLE,
        ("repair_ended", "reason_to_return", "delivery_or_nothing_sent"), ("why", "beyond_repair", "proof"),
    ),
    Rule("reopen_return", (RETURNED,), IN_REPAIR, ("system", "staff"), HANDLE, ("reason",), ("why",)),
    Rule(
        "withdraw", (SUBMITTED, EVIDENCE_REVIEW, APPROVED), WITHDRAWN, ("customer", "staff"), HANDLE,
        ("withdrawal",), ("withdrawal", "why"),
    ),
)  # fmt: skip
TRANSITIONS: dict[str, Rule] = {rule.name: rule for rule in _TABLE}

_STATE_WORDS = {
    SUBMITTED: "submitted",
    EVIDENCE_REVIEW: "under review",
    APPROVED: "approved",
    DENIED: "denied",
    IN_REPAIR: "in repair",
    RETURNED: "returned",
    WITHDRAWN: "withdrawn",
}


def unmet(name: str, facts: CaseFacts, actor_kind: ActorKind) -> tuple[Unmet, ...]:
    """Everything in the way of transition `name`, () when nothing is. KeyError for a transition that does not exist.

    In a wrong state, or for a wrong kind of actor, that alone is told: the rest is asked only where it could help.
    """
    rule = TRANSITIONS[name]
    if facts.state not in rule.sources:
        return (wrong_state(facts.state, rule.sources),)
    if actor_kind not in rule.who:
        return (Unmet("who", "Only a person of the staff may do this"),)
    return tuple(found for requirement in rule.requires for found in REQUIREMENTS[requirement](facts, actor_kind))


def wrong_state(state: str, needed: Iterable[str]) -> Unmet:
    """That something is not possible in `state`, and in which it would be."""
    words = " or ".join(_STATE_WORDS[one] for one in needed)
    return Unmet("state", f"Not possible while the case is {_STATE_WORDS[state]}: it would have to be {words}")
