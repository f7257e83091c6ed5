"""From the numbers in a mail to the purchase they mean. Whatever is in doubt is left to a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from products.identifiers import fold_identifier, normalise_identifier
from products.models import CoveredPart, Invoice, SerialChange, SoldUnit
from products.queries import PurchaseMatch, find_by_serial, match_purchase
from warrantydesk.intake.reading import Candidate, FoundIn, ReadMail

MOST_LOOKED_UP = 12  # a mail that names more than a dozen things is for a person anyway


@dataclass(frozen=True)
class FoundPurchase:
    """The match, and the numbers as they were given."""

    match: PurchaseMatch
    invoice_as_given: str
    serial_as_given: str


def find_purchase(mail: ReadMail) -> FoundPurchase:
    """What the mail says was bought: by its numbers, and by what was really sold."""
    invoices = [candidate.value for candidate in _own_words(mail.invoice_candidates)]
    candidates = _own_words(mail.serial_candidates)
    if not invoices:
        # Nothing is called an invoice; a word of the mail may still be exactly one of ours.
        invoices = _sold_invoices(_loose_words(mail))
    serials = [candidate.value for candidate in candidates if candidate.value not in invoices]
    match = match_purchase(invoices, serials)
    if match.unit is None and not any(candidate.labelled for candidate in candidates):
        sold = _sold_serials([one for one in _loose_words(mail) if one not in invoices])
        if sold and sold != serials:
            serials, match = sold, match_purchase(invoices, sold)
    if match.problems and not match.parts and candidates:
        likely = _likely_serials(candidates)
        if likely != serials:
            serials, match = likely, match_purchase(invoices, likely)
    return FoundPurchase(match, invoices[0] if invoices else "", ", ".join(serials))


def _loose_words(mail: ReadMail) -> list[str]:
    """What nobody called by a name, in the sender's own words."""
    loose = (one for one in (*mail.serial_candidates, *mail.other_candidates) if not one.labelled)
    return [one.value for one in loose if one.found_in != FoundIn.QUOTED]


def _own_words(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Quoted text may be our own words coming back: it counts only where nothing else was said."""
    return [one for one in candidates if one.found_in != FoundIn.QUOTED] or list(candidates)


def _likely_serials(candidates: Sequence[Candidate]) -> list[str]:
    """Without what only looks like a serial: no label stood before it, and nothing was ever sold under it."""
    return [one.value for one in candidates if one.labelled or (_was_sold(one.value))][:MOST_LOOKED_UP]


def _was_sold(serial: str) -> bool:
    match = find_by_serial(serial)
    return bool(match.units or match.parts)


def _sold_invoices(words: Sequence[str]) -> list[str]:
    """Of these words the ones that are invoice numbers of ours, letter for letter. At most one query."""
    plausible = _with_letters(words)
    folds = _folds(plausible)
    known = Invoice.objects.filter(number_fold__in=folds).values_list("number", flat=True) if folds else []
    return _same_letters(plausible, known)


def _sold_serials(words: Sequence[str]) -> list[str]:
    """Of these words the ones under which something was sold, letter for letter. At most three queries."""
    plausible = _with_letters(words)
    folds = _folds(plausible)
    if not folds:
        return []
    known = [
        *SoldUnit.objects.filter(serial_fold__in=folds).values_list("serial", flat=True),
        *CoveredPart.objects.filter(serial_fold__in=folds).exclude(serial_fold="").values_list("serial", flat=True),
        *SerialChange.objects.filter(old_serial_fold__in=folds)
        .exclude(old_serial_fold="")
        .values_list("old_serial", flat=True),
    ]
    return _same_letters(plausible, known)[:MOST_LOOKED_UP]


def _with_letters(words: Sequence[str]) -> list[str]:
    """Digits alone, without a label in front, may be anything: a telephone number, a price."""
    return [word for word in words if any(letter.isalpha() for letter in word)]


def _folds(words: Sequence[str]) -> set[str]:
    return {fold_identifier(word) for word in words} - {""}


def _same_letters(words: Sequence[str], known: Iterable[str]) -> list[str]:
    # O for 0 is forgiven to what somebody called a number; not to any word that happens to stand there.
    letters = {normalise_identifier(one) for one in known}
    return [word for word in words if normalise_identifier(word) in letters]
