"""What each transition requires, one function a requirement, each answering in words for a supporter.       [pure]"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cases.rules.facts import IN_REPAIR, WITHDRAWAL_REASONS, ActorKind, CaseFacts, Unmet

MISSING_WORDS = {
    "invoice": "Invoice missing: no invoice of ours is matched yet",
    "serial": "Serial number missing: no product we sold is matched yet",
    "part": "Part missing: which part it is about is not confirmed yet",
    "description": "Description missing: what happened",
    "evidence": "Evidence missing: photo or video",
}


def missing_words(codes: Iterable[str]) -> tuple[Unmet, ...]:
    """What a request still lacks, in words; `codes` out of MATERIAL."""
    return tuple(Unmet(f"missing_{code}", MISSING_WORDS[code]) for code in codes)


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {many}"


def _reason(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    return () if facts.given.why.strip() else (Unmet("reason", "A reason is needed", asked=True),)


def _complete_or_reason(facts: CaseFacts, kind: ActorKind) -> tuple[Unmet, ...]:
    if kind == "staff":
        return _reason(facts, kind)
    waiting = facts.asked and not facts.new_material
    nothing_new = (Unmet("no_new_material", "Nothing new has arrived since we asked the customer"),) if waiting else ()
    return (*missing_words(facts.missing), *nothing_new)


def _says_what_is_missing(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if facts.given.missing:
        return ()
    return (Unmet("nothing_asked", "Say what is missing: the customer is told", asked=True),)


def _all_decided(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if not facts.parts:
        return (Unmet("no_part", "No part is claimed yet"),)
    undecided = f"{_count(facts.undecided, 'part is', 'parts are')} still undecided"
    return (
        *((Unmet("undecided", undecided),) if facts.undecided else ()),
        *(Unmet("overtaken", f"Something changed after the verdict, decide again: {it}") for it in facts.overtaken),
    )


def _one_covered(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    return () if facts.covered else (Unmet("none_covered", "No part is decided as covered"),)


def _none_covered(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if not facts.covered:
        return ()
    return (Unmet("covered", f"{_count(facts.covered, 'part is', 'parts are')} covered: approve the case instead"),)


def _all_resolved(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if not facts.unresolved:
        return ()
    parts = _count(facts.unresolved, "covered part has", "covered parts have")
    return (Unmet("unresolved", f"{parts} no resolution yet: repair or replacement"),)


def _all_reasoned(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if not facts.unreasoned:
        return ()
    parts = _count(facts.unreasoned, "denied part has", "denied parts have")
    return (Unmet("unreasoned", f"{parts} no reason yet"),)


def _by_decider(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    return () if facts.by_decider else (Unmet("not_the_decider", "Only the person who decided can undo it"),)


def _decision_mail_waits(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if not facts.decision_mail_left:
        return ()
    return (Unmet("mail_left", "The decision mail has already left: an appeal can reopen the case"),)


def _something_denied(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    return () if facts.denied else (Unmet("nothing_denied", "No part was denied: there is nothing to appeal"),)


def _appeal(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if facts.new_evidence or facts.given.why.strip():
        return ()
    return (Unmet("reason", "An appeal needs new evidence or a reason", asked=True),)


def _something_to_repair(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    return () if facts.repairs else (Unmet("nothing_to_repair", "No part is to be repaired"),)


def _nothing_to_repair(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if not facts.repairs:
        return ()
    return (Unmet("to_repair", f"{_count(facts.repairs, 'part is', 'parts are')} to be repaired first"),)


def _quote_cleared(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    words = {
        "unsent": "The quote is not sent yet",
        "unanswered": "The quote is not answered yet",
        "declined": "The customer declined the quote",
    }
    return () if facts.quote == "cleared" else (Unmet(f"quote_{facts.quote}", words[facts.quote]),)


def _serials_recorded(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    return tuple(
        Unmet("new_serial", f"New serial number of the replacement missing: {label}") for label in facts.unrecorded
    )


def _arrival(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if facts.given.proof in ("tracked", "staff"):
        return ()
    return (Unmet("no_arrival", "No proof that the parcel arrived", asked=True),)


def _delivery(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if facts.given.proof in ("tracked", "staff"):
        return ()
    return (Unmet("no_delivery", "No proof that the parcel reached the customer", asked=True),)


def _repair_ended(facts: CaseFacts, _kind: ActorKind) -> tuple[Unmet, ...]:
    if facts.quote == "declined" or facts.unrepaired_planned or facts.given.beyond_repair:
        return ()
    words = "The quote is not declined, and nobody has said that the product is beyond repair"
    return (Unmet("repair_not_ended", words, asked=True),)


def _reason_to_return(facts: CaseFacts, kind: ActorKind) -> tuple[Unmet, ...]:
    # A plan carries its reason already; and when the parcel arrives by itself, the declined quote is the reason.
    if facts.unrepaired_planned or (kind == "system" and facts.quote == "declined"):
        return ()
    return _reason(facts, kind)


def _delivery_or_nothing_sent(facts: CaseFacts, kind: ActorKind) -> tuple[Unmet, ...]:
    if facts.given.proof != "nothing_sent":
        return _delivery(facts, kind)
    if facts.state != IN_REPAIR:
        return ()
    return (Unmet("product_is_here", "The product is with us: it has to reach the customer first", asked=True),)


def _withdrawal(facts: CaseFacts, kind: ActorKind) -> tuple[Unmet, ...]:
    if facts.given.withdrawal in WITHDRAWAL_REASONS or facts.given.why.strip() or kind == "customer":
        return ()
    return (
        Unmet("reason", "A reason is needed: withdrawn by the customer, a duplicate, or not a request", asked=True),
    )


REQUIREMENTS: dict[str, Callable[[CaseFacts, ActorKind], tuple[Unmet, ...]]] = {
    "complete_or_reason": _complete_or_reason,
    "says_what_is_missing": _says_what_is_missing,
    "all_decided": _all_decided,
    "one_covered": _one_covered,
    "all_resolved": _all_resolved,
    "none_covered": _none_covered,
    "all_reasoned": _all_reasoned,
    "by_decider": _by_decider,
    "decision_mail_waits": _decision_mail_waits,
    "something_denied": _something_denied,
    "appeal": _appeal,
    "something_to_repair": _something_to_repair,
    "nothing_to_repair": _nothing_to_repair,
    "quote_cleared": _quote_cleared,
    "serials_recorded": _serials_recorded,
    "arrival": _arrival,
    "delivery": _delivery,
    "repair_ended": _repair_ended,
    "reason_to_return": _reason_to_return,
    "delivery_or_nothing_sent": _delivery_or_nothing_sent,
    "reason": _reason,
    "withdrawal": _withdrawal,
}
