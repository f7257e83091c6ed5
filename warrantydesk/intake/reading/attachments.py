"""The files of a message, with names that can be shown and bytes that nobody has judged yet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from warrantydesk.intake.reading.bodies import is_body
from warrantydesk.intake.reading.charsets import decode
from warrantydesk.intake.reading.cleaning import one_line
from warrantydesk.intake.reading.limits import Limits
from warrantydesk.intake.reading.model import Attachment, AttachmentKind
from warrantydesk.intake.reading.structure import Part
from warrantydesk.intake.reading.transfer import decode_transfer, find_uuencoded

_PATH = re.compile(r"[/\\]")
_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/ms-tnef": ".dat",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "message/global": ".eml",
}
_LONGEST_EXTENSION = 16
_MESSAGES = ("message/rfc822", "message/global")
# Signatures of the mail itself and parts of a machine's report: nobody attached them.
_MACHINERY = {
    "application/pgp-signature",
    "application/pgp-encrypted",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/external-body",
    "text/x-amp-html",
}
TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")


@dataclass(slots=True)
class Files:
    attachments: list[Attachment] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def read_attachments(root: Part, limits: Limits) -> Files:
    """Every file: attached, in the flow, uuencoded; forwarded messages whole, and what was attached to them.

    Empty files are listed too, so that the customer can be told.
    """
    files = Files()
    is_report = root.headers.content_type == "multipart/report"
    for part, inside in _leaves(root, inside=False):
        kind = _kind(part, is_report=is_report, inside=inside)
        if kind is not None:
            _add(files, part, kind, limits, inside=inside)
        elif not inside and is_body(part):
            _add_uuencoded(files, part, limits)
    return files


def clean_name(name: str, claimed_type: str, number: int, limit: int) -> str:
    """A file name for people: the last part of any path, nothing invisible, never empty, its extension kept."""
    # Cleaned twice: what hides between ".." and "/" must not change where the path is cut.
    flat = one_line(name, 10_000)
    base = _PATH.split(flat)[-1].strip().rstrip(". ")
    if not base.strip("."):
        base = f"file-{number}{_EXTENSIONS.get(claimed_type, '')}"
    if len(base) <= limit:
        return base
    stem, dot, extension = base.rpartition(".")
    if not stem or len(extension) > _LONGEST_EXTENSION:
        return base[:limit].rstrip(". ")
    return stem[: limit - len(extension) - 2].rstrip(". ") + "…" + dot + extension


def _leaves(part: Part, *, inside: bool) -> Iterator[tuple[Part, bool]]:
    """Parts that carry something, in order; `inside` for those that belong to a forwarded message."""
    is_message = part.headers.content_type in _MESSAGES
    if is_message or not part.children:
        yield part, inside
    for child in part.children:
        yield from _leaves(child, inside=inside or is_message)


def _kind(part: Part, *, is_report: bool, inside: bool) -> AttachmentKind | None:
    """What kind of file a part is, None where it is text or machinery."""
    headers = part.headers
    named = _is_named(part)
    if headers.content_type in _MESSAGES:
        # The outermost message holds the inner ones; a bounce's copy of our own mail is nobody's file.
        return AttachmentKind.MESSAGE if not inside and (named or not is_report) else None
    if not named and (inside or is_body(part) or headers.content_type in _MACHINERY):
        return None
    return AttachmentKind.FILE


def _is_named(part: Part) -> bool:
    return bool(part.headers.file_name) or part.headers.disposition == "attachment"


def _add(files: Files, part: Part, kind: AttachmentKind, limits: Limits, *, inside: bool) -> None:
    headers = part.headers
    content, sound = decode_transfer(part.body, headers.encoding)
    number = len(files.attachments) + 1
    name = clean_name(headers.file_name, headers.content_type, number, limits.file_name)
    if kind is AttachmentKind.MESSAGE and not name.lower().endswith((".eml", ".msg")):
        name = clean_name(f"{name}.eml", headers.content_type, number, limits.file_name)
    if not sound:
        files.troubles.append(f"{name}: not what its transfer encoding says ({headers.encoding[:40]})")
    if headers.content_type in TNEF_TYPES or name.lower() == "winmail.dat":
        files.troubles.append(f"{name}: Outlook wrapped the files of this mail; they have to be sent again without")
    files.attachments.append(
        Attachment(
            name=name,
            claimed_type=one_line(headers.content_type, 100),
            content=content,
            content_id=one_line(headers.content_id, 250),
            inline=headers.disposition == "inline",
            kind=kind,
            named=_is_named(part),
            inside_message=inside,
        )
    )


def _add_uuencoded(files: Files, part: Part, limits: Limits) -> None:
    if part.headers.encoding not in ("", "7bit", "8bit", "binary"):
        return
    # Nearly no mail has one.
    for block in find_uuencoded(part.body) if part.mentions(b"begin ") else []:
        name = clean_name(decode(block.name)[0], "", len(files.attachments) + 1, limits.file_name)
        files.attachments.append(
            Attachment(name, "application/octet-stream", block.content, kind=AttachmentKind.UUENCODED)
        )
