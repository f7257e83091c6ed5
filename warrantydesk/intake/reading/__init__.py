"""Reading a mail: bytes in, a plain description out. Pure: no Django, no clock, no disk, no network."""

from warrantydesk.intake.reading.identity import identify
from warrantydesk.intake.reading.limits import Limits, Unreadable
from warrantydesk.intake.reading.mail import read_mail
from warrantydesk.intake.reading.model import Attachment, AttachmentKind, Candidate, FoundIn, Identity, ReadMail
from warrantydesk.intake.reading.numbers_found import DEFAULT_PATTERNS, Patterns

__all__ = [
    "DEFAULT_PATTERNS",
    "Attachment",
    "AttachmentKind",
    "Candidate",
    "FoundIn",
    "Identity",
    "Limits",
    "Patterns",
    "ReadMail",
    "Unreadable",
    "identify",
    "read_mail",
]
