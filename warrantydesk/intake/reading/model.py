"""What a message says, once read: plain values that no later step has to parse again."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class FoundIn(StrEnum):
    """Where a candidate stood; quoted text may be our own words coming back."""

    SUBJECT = "subject"
    TEXT = "text"
    QUOTED = "quoted"
    FILE_NAME = "file_name"


class AttachmentKind(StrEnum):
    FILE = "file"
    MESSAGE = "message"
    """A forwarded message, kept whole as an .eml file."""
    UUENCODED = "uuencoded"
    """Found in the running text, as programs before MIME wrote it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a message is, for telling duplicates (contracts, "Mail")."""

    message_id: str
    """With its angle brackets; '' where there is none."""
    sha256: str
    """Of the message without trace headers; hex."""

    @property
    def key(self) -> str:
        """64 hex digits for a unique column: over both, or the hash alone where there is no Message-ID."""
        if not self.message_id:
            return self.sha256
        return sha256(f"{self.message_id}\0{self.sha256}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the message. Nothing about it is checked here but its name."""

    name: str
    """For display: no path, no control or bidi characters, never empty."""
    claimed_type: str
    """What the sender says it is, lower case. To be believed by nobody."""
    content: bytes
    content_id: str = ""
    inline: bool = False
    kind: AttachmentKind = AttachmentKind.FILE
    named: bool = True
    """The sender named it or marked it as an attachment; else it is a part that is no text, a picture in the flow."""
    inside_message: bool = False
    """It was attached to a forwarded message, which is listed as a file of its own."""

    @property
    def is_empty(self) -> bool:
        return not self.content

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that looks like a number we sell or ship under. Matching it is someone else's work."""

    value: str
    """Upper case, plain hyphens, no spaces."""
    found_in: FoundIn
    labelled: bool
    """A word such as "serial number" stood before it."""


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A message, read. Every text is free of NUL and of lone surrogates and can be stored as it is."""

    identity: Identity
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    from_name: str
    from_address: str
    """Lower case; '' where no usable address was given. Never an authority for anything."""
    from_count: int
    to_addresses: tuple[str, ...]
    date_text: str
    """As the sender wrote it, to be shown only: it proves nothing about when the mail came."""
    subject: str
    is_request: bool
    """The subject begins with [Warranty Request]."""
    title: str
    """The subject without reply prefixes and without the tag."""
    automatic: str | None
    """Why no answer may be sent, or None for a person's mail."""
    bounced_message_ids: tuple[str, ...]
    text: str
    """What was newly written: without quotes and signature."""
    full_text: str
    had_html: bool
    attachments: tuple[Attachment, ...]
    invoice_candidates: tuple[Candidate, ...]
    serial_candidates: tuple[Candidate, ...]
    tracking_candidates: tuple[Candidate, ...]
    reply_tokens: tuple[str, ...]
    case_references: tuple[str, ...]
    other_candidates: tuple[Candidate, ...]
    """Whatever else has a digit in it: a number of ours only where exactly that was sold."""
    troubles: tuple[str, ...]
    """What had to be guessed, left out or cut short; phrases for staff."""
