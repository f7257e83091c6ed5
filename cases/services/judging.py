"""What the reviewer saw, and the verdict on each claimed part by itself (policy 3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, CaseEvent, ClaimedPart
from cases.models.case import State
from cases.rules.eligibility import Proposal, cause_fits
from cases.rules.lifecycle import DECIDE, Unmet
from cases.services._proposing import proposal_of
from cases.services._transition import allow, forbid_own_purchase, locked_claim, record, refuse, require_state, save
from products.models import VoidReason

GOODWILL = "cases.grant_goodwill"
NONE_SEEN = "none"


@transaction.atomic
def record_finding(
    claim_id: int,
    *,
    cause_code: str | None,
    defect_found: bool = False,
    finding: str = "",
    actor: Actor,
    now: datetime,
) -> ClaimedPart:
    """Note what was seen. `cause_code` is a void reason, "none" for "looked, and none seen", None for "not looked yet".

    A defect needs its finding in words. Refused for a cause the part cannot have, and once the part is decided.
    """
    case, claim = _claim_under_review(claim_id, actor, "record_finding")
    _refuse_if_decided(claim)
    cause = _cause(claim, cause_code)
    if defect_found and not finding.strip():
        raise NotPossible(_("Describe the defect that was found."), field="finding", code="finding_missing")
    before = (claim.cause_recorded, claim.cause, claim.defect_found, claim.finding)
    claim.cause_recorded, claim.cause = cause_code is not None, cause
    claim.defect_found, claim.finding = defect_found, finding.strip()
    if before == (claim.cause_recorded, claim.cause, claim.defect_found, claim.finding):
        raise Stale(_("This finding is recorded already."), code="unchanged")
    claim.save(update_fields=["cause_recorded", "cause", "defect_found", "finding"])
    data = {"claim": claim.pk, "cause": cause_code, "defect_found": defect_found}
    _tell(case, "finding_recorded", actor, now, data)
    return claim


@transaction.atomic
def decide_part(
    claim_id: int,
    *,
    verdict: Literal["covered", "denied"],
    reason_code: str = "",
    resolution: Literal["", "repair", "replacement"] = "",
    words: str = "",
    goodwill_reason: str = "",
    actor: Actor,
    now: datetime,
) -> ClaimedPart:
    """Decide one part. Denying follows the proposal, whose reason it names; naming a void cause records that cause.

    Covering against the proposal is goodwill: it needs its own permission and a written reason. What cannot be
    proposed yet, because nobody looked for the cause, cannot be decided yet.
    """
    case, claim = _claim_under_review(claim_id, actor, "decide_part")
    _refuse_if_decided(claim)
    if not claim.confirmed:
        raise NotPossible(_("This part is only a guess: confirm it first."), code="unconfirmed")
    if verdict == "denied":
        _deny(case, claim, reason_code)
    elif verdict == "covered":
        _cover(case, claim, resolution, goodwill_reason.strip(), actor)
    else:
        raise NotPossible(_("Choose covered or not covered."), field="verdict", code="unknown_verdict")
    claim.words, claim.decided_by, claim.decided_at = words.strip(), actor.user, now
    claim.save()
    _tell(case, "decided", actor, now, verdict_data(claim))
    return claim


@transaction.atomic
def clear_verdict(claim_id: int, *, actor: Actor, now: datetime) -> ClaimedPart:
    """Take the verdict on one part back while the case is under review; what was found stays recorded."""
    case, claim = _claim_under_review(claim_id, actor, "clear_verdict")
    if claim.verdict == ClaimedPart.Verdict.UNDECIDED:
        raise Stale(_("This part is undecided."), code="unchanged")
    if claim.snapshot:
        raise NotPossible(
            _("This part was covered by an earlier decision, which was told to the customer: it stays."), code="settled"
        )
    forget_verdict(claim)
    _tell(case, "cleared", actor, now, {"claim": claim.pk})
    return claim


def forget_verdict(claim: ClaimedPart) -> None:
    """Make a claimed part undecided again, with nothing left of its decision."""
    claim.verdict, claim.reason, claim.resolution = ClaimedPart.Verdict.UNDECIDED, None, ""
    claim.words = claim.goodwill_reason = ""
    claim.decided_by, claim.decided_at, claim.snapshot = None, None, {}
    claim.save()


def verdict_data(claim: ClaimedPart) -> dict[str, Any]:
    """A verdict as codes, for the timeline."""
    return {
        "claim": claim.pk,
        "verdict": claim.verdict,
        "reason": claim.reason.code if claim.reason else "",
        "resolution": claim.resolution,
        "goodwill": claim.is_goodwill,
    }


def _claim_under_review(claim_id: int, actor: Actor, doing: str) -> tuple[Case, ClaimedPart]:
    if actor.kind != "staff":
        actor = Actor.customer()  # the desk never decides by itself
    actor.require(DECIDE)
    case, claim = locked_claim(claim_id)
    forbid_own_purchase(case, actor)
    require_state(case, (State.EVIDENCE_REVIEW,), doing=doing)
    return case, claim


def _refuse_if_decided(claim: ClaimedPart) -> None:
    if claim.verdict != ClaimedPart.Verdict.UNDECIDED:
        raise Stale(_("This part is decided already: clear its verdict to change anything."), code="decided")


def _cause(claim: ClaimedPart, code: str | None) -> VoidReason | None:
    if code in (None, NONE_SEEN):
        return None
    cause = VoidReason.objects.filter(code=code, effect=VoidReason.Effect.VOID).first()
    if cause is None:
        raise NotPossible(_("Choose one of the causes of the policy."), field="cause_code", code="unknown_cause")
    if not cause_fits(cause.code, claim.part.category):
        raise NotPossible(
            _("“%(cause)s” is for motors only, and %(part)s is not one.")
            % {"cause": cause.title, "part": claim.part.label},
            field="cause_code",
            code="motors_only",
        )
    return cause


def _deny(case: Case, claim: ClaimedPart, reason_code: str) -> None:
    reason = VoidReason.objects.filter(code=reason_code).first()
    if reason is None:
        raise NotPossible(_("Choose the reason for the denial."), field="reason_code", code="unknown_reason")
    if reason.effect == VoidReason.Effect.VOID:
        claim.cause_recorded, claim.cause = True, _cause(claim, reason.code)
    proposal = proposal_of(claim)
    if proposal.reason_code != reason.code:
        _refuse_reason(case, proposal)
    claim.verdict, claim.reason = ClaimedPart.Verdict.DENIED, reason


def _refuse_reason(case: Case, proposal: Proposal) -> None:
    """The first question that fails names the reason (policy 3); a denial for anything else would not hold."""
    words = f"This reason does not follow from what is recorded. {proposal.sentence.rstrip('.')}"
    refuse(case, "decide_part", (Unmet("reason_does_not_follow", words),))


def _cover(case: Case, claim: ClaimedPart, resolution: str, goodwill: str, actor: Actor) -> None:
    if resolution not in ClaimedPart.Resolution.values:
        raise NotPossible(_("Choose repair or replacement."), field="resolution", code="unresolved")
    proposal = proposal_of(claim)
    if proposal.verdict == "covered":
        _refuse_needless_goodwill(goodwill)
    else:
        _check_goodwill(case, claim, proposal, goodwill, actor)
    claim.verdict, claim.resolution, claim.goodwill_reason = ClaimedPart.Verdict.COVERED, resolution, goodwill


def _refuse_needless_goodwill(goodwill: str) -> None:
    if goodwill:
        raise NotPossible(
            _("This part is covered as it is: it is not goodwill."), field="goodwill_reason", code="no_goodwill_needed"
        )


def _check_goodwill(case: Case, claim: ClaimedPart, proposal: Proposal, goodwill: str, actor: Actor) -> None:
    if proposal.verdict == "open" and not claim.cause_recorded:
        refuse(case, "decide_part", (Unmet("cause_unrecorded", "Nobody has recorded the cause yet"),))
    if not goodwill:
        raise NotPossible(
            _("%(proposal)s Covering it all the same is goodwill, and needs a written reason.")
            % {"proposal": proposal.sentence},
            field="goodwill_reason",
            code="goodwill_reason_missing",
        )
    allow(actor, GOODWILL)


def _tell(case: Case, name: str, actor: Actor, now: datetime, data: dict[str, Any]) -> None:
    # No mail follows a single verdict: the customer hears of the decision as a whole.
    save(case, now)
    record(case, CaseEvent.Kind.VERDICT, name, actor=actor, now=now, data=data)
