"""The decision on a whole case, the question before it, and the ways back (policy 3 and 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, ClaimedPart, Message, OutgoingMail
from cases.outbox.composing import cancel_mail
from cases.outbox.decision import drop_letter, fingerprint, keep_letter, preview
from cases.reference import parse_reference
from cases.rules.lifecycle import MATERIAL, WITHDRAWAL_REASONS, Given, Unmet
from cases.services._facts import decision_mails, missing_of
from cases.services._proposing import claims_of, proposal_of, proposals_of
from cases.services._snapshot import seal, sealed_by
from cases.services._transition import check, locked_case, move, refuse
from cases.services.judging import clear_verdict, decide_part, forget_verdict, record_finding, verdict_data
from products import services as products
from products.models import PartVoid, VoidReason

__all__ = [
    "approve",
    "begin_review",
    "clear_verdict",
    "decide_part",
    "deny",
    "proposal_of",
    "proposals_of",
    "record_finding",
    "reopen",
    "request_information",
    "undo",
    "withdraw",
]


@transaction.atomic
def begin_review(case_id: int, *, why: str = "", actor: Actor, now: datetime) -> Case:
    """Begin the review by hand, with a reason, also where something is missing."""
    case = locked_case(case_id)
    return move(
        case,
        "begin_review",
        actor=actor,
        now=now,
        why=why,
        given=Given(why=why),
        data={"missing": missing_of(case)},
    )


@transaction.atomic
def request_information(case_id: int, *, missing: Sequence[str], words: str = "", actor: Actor, now: datetime) -> Case:
    """Ask the customer for what is missing (codes of MATERIAL), and in these words beside it.

    The response clock stops until something new arrives.
    """
    asked = tuple(code for code in MATERIAL if code in missing)
    if set(missing) - set(asked):
        raise NotPossible(_("Choose what is missing from the list."), field="missing", code="unknown_material")
    case = locked_case(case_id)
    given = Given(missing=asked)
    check(case, "request_information", actor=actor, now=now, given=given)
    message = _said(case, words, actor, now) if words.strip() else None
    return move(
        case,
        "request_information",
        actor=actor,
        now=now,
        given=given,
        data={"missing": list(asked), "message": message.pk if message else None},
        changes={"information_asked_at": now, "information_missing": list(asked)},
    )


@transaction.atomic
def approve(case_id: int, *, seen: str = "", actor: Actor, now: datetime) -> Case:
    """Tell the decision: at least one part is covered. The mail leaves after the time to undo.

    `seen` is the fingerprint of the mail as it was read before: Stale where it would say something else by now.
    """
    return _decide(locked_case(case_id), "approve", seen, actor, now)


@transaction.atomic
def deny(case_id: int, *, seen: str = "", actor: Actor, now: datetime) -> Case:
    """Tell the decision: no part is covered. The mail leaves after the time to undo. `seen` as for `approve`."""
    return _decide(locked_case(case_id), "deny", seen, actor, now)


@transaction.atomic
def undo(case_id: int, *, actor: Actor, now: datetime) -> Case:
    """Take the decision back as if it had not been made, while its mail has not left; the verdicts stay as a draft."""
    case = locked_case(case_id)
    mails = decision_mails(case)

    def effects() -> dict[str, Any]:
        _hold_back(case, mails)
        drop_letter(case, decided_at)
        claims = sealed_by(case, decided_at)
        lifted = _lift_voids(case, claims, f"The decision on {case.reference} was undone.", actor, now)
        for claim in claims:
            claim.snapshot = {}
            claim.save(update_fields=["snapshot"])
        return {"mail": mails[0].pk if mails else None, "lifted": lifted}

    decided_at = case.decided_at
    return move(case, "undo", actor=actor, now=now, changes=_UNDECIDED, effects=effects)


@transaction.atomic
def reopen(case_id: int, *, why: str = "", actor: Actor, now: datetime) -> Case:
    """An appeal: the denied parts become undecided again, the covered ones stay as they were told."""
    case = locked_case(case_id)

    def effects() -> dict[str, Any]:
        denied = [claim for claim in claims_of(case) if claim.verdict == ClaimedPart.Verdict.DENIED]
        lifted = _lift_voids(case, denied, why.strip() or f"{case.reference} was reopened.", actor, now)
        for claim in denied:
            forget_verdict(claim)
        return {"cleared": [claim.pk for claim in denied], "lifted": lifted}

    given = Given(why=why)
    return move(case, "reopen", actor=actor, now=now, why=why, given=given, changes=_UNDECIDED, effects=effects)


@transaction.atomic
def withdraw(
    case_id: int,
    *,
    why: str = "",
    reason: Literal["", "withdrawn", "duplicate", "not_a_request"] = "",
    duplicate_of: str = "",
    actor: Actor,
    now: datetime,
) -> Case:
    """End a case without a decision. A duplicate names the reference of the case it repeats."""
    case = locked_case(case_id)
    if reason and reason not in WITHDRAWAL_REASONS:
        raise NotPossible(_("Choose one of the reasons."), field="reason", code="unknown_reason")
    given = Given(why=why, withdrawal=reason)
    check(case, "withdraw", actor=actor, now=now, given=given)
    original = _original(case, duplicate_of) if reason == "duplicate" else ""
    data = {"reason": reason or "withdrawn", "duplicate_of": original}
    return move(case, "withdraw", actor=actor, now=now, why=why, given=given, data=data)


_UNDECIDED = {"decided_at": None, "decided_by": None}


def _said(case: Case, words: str, actor: Actor, now: datetime) -> Message:
    return Message.objects.create(
        case=case, direction=Message.Direction.OUT, author=actor.user, text=words.strip(), at=now
    )


def _decide(case: Case, name: str, seen: str, actor: Actor, now: datetime) -> Case:
    """One decision: what was known is kept with every verdict, and a void reason voids its part and no other."""

    def effects() -> dict[str, Any]:
        claims = seal(case, now)
        voided = [claim.part_id for claim in claims if _void(case, claim, actor, now)]
        return {"claims": [verdict_data(claim) for claim in claims], "voided": voided}

    _refuse_unread(case, seen, now)
    changes = {"decided_at": now, "decided_by": actor.user}
    decided = move(case, name, actor=actor, now=now, changes=changes, effects=effects)
    keep_letter(decided, at=now, by=actor.user)
    return decided


def _refuse_unread(case: Case, seen: str, now: datetime) -> None:
    """Nobody sends other words than they have read: a colleague may have changed a verdict meanwhile."""
    would_say = preview(case, now) if seen else None
    if would_say is not None and fingerprint(would_say) != seen:
        raise Stale(
            _("The mail would say something else than what you have read: somebody changed an answer. Read it again."),
            code="letter_changed",
        )


def _void(case: Case, claim: ClaimedPart, actor: Actor, now: datetime) -> bool:
    if claim.reason is None or claim.reason.effect != VoidReason.Effect.VOID:
        return False
    products.void_part(
        claim.part_id, reason_code=claim.reason.code, case_reference=case.reference, actor=actor.user, now=now
    )
    return True


def _hold_back(case: Case, mails: Sequence[OutgoingMail]) -> None:
    """Keep the decision mail from leaving. The sender may take it at this very moment: then it is too late."""
    if not all(cancel_mail(mail) for mail in mails):
        refuse(case, "undo", (Unmet("mail_left", "The decision mail has just left: an appeal can reopen the case"),))


def _lift_voids(case: Case, claims: Sequence[ClaimedPart], why: str, actor: Actor, now: datetime) -> list[int]:
    """Lift what this case voided, and nothing that another one did."""
    part_ids = [claim.part_id for claim in claims]
    voids = PartVoid.objects.filter(
        part_id__in=part_ids, case_reference=case.reference, lifted_at__isnull=True
    ).values_list("part_id", flat=True)
    lifted = sorted(voids)
    for part_id in lifted:
        products.lift_void(part_id, why=why, actor=actor.user, now=now)
    return lifted


def _original(case: Case, written: str) -> str:
    reference = parse_reference(written)
    if reference == case.reference or not Case.objects.filter(reference=reference).exists():
        raise NotPossible(
            _("Name the other case this one repeats, by its reference."), field="duplicate_of", code="no_such_case"
        )
    return reference or ""
