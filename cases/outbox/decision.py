"""What a decision tells the customer: one set of facts for the mail, its preview on the desk, and the letter."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.claims_told import claims_told, quote_that_was_sent
from cases.models import Case, CaseEvent, ClaimedPart, DecisionLetter, RightsNotice
from cases.models.case import State
from cases.outbox import contents
from cases.outbox.clock_words import ClockTeller, clock_teller
from cases.outbox.composing import composed, hindrance
from cases.outbox.contents import Contents, Given
from cases.outbox.letters import Letter
from products.kept_clock import clock_to_keep
from products.models import VoidReason

EXPIRED = "expired"
MAIL = "decision"


def decision(event: CaseEvent, given: Given) -> Contents:
    return Contents(what_it_says(event.case, event.at))


def preview(case: Case, now: datetime) -> Letter | None:
    """The mail as it would be written now, word by word; None while a part is undecided, and once it is told."""
    if case.state != State.EVIDENCE_REVIEW or not _every_part_is_decided(case):
        return None
    with translation.override(case.language):
        said = what_it_says(case, now)
    return composed(MAIL, case, said, automatic=False)


def fingerprint(letter: Letter) -> str:
    """Tells one text from another: what was read, from what would leave now."""
    return hashlib.sha256(f"{letter.subject}\n{letter.body}".encode()).hexdigest()


def unsent_because(case: Case, now: datetime) -> str:
    """Why no mail would leave although the case is decided: `no_address`, `own_address`, or "" where one will."""
    return hindrance(case, automatic=False, now=now)


def keep_letter(case: Case, *, at: datetime, by: Any) -> DecisionLetter:
    """Freeze what the decision just made tells, in the transaction that makes it."""
    content = letter_content(case, at)
    return DecisionLetter.objects.create(
        case=case, decided_at=at, decided_by=by, language=case.language, content=content
    )


def drop_letter(case: Case, decided_at: datetime | None) -> None:
    """The decision is undone as if it had not been made, and its letter with it."""
    if decided_at is not None:
        case.letters.filter(decided_at=decided_at).delete()


def letter_content(case: Case, at: datetime) -> dict[str, Any]:
    """What the letter says, as plain data. The same words as those of the mail."""
    with translation.override(case.language):
        said = what_it_says(case, at)
        return {**said, "quote": _plain(said["quote"])}


def what_it_says(case: Case, at: datetime) -> dict[str, Any]:
    """Facts for the templates, in the language that is active. A fixed number of queries, however many parts."""
    claims = claims_told(case)
    teller = clock_teller(case, timezone.localdate(at))
    covered = [claim for claim in claims if claim.verdict == ClaimedPart.Verdict.COVERED]
    denied = len(claims) - len(covered)
    return {
        "answers": [_answer(claim, teller) for claim in claims],
        "covered": len(covered),
        "denied": denied,
        "repairs": any(claim.resolution == ClaimedPart.Resolution.REPAIR for claim in covered),
        "workshop": [settings.MAKER_NAME, *settings.WORKSHOP_ADDRESS],
        "quote": contents.quote_lines(quote_that_was_sent(case)),
        "rights": rights_line() if denied else "",
    }


def rights_line() -> str:
    """The line about statutory rights: the maker's own in the reader's language, else the desk's."""
    language = (translation.get_language() or "en").lower()
    written = {one.language.lower(): one.text.strip() for one in RightsNotice.objects.all()}
    own = written.get(language) or written.get(language.split("-")[0])
    return own or _(
        "This warranty is given by the maker. Statutory rights you may have towards the seller stand beside it and are "
        "not limited by it."
    )


def _every_part_is_decided(case: Case) -> bool:
    verdicts = set(case.claimed_parts.values_list("verdict", flat=True))
    return bool(verdicts) and ClaimedPart.Verdict.UNDECIDED not in verdicts


def _answer(claim: ClaimedPart, teller: ClockTeller) -> dict[str, Any]:
    reason = claim.reason
    return {
        "label": claim.part.label,
        "covered": claim.verdict == ClaimedPart.Verdict.COVERED,
        "replacement": claim.resolution == ClaimedPart.Resolution.REPLACEMENT,
        "title": contents.translated(reason.title) if reason else "",
        "clause": reason.clause if reason else "",
        "text": contents.translated(reason.text) if reason else "",
        "words": claim.words.strip(),
        # A part that is void keeps its dates (1.8), but to name them in a sentence would promise what is over.
        "clock": "" if _ends_void(claim) else teller.sentence(claim.part),
        # Where the last day is the reason, its reader should be able to count it again.
        "steps": teller.steps(claim.part) if reason and reason.code == EXPIRED else [],
        "drawing": _drawing(claim, teller),
    }


def _ends_void(claim: ClaimedPart) -> bool:
    """Whether this decision voids the part, be it made already or about to be: a preview says what will be true."""
    return claim.part.is_voided or (claim.reason is not None and claim.reason.effect == VoidReason.Effect.VOID)


def _drawing(claim: ClaimedPart, teller: ClockTeller) -> dict[str, Any]:
    kept = clock_to_keep(claim.part, teller.explained(claim.part))
    if kept and not kept["voided_on"] and claim.reason and _ends_void(claim):
        kept |= {"voided_on": teller.on.isoformat(), "void_reason": contents.translated(claim.reason.title)}
    return kept


def _plain(quote: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The quote as plain data: amounts as they are written, kinds in the reader's words."""
    if quote is None:
        return None
    lines = [
        {"description": line.description, "kind": str(line.get_kind_display()), "amount": str(line.amount)}
        for line in quote["lines"]
    ]
    return {**quote, "lines": lines, "total": str(quote["total"])}
