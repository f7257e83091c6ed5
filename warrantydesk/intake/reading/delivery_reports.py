"""Which message a bounce is about."""

import re

from warrantydesk.intake.reading.part_headers import Field
from warrantydesk.intake.reading.structure import Part

_ACTION = re.compile(rb"^action[ \t]{0,9}:[ \t]{0,9}([a-z]+)", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(
    rb"^[> \t]{0,10}(?:original-)?message-id:[ \t]{0,9}(?:\r?\n[ \t]{1,9})?(<[^<>\s]{1,996}>)",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_FAILED = {b"delayed", b"delivered", b"relayed", b"expanded"}
_RETURNED = ("text/rfc822-headers", "message/rfc822-headers", "text/rfc822", "message/global-headers")
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_ENOUGH = 200_000
_MOST = 20


def bounced_messages(fields: list[Field], root: Part) -> tuple[str, ...]:
    """Message-IDs of the mails a bounce returns; nothing where it only reports a delay or a success.

    To be called for bounces only. Bounces of no standard form quote the returned mail as text: there, too, the
    Message-ID lines of what was quoted are found.
    """
    if not _says_failed(root):
        return ()
    returned = _returned(root)
    found = _quoted(root) if returned is None else returned
    own = {match for field in fields if field.name == "message-id" for match in re.findall(rb"<[^<>\s]+>", field.value)}
    names = dict.fromkeys(one.decode("ascii", "replace") for one in found if one not in own)
    return tuple(one for one in names if one.isprintable())[:_MOST]


def _says_failed(root: Part) -> bool:
    actions = {
        action.lower()
        for part in root.walk()
        if part.headers.content_type in _STATUS
        for action in _ACTION.findall(bytes(part.body[:_ENOUGH]))
    }
    return not actions or bool(actions - _NOT_FAILED)


def _returned(root: Part) -> list[bytes] | None:
    """Message-IDs of returned mails; None where none is returned as a part of its own."""
    found: list[bytes] | None = None
    for part in root.walk():
        if part.headers.content_type in ("message/rfc822", "message/global") and part.children:
            inner = part.children[0]
            found = (found or []) + _MESSAGE_ID.findall(
                inner.data[inner.whole_at : min(inner.start, inner.whole_at + _ENOUGH)]
            )[:1]
        elif part.headers.content_type in _RETURNED:
            found = (found or []) + _MESSAGE_ID.findall(bytes(part.body[:_ENOUGH]))[:1]
    return found


def _quoted(root: Part) -> list[bytes]:
    for part in root.walk():
        if part.headers.content_type.startswith("text/") and not part.children:
            found = _MESSAGE_ID.findall(bytes(part.body[:_ENOUGH]))
            if found:
                return list(found)
    return []
