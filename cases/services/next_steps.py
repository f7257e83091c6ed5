"""What can be done with a case next, and what blocks it: the same rules, asked before instead of after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotAllowed
from cases.models import Case
from cases.rules.lifecycle import (
    APPROVED,
    DECIDE,
    EVIDENCE_REVIEW,
    IN_REPAIR,
    SUBMITTED,
    TRANSITIONS,
    CaseFacts,
    Rule,
    Unmet,
    unmet,
)
from cases.services._facts import facts_of
from cases.services._transition import forbid_own_purchase

LABELS: dict[str, Promise] = {
    "begin_review": _("Begin review"),
    "request_information": _("Ask for information"),
    "approve": _("Approve"),
    "deny": _("Deny"),
    "undo": _("Undo the decision"),
    "reopen": _("Reopen after an appeal"),
    "start_repair": _("Start the repair"),
    "send_back": _("Note the return"),
    "deliver_replacement": _("Note the replacement's delivery"),
    "return_unrepaired": _("Return unrepaired"),
    "reopen_return": _("Not delivered after all"),
    "withdraw": _("Withdraw"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One transition a face may offer. `unmet`: what blocks it today; `asks`: what its form has to supply.

    `overridable` is what keeps the review from beginning by itself, though a person may begin it with a reason.
    """

    name: str
    label: str | Promise
    permission_ok: bool
    unmet: tuple[Unmet, ...]
    is_primary: bool
    asks: tuple[str, ...] = ()
    overridable: tuple[Unmet, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether it would go through today, given a form filled in."""
        return self.permission_ok and not self.unmet


def transitions_for(case: Case, actor: Actor, now: datetime) -> list[Step]:
    """Every transition that leads on from where the case is, in the order of the policy, at most one of them primary.

    `unmet` leaves out what the person supplies with the form.
    """
    facts = facts_of(case, actor=actor, now=now)
    primary = _primary(facts)
    own = _is_own(case, actor)
    return [
        Step(
            name=rule.name,
            label=LABELS[rule.name],
            permission_ok=_allowed(rule, actor) and not (own and rule.permission == DECIDE),
            unmet=tuple(one for one in unmet(rule.name, facts, actor.kind) if not one.asked),
            is_primary=rule.name == primary,
            asks=rule.asks,
            overridable=unmet(rule.name, facts, "system") if rule.name == "begin_review" else (),
        )
        for rule in TRANSITIONS.values()
        if facts.state in rule.sources and actor.kind in rule.who
    ]


def _allowed(rule: Rule, actor: Actor) -> bool:
    return actor.kind == "customer" or actor.may(rule.permission)


def _is_own(case: Case, actor: Actor) -> bool:
    try:
        forbid_own_purchase(case, actor)
    except NotAllowed:
        return True
    return False


def _primary(facts: CaseFacts) -> str:
    """The one next step of a state; none where the case is over, or waits for somebody outside."""
    if facts.state == SUBMITTED:
        return "begin_review"
    if facts.state == EVIDENCE_REVIEW:
        return "deny" if facts.parts and facts.denied == facts.parts else "approve"
    if facts.state in (APPROVED, IN_REPAIR) and (facts.unrepaired_planned or facts.quote == "declined"):
        return "return_unrepaired"
    if facts.state == APPROVED:
        return "start_repair" if facts.repairs else "deliver_replacement"
    return "send_back" if facts.state == IN_REPAIR else ""
