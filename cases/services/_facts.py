"""What the rules need to know about a case, read with a handful of queries: only those its state asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from cases.actors import Actor
from cases.models import Case, ClaimedPart, OutgoingMail, Quote
from cases.models.case import State
from cases.rows_of_case import rows_of_case
from cases.rules.lifecycle import MATERIAL, CaseFacts, Given, QuoteStanding
from cases.services._known import known
from cases.services._proposing import has_files, overtaken_labels
from cases.services._timeline import (
    ARRIVED_EVIDENCE,
    ARRIVED_MESSAGE,
    TOLD_BY_CUSTOMER,
    came_since,
    last_question,
    last_transition,
    unrepaired_plan,
)
from products.models import SerialChange
from products.written_once import WrittenOnce

_COUNTED = ("case_id", "confirmed", "verdict", "resolution", "reason_id")
_WORKING = (State.APPROVED, State.IN_REPAIR)
_AFTER_DECISION = (State.APPROVED, State.DENIED, State.RETURNED)


def facts_of(case: Case, *, actor: Actor, now: datetime, given: Given | None = None) -> CaseFacts:
    """Everything a transition from the state this case is in may ask about."""
    facts = CaseFacts(state=case.state, given=given or Given())
    if case.state == State.SUBMITTED:
        return replace(facts, **_material(case))
    facts = replace(facts, **_verdicts(case))
    if case.state in _WORKING:
        facts = replace(facts, **_work(case))
    if case.state in _AFTER_DECISION:
        facts = replace(facts, **_decision(case, actor, now))
    return facts


def missing_of(case: Case) -> list[str]:
    """What a complete request still lacks: codes out of invoice, serial, part, description, evidence, in this order.

    A claim nobody has confirmed is a guess, so the part is missing while there is one.
    """
    claims = _claims(case)
    part_is_sure = bool(claims) and all(claim.confirmed for claim in claims)
    return lacking(case, part_is_sure=part_is_sure, evidence=has_files(case))


def lacking(case: Case, *, part_is_sure: bool, evidence: bool) -> list[str]:
    """`missing_of` where the claims and the files are known already. No query."""
    there = {
        "invoice": case.invoice_id is not None,
        "serial": case.unit_id is not None,
        "part": part_is_sure,
        "description": bool(case.description.strip()),
        "evidence": evidence,
    }
    return [code for code in MATERIAL if not there[code]]


def has_new_material(case: Case) -> bool:
    """Whether anything arrived from outside since the customer was last asked. False where nobody ever asked."""
    asked = last_question(case)
    arrived = ARRIVED_MESSAGE | ARRIVED_EVIDENCE | TOLD_BY_CUSTOMER
    return asked is not None and came_since(case, asked, arrived)


def has_new_evidence(case: Case) -> bool:
    """Whether evidence was added after the last decision."""
    decided = last_transition(case, "approve", "deny")
    return decided is not None and came_since(case, decided, ARRIVED_EVIDENCE)


def quote_in_force(case: Case) -> Quote | None:
    """The quote that counts, or None where nothing was quoted."""
    quotes = known(case, "quotes")
    if quotes is None:
        quotes = rows_of_case(case, _QUOTES)
    return next((quote for quote in quotes if quote.superseded_at is None), None)


def quote_standing(case: Case) -> QuoteStanding:
    """Whether the quote allows work: no quote, no lines or a total of zero need no answer (policy 4)."""
    quote = quote_in_force(case)
    if quote is None or quote.answer == Quote.Answer.ACCEPTED:
        return "cleared"
    if quote.answer == Quote.Answer.DECLINED:
        return "declined"
    if not total_of(quote):
        return "cleared"
    return "unanswered" if quote.sent_at else "unsent"


def total_of(quote: Quote) -> Decimal:
    """The sum of its lines, in its currency."""
    # Added up here: SQLite would add decimals as floats.
    return sum((line.amount for line in quote.lines.all()), Decimal("0.00"))


def decision_mails(case: Case) -> Sequence[OutgoingMail]:
    """The mails that tell the decision now in force, without those held back in time."""
    if case.decided_at is None:
        return []
    decided, cancelled, mails = case.decided_at, OutgoingMail.Status.CANCELLED, known(case, "outgoing_mails")
    if mails is None:
        return list(case.outgoing_mails.filter(kind="decision", created_at__gte=decided).exclude(status=cancelled))
    told = [mail for mail in mails if mail.kind == "decision" and mail.created_at >= decided]
    return [mail for mail in told if mail.status != cancelled]


def _material(case: Case) -> dict[str, Any]:
    return {
        "missing": tuple(missing_of(case)),
        "asked": case.information_asked_at is not None,
        "new_material": has_new_material(case),
    }


def _verdicts(case: Case) -> dict[str, Any]:
    claims = _claims(case)
    covered = [claim for claim in claims if claim.verdict == ClaimedPart.Verdict.COVERED]
    denied = [claim for claim in claims if claim.verdict == ClaimedPart.Verdict.DENIED]
    counted: dict[str, Any] = {
        "parts": len(claims),
        "undecided": len(claims) - len(covered) - len(denied),
        "covered": len(covered),
        "denied": len(denied),
        "unresolved": sum(not claim.resolution for claim in covered),
        "unreasoned": sum(claim.reason_id is None for claim in denied),
        "repairs": sum(claim.resolution == ClaimedPart.Resolution.REPAIR for claim in covered),
    }
    if case.state == State.EVIDENCE_REVIEW and counted["parts"] > counted["undecided"]:
        counted["overtaken"] = tuple(overtaken_labels(case))
    return counted


def _work(case: Case) -> dict[str, Any]:
    return {
        "quote": quote_standing(case),
        "unrecorded": tuple(_replacements_without_serial(case)),
        "unrepaired_planned": unrepaired_plan(case) is not None,
    }


def _replacements_without_serial(case: Case) -> list[str]:
    """Labels of the parts to be replaced whose new serial number is not recorded; a lot has none (policy 1.7)."""
    if (rows := known(case, "claimed_parts")) is not None:
        return [claim.part.label for claim in rows if _lacks_serial(claim)]
    claims = _UNRECORDED.ask(case=case.pk, reference=case.reference).fetched()
    return [claim.part.label for claim in claims]


def _lacks_serial(claim: ClaimedPart) -> bool:
    if claim.resolution != ClaimedPart.Resolution.REPLACEMENT or claim.part.is_lot:
        return False
    changes = claim.part.serial_changes.all()
    return all(change.case_reference != claim.case.reference for change in changes)


def _claims(case: Case) -> Sequence[ClaimedPart]:
    """The claimed parts with what is counted of them."""
    claims = known(case, "claimed_parts")
    return _CLAIMS.ask(case=case.pk).fetched() if claims is None else list(claims)


def _decision(case: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    if case.decided_at is None:
        return {"decision_mail_left": True, "new_evidence": has_new_evidence(case)}
    mails = decision_mails(case)
    left = any(mail.status != OutgoingMail.Status.QUEUED for mail in mails)
    # Nobody to write to, or the cap was reached: the time to think again is the same, with or without a mail.
    over = not mails and now > case.decided_at + timedelta(seconds=settings.UNDO_SECONDS)
    return {
        "decision_mail_left": left or over,
        "by_decider": actor.user is not None and actor.user.pk == case.decided_by_id,
        "new_evidence": has_new_evidence(case),
    }


def _counted(case: int) -> QuerySet[ClaimedPart]:
    return ClaimedPart.objects.filter(case=case).only(*_COUNTED).order_by("pk")


def _quotes(case: int) -> QuerySet[Quote]:
    return Quote.objects.filter(case=case, superseded_at=None).order_by("pk")


def _unrecorded(case: int, reference: str) -> QuerySet[ClaimedPart]:
    recorded = SerialChange.objects.filter(case_reference=reference).values("part_id")
    replaced = ClaimedPart.objects.filter(
        case=case, resolution=ClaimedPart.Resolution.REPLACEMENT, part__is_lot=False
    ).exclude(part_id__in=recorded)
    return replaced.select_related("part__product").order_by("pk")


_CLAIMS = WrittenOnce(_counted, keep_plan=True, case=int)
_QUOTES = WrittenOnce(_quotes, keep_plan=True, case=int)
_UNRECORDED = WrittenOnce(_unrecorded, case=int, reference=str)
