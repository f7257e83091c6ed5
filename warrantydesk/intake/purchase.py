"""From the numbers in a mail to the purchase they mean. Whatever is in doubt is left to a person."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    serials = [candidate.value for candidate in candidates if candidate.value not in invoices]
    match = match_purchase(invoices, serials)
    if match.problems and not match.parts:
        likely = _likely_serials(candidates)
        if likely != serials:
            serials, match = likely, match_purchase(invoices, likely)
    return FoundPurchase(match, invoices[0] if invoices else "", ", ".join(serials))


def _own_words(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Quoted text may be our own words coming back: it counts only where nothing else was said."""
    return [one for one in candidates if one.found_in != FoundIn.QUOTED] or list(candidates)


def _likely_serials(candidates: Sequence[Candidate]) -> list[str]:
    """Without what only looks like a serial: no label stood before it, and nothing was ever sold under it."""
    return [one.value for one in candidates if one.labelled or (_was_sold(one.value))][:MOST_LOOKED_UP]


def _was_sold(serial: str) -> bool:
    match = find_by_serial(serial)
    return bool(match.units or match.parts)
