"""Every mail takes this one path: kept, read, and made a case, a reply, or a held item that a person sees.

A row without an outcome is work to be done. Readers claim it; a reader that dies leaves a claim that goes stale, and
the sweep reads the row again. What it becomes and that it became so are written in one transaction.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, Q, QuerySet

from cases.actors import Actor
from cases.evidence.storage import MB, StoredFile, discard, storage_failures, store_file
from cases.models import Case, Message
from cases.outbox.settling import note_bounce
from cases.services.opening import NewCase, Purchase, open_case_with_words
from cases.services.speaking import language_for
from cases.services.talking import receive_message
from products.errors import Refused
from products.sent_together import sent_together
from products.services import CustomerData, find_or_create_customer
from products.storing import update
from warrantydesk.intake.keeping import keep_mail, raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.parcels import propose_parcels
from warrantydesk.intake.patterns import begin_reading_as_configured, read_as_configured
from warrantydesk.intake.purchase import find_purchase
from warrantydesk.intake.reading import ReadMail, Unreadable
from warrantydesk.intake.reading.bounded import Reading
from warrantydesk.intake.reading.describing import words_beyond_numbers
from warrantydesk.intake.receipt import Receipt
from warrantydesk.intake.routing import Route, route_mail

log = logging.getLogger(__name__)
T = TypeVar("T")
Outcome, Why = IncomingMail.Outcome, IncomingMail.Why

STALE_AFTER = timedelta(seconds=settings.CLAIM_SECONDS)
MOST_ATTEMPTS = 3
_WRITTEN = ("outcome", "why", "reason", "case", "message", "read_at", "from_name", "from_address", "subject", "details")


def receive(raw: bytes, *, source: str, now: datetime, received_at: datetime | None = None) -> Receipt:
    """Keep a message and read it. The same message again is a duplicate, whatever became of it the first time.

    `received_at` is when our mail server (or the provider that is it) had the message, where that was before now.
    """
    return finish(begin(raw, source=source, now=now, received_at=received_at), now)


@dataclass(frozen=True)
class Begun:
    """A message that is kept and committed and, where it is new and whole, being read. To be finished soon."""

    incoming: IncomingMail
    is_new: bool
    raw: bytes
    reading: Reading | None

    def let_go(self) -> None:
        """It will not be finished here: the sweep reads it."""
        if self.reading is not None:
            self.reading.drop()


def begin(
    raw: bytes, *, source: str, now: datetime, received_at: datetime | None = None, whole_size: int | None = None
) -> Begun:
    """The first half of `receive`: keep a message and have it read, while the caller finishes the one before it.

    `whole_size` is given where `raw` is only the beginning of a message too large to be kept.
    """
    incoming, is_new = keep_mail(
        raw, claim=True, source=source, now=now, received_at=received_at, whole_size=whole_size
    )
    to_be_read = is_new and len(raw) >= incoming.size
    return Begun(incoming, is_new, raw, begin_reading_as_configured(raw) if to_be_read else None)


def one_behind(items: Iterable[T]) -> Iterator[T]:
    """The same items, each given when the next has been made: messages that are begun while the last is finished."""
    ahead: list[T] = []
    for item in items:
        ahead.append(item)
        if len(ahead) > 1:
            yield ahead.pop(0)
    yield from ahead


def finish(begun: Begun, now: datetime) -> Receipt:
    """The second half. Raises only for a broken storage or database; the sweep reads it then."""
    if begun.is_new:
        return _deal_with(begun.incoming, begun.raw, now, begun.reading)
    incoming = IncomingMail.objects.get(pk=begun.incoming.pk)  # its first copy may have been finished a moment ago
    if incoming.outcome:
        return Receipt("duplicate", incoming, case=incoming.case, reason=f"received {incoming.times_seen} times")
    # A row without an outcome belongs to nobody: its reader died, or never came. Reading it now is no second case.
    return read_incoming(incoming.pk, now) or Receipt("duplicate", incoming, reason="being read by another reader")


def read_waiting(now: datetime, limit: int = 50) -> int:
    """Read up to `limit` messages nobody is at, the oldest first; how many were read."""
    ids = list(_free(now).order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(read_incoming(incoming_id, now) is not None for incoming_id in ids)


def read_incoming(incoming_id: int, now: datetime) -> Receipt | None:
    """Read one message if nobody else is at it; None otherwise. Only a broken storage or database raises."""
    taken = _free(now).filter(pk=incoming_id).update(claimed_at=now, failures=F("failures") + 1)
    if not taken:
        return None
    return _deal_with(IncomingMail.objects.get(pk=incoming_id), None, now)


def _deal_with(incoming: IncomingMail, raw: bytes | None, now: datetime, reading: Reading | None = None) -> Receipt:
    """Read a message this reader has claimed; `raw` where its bytes are at hand, `reading` where that has begun."""
    try:
        if incoming.failures > MOST_ATTEMPTS:
            return _quarantine(incoming, "It stopped its reader every time.", now)
        mail = _read(incoming, raw_bytes(incoming) if raw is None else raw, reading)
        return _act(incoming, mail, now)
    except _ReadByAnother:
        return _receipt(IncomingMail.objects.get(pk=incoming.pk))
    except (Unreadable, FileNotFoundError) as problem:
        return _quarantine(incoming, str(problem), now)
    except storage_failures(OperationalError):
        # The storage or the database failed, not the message: the claim goes stale and the sweep tries again.
        IncomingMail.objects.filter(pk=incoming.pk).update(failures=F("failures") - 1)
        raise
    except Exception as error:
        log.exception("mail %s could not be dealt with", incoming.pk)
        return _quarantine(incoming, f"The desk stumbled over it ({type(error).__name__}).", now)


def _free(now: datetime) -> QuerySet[IncomingMail]:
    nobody = Q(claimed_at=None) | Q(claimed_at__lt=now - STALE_AFTER)
    return IncomingMail.objects.filter(nobody, outcome="")


def _read(incoming: IncomingMail, raw: bytes, reading: Reading | None) -> ReadMail:
    if len(raw) < incoming.size:
        size = incoming.size // MB
        raise Unreadable(f"too large ({size} MB): only its beginning was stored; all of it is in the mailbox")
    return reading.result() if reading else read_as_configured(raw)


def _act(incoming: IncomingMail, mail: ReadMail, now: datetime) -> Receipt:
    _describe(incoming, mail)
    route = route_mail(mail, now)
    if route.way == "automatic":
        return _automatic(incoming, mail, route, now)
    if route.way == "held":
        return _settle(incoming, Outcome.HELD, now, why=route.why, case=route.case, reason=route.reason)
    files = store_attachments(mail)
    try:
        if route.case is not None:
            return _reply(incoming, mail, route.case, files, now)
        return _open(incoming, mail, files, now)
    except _ReadByAnother:
        discard(files)
        raise
    except Refused as refusal:
        discard(files)
        return _settle(incoming, Outcome.HELD, now, why=Why.REFUSED, case=route.case, reason=str(refusal))


def store_attachments(mail: ReadMail) -> list[StoredFile]:
    """Put the files of a mail away, before any transaction. What is refused keeps its name and its reason."""
    limit = settings.EVIDENCE_MAIL_MB * MB
    return [store_file(one.name, one.claimed_type, one.content, limit_bytes=limit) for one in mail.attachments]


def _describe(incoming: IncomingMail, mail: ReadMail) -> None:
    incoming.from_name, incoming.from_address = mail.from_name[:200], mail.from_address[:254]
    incoming.subject = mail.subject[:250]
    incoming.details = {
        "date": mail.date_text[:200],
        "troubles": list(mail.troubles),
        "references": list(mail.case_references),
        "files": len(mail.attachments),
    }


def _automatic(incoming: IncomingMail, mail: ReadMail, route: Route, now: datetime) -> Receipt:
    for message_id in mail.bounced_message_ids:
        note_bounce(message_id, reason=mail.text[:2000], now=now)
    return _settle(incoming, Outcome.AUTOMATIC, now, why=Why.AUTOMATIC, case=route.case, reason=route.reason)


def _open(incoming: IncomingMail, mail: ReadMail, files: Sequence[StoredFile], now: datetime) -> Receipt:
    with transaction.atomic(), sent_together():
        case, message = open_from_mail(incoming, mail, files, now)
        return _settle(incoming, Outcome.CASE_OPENED, now, case=case, message=message)


def open_from_mail(
    incoming: IncomingMail, mail: ReadMail, files: Sequence[StoredFile], now: datetime, *, acknowledge: bool = True
) -> tuple[Case, Message]:
    """Open the case this mail asks for; the case, and the words it begins with. Call it in a transaction, with the
    files stored before."""
    customer = find_or_create_customer(CustomerData(email=mail.from_address, name=mail.from_name[:200]))
    found = find_purchase(mail)
    match = found.match
    new = NewCase(
        customer_id=customer.pk,
        source="mail",
        subject=mail.title or mail.subject,
        description=_description(mail),
        words=mail.text or mail.full_text,
        received_at=incoming.received_at,
        language=language_for(customer, match.invoice),
        invoice_as_given=found.invoice_as_given,
        serial_as_given=found.serial_as_given,
        invoice_id=match.invoice.pk if match.invoice else None,
        unit_id=match.unit.pk if match.unit else None,
        part_ids=[part.pk for part in match.parts],
        proposed_part_ids=[part.pk for part in match.proposed],
        sender_name=mail.from_name,
        sender_address=mail.from_address,
    )
    incoming.details["problems"] = match.problems
    return open_case_with_words(
        new,
        files=files,
        actor=Actor.customer(),
        now=now,
        acknowledge=acknowledge,
        in_reply_to=mail.message_id,
        purchase=Purchase(customer, match.invoice, match.unit, [*match.parts, *match.proposed]),
    )


def _description(mail: ReadMail) -> str:
    """What happened, in the sender's words: the text, or a subject that says it; "" where only numbers were given."""
    text = mail.text or mail.full_text
    if words_beyond_numbers(text):
        return text
    return mail.title if words_beyond_numbers(mail.title) > 1 else ""


def _reply(incoming: IncomingMail, mail: ReadMail, case: Case, files: Sequence[StoredFile], now: datetime) -> Receipt:
    with transaction.atomic():
        message = add_to_case(incoming, mail, case, files, now)
        return _settle(incoming, Outcome.REPLY_ADDED, now, case=case, message=message)


def add_to_case(
    incoming: IncomingMail, mail: ReadMail, case: Case, files: Sequence[StoredFile], now: datetime
) -> Message:
    """Put a mail into the conversation of its case. Call it in a transaction, with the files stored before."""
    message = receive_message(
        case.pk,
        text=mail.text or mail.full_text,
        sender_name=mail.from_name,
        sender_address=mail.from_address,
        subject=mail.subject,
        files=files,
        in_reply_to=mail.message_id or incoming.identity,
        actor=Actor.customer(),
        now=now,
    )
    propose_parcels(mail, message.case, now)
    return message


class _ReadByAnother(Exception):
    """A reader that was thought dead has finished after all: a mail must not open two cases."""


def _quarantine(incoming: IncomingMail, reason: str, now: datetime) -> Receipt:
    try:
        return _settle(incoming, Outcome.QUARANTINED, now, why=Why.UNREADABLE, reason=reason)
    except _ReadByAnother:
        return _receipt(IncomingMail.objects.get(pk=incoming.pk))


def _settle(
    incoming: IncomingMail,
    outcome: str,
    now: datetime,
    *,
    why: str = "",
    case: Case | None = None,
    message: Message | None = None,
    reason: str = "",
) -> Receipt:
    incoming.outcome, incoming.why, incoming.reason = outcome, why, reason[:250]
    incoming.case, incoming.message, incoming.read_at = case, message, now
    # Compare and swap: whoever writes the outcome first has read the mail, and the other's transaction is undone.
    written = {name: getattr(incoming, name) for name in _WRITTEN}
    if not update(IncomingMail, written, id=incoming.pk, outcome=""):
        raise _ReadByAnother
    return _receipt(incoming)


def _receipt(incoming: IncomingMail) -> Receipt:
    return Receipt(incoming.outcome, incoming, case=incoming.case, reason=incoming.reason)
