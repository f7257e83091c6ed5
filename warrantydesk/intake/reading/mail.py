"""Bytes of a message in, a plain description out."""

from collections.abc import Collection

from warrantydesk.intake.reading.addresses import Mailbox
from warrantydesk.intake.reading.attachments import read_attachments
from warrantydesk.intake.reading.automatic import why_automatic
from warrantydesk.intake.reading.bodies import read_body
from warrantydesk.intake.reading.cleaning import one_line
from warrantydesk.intake.reading.delivery_reports import bounced_messages
from warrantydesk.intake.reading.headers import Headers
from warrantydesk.intake.reading.identity import identify
from warrantydesk.intake.reading.limits import Limits
from warrantydesk.intake.reading.model import FoundIn, ReadMail
from warrantydesk.intake.reading.numbers_found import DEFAULT_PATTERNS, Patterns, find_numbers
from warrantydesk.intake.reading.quotes import split_reply
from warrantydesk.intake.reading.structure import Part, split
from warrantydesk.intake.reading.subject import read_subject
from warrantydesk.intake.reading.tokens import find_case_references, find_reply_tokens

_NOBODY_READS = ("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply")
_MOST_TROUBLES = 50


def read_mail(
    raw: bytes,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    *,
    own_addresses: Collection[str] = (),
    patterns: Patterns = DEFAULT_PATTERNS,
) -> ReadMail:
    """Read one message. Raises `Unreadable` where it must be quarantined: empty, no headers, or beyond a limit.

    `own_addresses`: the desk's, in lower case, without "+" tags; mail from them is automatic, tokens in them count.
    Time and memory are bounded by the limits, whatever the bytes are.
    """
    fields, root = split(raw, limits)
    headers = Headers(fields, limits)
    senders = headers.senders()
    sender = _sender(senders)
    subject = headers.subject()
    rule = read_subject(subject)
    recipients = headers.recipients()
    automatic = why_automatic(headers, root.headers, sender.address, own_addresses)
    body = read_body(root, limits)
    reply = split_reply(body.text)
    files = read_attachments(root, limits)
    numbers = find_numbers(
        [
            (FoundIn.SUBJECT, subject),
            (FoundIn.TEXT, f"{reply.text}\n\n{reply.signature}"),
            (FoundIn.QUOTED, reply.quoted),
            (FoundIn.FILE_NAME, "\n".join(file.name for file in files.attachments)),
        ],
        patterns,
        limits.candidates,
    )
    identity = identify(raw)
    return ReadMail(
        identity=identity,
        message_id=identity.message_id,
        in_reply_to=next(iter(headers.message_ids("in-reply-to")), ""),
        references=headers.message_ids("references"),
        from_name=sender.name,
        from_address=sender.address,
        from_count=len(senders),
        to_addresses=tuple(dict.fromkeys(box.address for box in recipients)),
        date_text=headers.date_text(),
        subject=one_line(subject, limits.subject),
        is_request=rule.is_request,
        title=one_line(rule.title, limits.subject),
        automatic=automatic,
        bounced_message_ids=bounced_messages(fields, root) if automatic == "bounce" else (),
        text=reply.text,
        full_text=body.text,
        had_html=body.had_html,
        attachments=tuple(files.attachments),
        invoice_candidates=numbers.invoices,
        serial_candidates=numbers.serials,
        tracking_candidates=numbers.trackings,
        other_candidates=numbers.others,
        reply_tokens=find_reply_tokens(subject, body.text, [box.written for box in recipients], own_addresses),
        case_references=find_case_references(subject, body.text),
        troubles=_troubles(senders, root, [*body.troubles, reply.trouble, *files.troubles]),
    )


def _sender(senders: list[Mailbox]) -> Mailbox:
    """Of several the first that can be written to: the same answer for the same message, and no authority."""
    usable = [box for box in senders if box.address]
    return [*usable, *senders, Mailbox("", "")][0]


def _troubles(senders: list[Mailbox], root: Part, others: list[str]) -> tuple[str, ...]:
    """Everything that had to be guessed or left out, each once."""
    troubles = []
    address = _sender(senders).address
    if not address:
        troubles.append("no usable sender address")
    elif address.startswith(_NOBODY_READS):
        troubles.append("the sender's address says that nobody reads it")
    if len(senders) > 1:
        troubles.append(f"{len(senders)} senders named, one is taken")
    troubles += [part.headers.trouble for part in root.walk() if part.headers.trouble]
    if root.headers.boundary and not root.children:
        troubles.append("multipart without parts, read as text")
    shown = [one_line(one, 300) for one in [*troubles, *others] if one]
    return tuple(dict.fromkeys(shown))[:_MOST_TROUBLES]
