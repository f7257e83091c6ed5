"""From a row of the outbox to the mail that leaves: links and tokens filled in, headers as the standards want them."""

from datetime import datetime
from email.utils import format_datetime, formataddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address

from cases import links
from cases.models import CaseLink, OutgoingMail


def sealed(mail: OutgoingMail, now: datetime, backend: BaseEmailBackend) -> EmailMessage:
    """The mail as it leaves now. Mints its link and reply token; ValueError where it cannot be written as a mail."""
    body, reply_to, minted = mail.body, settings.WARRANTY_ADDRESS, []
    if mail.case_id is not None and mail.LINK_PLACE in body:
        token, link = links.draft_link(mail.case_id, CaseLink.Kind.PORTAL, mail.to_address, mail, now)
        body = body.replace(mail.LINK_PLACE, links.portal_url(token))
        minted.append(link)
    if mail.case_id is not None and mail.TOKEN_PLACE in body:
        token, link = links.draft_link(mail.case_id, CaseLink.Kind.REPLY, mail.to_address, mail, now)
        body = body.replace(mail.TOKEN_PLACE, token)
        reply_to = links.reply_address(token)
        minted.append(link)
    CaseLink.objects.bulk_create(minted)
    letter = EmailMessage(
        subject=mail.subject,
        body=body,
        to=[_recipient(mail)],
        reply_to=[formataddr((settings.MAKER_NAME, reply_to))],
        headers=_headers(mail, now),
        connection=backend,
    )
    # Whatever cannot be written shows now, while nothing has left.
    letter.message().as_bytes()
    for address in (letter.from_email, *letter.to):
        if "@" not in sanitize_address(address, settings.DEFAULT_CHARSET):
            raise ValueError(f"{address!r} is no address")
    return letter


def _recipient(mail: OutgoingMail) -> str:
    # The name came from whoever wrote to us, and an automatic mail carries no word of theirs (house.md, "Known traps").
    # One that would be decoded once more on the way ("=?…?=") could still turn into anything.
    nameless = mail.automatic or not mail.to_name or "=?" in mail.to_name
    return mail.to_address if nameless else formataddr((mail.to_name, mail.to_address))


def _headers(mail: OutgoingMail, now: datetime) -> dict[str, str]:
    headers = {
        "Message-ID": mail.rfc_message_id,
        "Date": format_datetime(now),
        "Content-Language": mail.language,
    }
    if mail.in_reply_to:
        headers["In-Reply-To"] = mail.in_reply_to
    if mail.references:
        headers["References"] = mail.references
    if mail.automatic:
        # RFC 3834: an answer to a mail is auto-replied, anything else auto-generated; Exchange reads its own header.
        headers["Auto-Submitted"] = "auto-replied" if mail.in_reply_to else "auto-generated"
        headers["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    return headers
