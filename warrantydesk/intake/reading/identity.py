"""The identity of a message: works on any bytes, never needs a parse, so quarantined mail has one too."""

import re
from hashlib import sha256

from warrantydesk.intake.reading.model import Identity

# A byte order mark, blank lines and the "From x" line of an mbox are storage, not message.
_LEADING = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*+(?:\r\n|\r|\n))*+(?:>?From [^\r\n]*+(?:\r\n|\r|\n))?")
_HEADERS_END = re.compile(rb"(?:\r\n|\r(?!\n)|\n)(?:\r\n|\r|\n)")
# The servers on the way write these, so two copies of one mail differ in them and in nothing else.
_TRACE = re.compile(
    rb"^(?:received|return-path|delivered-to|x-(?:[!-9;-~]*-)?received)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_MESSAGE_ID = re.compile(rb"^message-id[ \t]*:((?:[^\n]|\n[ \t]){0,2000})", re.IGNORECASE | re.MULTILINE)
_BRACKETED = re.compile(rb"<[^<>\s]{1,996}>")
_CHUNK = 1 << 20
_LONGEST_ID = 998


def identify(raw: bytes) -> Identity:
    """Message-ID and the SHA-256 of the message without trace headers (contracts, "Mail").

    Line ends and newlines at the very end do not count: IMAP gives CRLF, a Maildir LF, an mbox one newline more.
    """
    start = message_begins(raw)
    end = _HEADERS_END.search(raw, start)
    body_at = end.start() if end else len(raw)
    headers = raw[start:body_at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return Identity(find_message_id(headers), _hash(_TRACE.sub(b"", headers + b"\n"), raw, body_at))


def message_begins(raw: bytes) -> int:
    """Where the first header field should stand."""
    leading = _LEADING.match(raw)
    return leading.end() if leading else 0


def find_message_id(headers: bytes) -> str:
    """The first Message-ID with its brackets, '' where there is none. Line ends must be LF."""
    field = _MESSAGE_ID.search(headers)
    if field is None:
        return ""
    bracketed = _BRACKETED.search(field[1])
    text = (bracketed[0] if bracketed else field[1]).decode("ascii", "replace")
    return "".join(letter for letter in text if letter.isprintable() and not letter.isspace())[:_LONGEST_ID]


def _hash(headers: bytes, raw: bytes, body_at: int) -> str:
    body_ends = max(body_at, len(raw.rstrip(b"\r\n")))
    digest = sha256(headers)
    while body_at < body_ends:
        upto = min(body_at + _CHUNK, body_ends)
        # A pair of CR and LF must not be torn apart by the border of two chunks.
        if upto < body_ends and raw[upto - 1 : upto + 1] == b"\r\n":
            upto += 1
        digest.update(raw[body_at:upto].replace(b"\r\n", b"\n"))
        body_at = upto
    return digest.hexdigest()
