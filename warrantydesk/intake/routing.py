"""What becomes of a mail that was read: the order of contracts.md, "Mail", and nothing else. Reads, never writes.

automatic → secret token and the case's address → a mail of ours it answers and the case's address → the subject's
prefix → a person. Being told a reference or a Message-ID makes nobody a customer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import QuerySet

from cases.links import find_link
from cases.models import Case, CaseLink
from cases.models.case import OPEN_STATES
from products.written_once import WrittenOnce
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.reading import ReadMail

Why = IncomingMail.Why


@dataclass(frozen=True)
class Route:
    """`case` is the one it belongs to, or for a held mail the one it seems to belong to, and `why` the word for it."""

    way: Literal["automatic", "reply", "request", "held"]
    reason: str = ""
    case: Case | None = None
    why: str = ""


def route_mail(mail: ReadMail, now: datetime) -> Route:
    """Where this mail goes, and why."""
    if mail.automatic is not None:
        return Route("automatic", mail.automatic, _case_answered(mail))
    by_token = _cases_of_tokens(mail, now)
    answered = _case_answered(mail)
    if by_token:
        return _by_token(mail, by_token, answered)
    if answered is not None and _is_from(mail, answered):
        return Route("reply", "answers a mail of ours", answered)
    if mail.is_request:
        return _request(mail, answered)
    return _held(mail, answered)


def _by_token(mail: ReadMail, by_token: list[Case], answered: Case | None) -> Route:
    """The tokens of one case decide. Those of two cases of the same customer do not: a mail may quote both."""
    own = [case for case in by_token if _is_from(mail, case)]
    if len(own) > 1:
        own = [case for case in own if case == answered] or own
    if len(own) == 1:
        return Route("reply", "reply token", own[0])
    if own:
        return Route("held", "It carries the reply tokens of several cases.", own[0], Why.AMBIGUOUS)
    words = "It carries a reply token, but comes from another address than the case's."
    return Route("held", words, by_token[0], Why.STRANGER)


def _request(mail: ReadMail, answered: Case | None) -> Route:
    if not mail.from_address:
        return Route("held", "A request without an address we could answer to.", answered, Why.NO_ADDRESS)
    return Route("request", "subject")


def _held(mail: ReadMail, answered: Case | None) -> Route:
    if answered is not None:
        words = "It answers a mail of ours, but comes from another address than the case's."
        return Route("held", words, answered, Why.STRANGER)
    known = _latest_case_of(mail.from_address)
    if known is not None:
        words = "A customer's address, but nothing says which case it is about."
        return Route("held", words, known, Why.AMBIGUOUS)
    return Route("held", "The subject does not begin with [Warranty Request].", why=Why.NO_PREFIX)


def _is_from(mail: ReadMail, case: Case) -> bool:
    return bool(mail.from_address) and mail.from_address.casefold() == case.customer.email.casefold()


def _cases_of_tokens(mail: ReadMail, now: datetime) -> list[Case]:
    links = (find_link(CaseLink.Kind.REPLY, token, now) for token in mail.reply_tokens)
    return list(dict.fromkeys(link.case for link in links if link is not None))


def _case_answered(mail: ReadMail) -> Case | None:
    """The case of the newest mail of ours that this one names as its forerunner."""
    named = {one for one in (*mail.bounced_message_ids, mail.in_reply_to, *mail.references) if one}
    return next(iter(_ANSWERED.ask(named=sorted(named)).fetched()), None) if named else None


def _answered(named: list[str]) -> QuerySet[Case]:
    ours = Case.objects.filter(outgoing_mails__rfc_message_id__in=named).select_related("customer")
    return ours.order_by("-outgoing_mails__created_at", "-outgoing_mails__pk")[:1]


_ANSWERED = WrittenOnce(_answered, named=[str])


def _latest_case_of(address: str) -> Case | None:
    if not address:
        return None
    theirs = Case.objects.filter(customer__email__iexact=address).order_by("-changed_at", "-pk")
    return theirs.filter(state__in=OPEN_STATES).first() or theirs.first()
