"""The words the rules of the lifecycle are written in: states, what is known of a case, and what is unmet.   [pure]"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["staff", "customer", "system"]
QuoteStanding = Literal["cleared", "unsent", "unanswered", "declined"]

SUBMITTED, EVIDENCE_REVIEW, APPROVED, DENIED = "submitted", "evidence_review", "approved", "denied"
IN_REPAIR, RETURNED, WITHDRAWN = "in_repair", "returned", "withdrawn"

# What a complete request holds, in the order in which it is asked for.
MATERIAL = ("invoice", "serial", "part", "description", "evidence")
WITHDRAWAL_REASONS = ("withdrawn", "duplicate", "not_a_request")


@dataclass(frozen=True, slots=True)
class Unmet:
    """One thing in the way. `asked`: the person doing it supplies this themselves, with the same form."""

    code: str
    message: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What came along with the request for a transition. `proof` is a kind of proof that holds, or empty."""

    why: str = ""
    missing: tuple[str, ...] = ()
    proof: Literal["", "tracked", "staff", "nothing_sent"] = ""
    beyond_repair: bool = False
    withdrawal: str = ""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All a rule may know about one case. Counts are of claimed parts, `overtaken` and `unrecorded` labels of parts."""

    state: str
    missing: tuple[str, ...] = ()
    asked: bool = False
    new_material: bool = False
    parts: int = 0
    undecided: int = 0
    covered: int = 0
    denied: int = 0
    unresolved: int = 0
    unreasoned: int = 0
    overtaken: tuple[str, ...] = ()
    repairs: int = 0
    unrecorded: tuple[str, ...] = ()
    quote: QuoteStanding = "cleared"
    decision_mail_left: bool = False
    by_decider: bool = False
    new_evidence: bool = False
    unrepaired_planned: bool = False
    given: Given = field(default_factory=Given)
