"""A message put together again from what a provider took apart: the same bytes every time it posts the same mail."""

from base64 import encodebytes
from collections.abc import Iterator
from email.message import Message
from email.policy import SMTP

from django.utils.crypto import salted_hmac


def rebuilt(message: Message) -> bytes:
    """The message as bytes. Two posts of one mail give the same ones, so the second is known as a duplicate.

    Boundaries would be drawn by chance; here they follow from the Message-ID and our secret, so that nobody can
    write one into a text.
    """
    seed = f"{message.get('Message-ID', '')}{message.get('Date', '')}{message.get('From', '')}"
    mark = salted_hmac("warrantydesk.intake.hooks.boundary", seed, algorithm="sha256").hexdigest()[:40]
    del message["Content-Transfer-Encoding"]  # of the original's only part; this one has several
    for number, part in enumerate(_own_parts(message)):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_{mark}_{number}")
        elif part.get_content_maintype() != "message":
            _encode(part)
    return message.as_bytes(policy=SMTP.clone(max_line_length=0, refold_source="none"))


def with_envelope_sender(raw: bytes, sender: str | None) -> bytes:
    """The message with the Return-Path a receiving server writes on top; None where the envelope is not known.

    A null sender ("") is how a bounce says that it must never be answered (RFC 3834). The trace header is no part of
    the identity of a mail.
    """
    if sender is None:
        return raw
    address = "".join(letter for letter in sender if letter.isascii() and letter.isprintable() and letter not in "<> ")
    return b"Return-Path: <" + address[:320].encode("ascii") + b">\r\n" + raw


def _own_parts(message: Message) -> Iterator[Message]:
    """Every part but those of a message that was forwarded whole: that one stays as it is."""
    yield message
    if message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _own_parts(part)


def _encode(part: Message) -> None:
    # The library leaves a file's bytes as they are, and line ends of its own would be written into them.
    content = part.get_payload(decode=True)
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(encodebytes(content if isinstance(content, bytes) else b"").decode("ascii"))
