"""The conversation: what the customer wrote, what we wrote, our notes, and the mails the desk wrote by itself."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Evidence, Message, OutgoingMail
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.folds import More
from warrantydesk.staff.forms.base import VerbForm

if TYPE_CHECKING:
    from warrantydesk.staff.case_page import Forms

# A conversation of a few more than the latest is shown as a whole.
LATEST, MOST_SAID = 8, 10
SIDES = {Message.Direction.IN: "them", Message.Direction.OUT: "us", Message.Direction.NOTE: "note"}
# Where an answer ends and the mail it answers begins, in the ways mail programs write it.
_QUOTE_BEGINS = re.compile(r"^(>|_{5,}|-{2,} ?(Original|Ursprüngliche|Mensaje|Message d)|On .{1,200} wrote:$)")


@dataclass(frozen=True)
class FileLink:
    name: str
    url: str
    thumbnail: str = ""


@dataclass(frozen=True)
class Said:
    """One message as components/message.html takes it. `subject` only where the desk wrote by itself."""

    side: str
    author: str
    at: datetime
    body: str
    quoted: str = ""
    files: list[FileLink] = field(default_factory=list)
    pictures: list[FileLink] = field(default_factory=list)
    automatic: bool = False
    mail_state: str = ""
    subject: str = ""
    settle: list[VerbForm] = field(default_factory=list)


@dataclass(frozen=True)
class Talk:
    """`said` is what is shown, oldest first: a conversation is read downwards. `before` opens the `earlier` ones."""

    said: list[Said]
    earlier: int
    before: More


def talk_panel(on_desk: CaseOnDesk, forms: "Forms") -> Talk:
    there: list[Message | OutgoingMail] = [*on_desk.messages, *on_desk.mails_by_message.get(None, [])]
    there.sort(key=lambda one: one.at if isinstance(one, Message) else one.created_at)
    before = forms.more("talk", open_anyway=len(there) <= MOST_SAID)
    shown = there if before.is_open else there[-LATEST:]
    said = [_message(on_desk, forms, one) if isinstance(one, Message) else _automatic(forms, one) for one in shown]
    return Talk(said, len(there) - len(shown), before)


def _message(on_desk: CaseOnDesk, forms: "Forms", message: Message) -> Said:
    body, quoted = split_quoted(message.text) if message.direction == Message.Direction.IN else (message.text, "")
    mails = on_desk.mails_by_message.get(message.pk, [])
    files = on_desk.files_by_message.get(message.pk, [])
    return Said(
        side=SIDES[Message.Direction(message.direction)],
        author=_author(on_desk, message),
        at=message.at,
        body=body,
        quoted=quoted,
        files=[FileLink(file.name, _file_url(on_desk, file.pk)) for file in files if file.is_kept],
        pictures=[_picture(on_desk, file) for file in _enclosed(message) if file.is_kept],
        automatic=message.automatic,
        mail_state=mails[-1].status if mails else "",
        subject=(message.subject or _("Mail of the desk")) if message.automatic else "",
        settle=_settling(forms, mails[-1]) if mails else [],
    )


def _enclosed(message: Message) -> list[Evidence]:
    return list(message.enclosures.all()) if message.direction == Message.Direction.OUT else []


def _author(on_desk: CaseOnDesk, message: Message) -> str:
    if message.author is not None:
        return str(message.author)
    if message.direction == Message.Direction.IN:
        return message.sender_name or message.sender_address or str(on_desk.case.customer)
    return _("Sent by us")


def _settling(forms: "Forms", mail: OutgoingMail) -> list[VerbForm]:
    """What a person can say about a mail the desk is unsure of."""
    names = {
        OutgoingMail.Status.FAILED: ("send_again",),
        OutgoingMail.Status.UNCERTAIN: ("take_as_sent", "send_again"),
    }.get(OutgoingMail.Status(mail.status), ())
    return [form for name in names if (form := forms.of(name, mail)).allowed]


def _automatic(forms: "Forms", mail: OutgoingMail) -> Said:
    body = mail.body.replace(OutgoingMail.LINK_PLACE, _("(private link)")).replace(OutgoingMail.TOKEN_PLACE, "")
    body = body or _("(What this mail said is kept no longer.)")
    return Said(
        side="us",
        author=_("Sent by us"),
        at=mail.created_at,
        body=body.strip(),
        automatic=mail.automatic,
        mail_state=mail.status,
        subject=mail.subject,
        settle=_settling(forms, mail),
    )


def _file_url(on_desk: CaseOnDesk, pk: int) -> str:
    return reverse("staff:file", args=[on_desk.case.reference, pk, "web"])


def _picture(on_desk: CaseOnDesk, file: Evidence) -> FileLink:
    """A file we showed the customer again."""
    args = [on_desk.case.reference, file.pk]
    which = "video" if file.is_video else "web" if file.web else "original"
    thumbnail = reverse("staff:file", args=[*args, "thumbnail"]) if file.thumbnail else ""
    return FileLink(file.name, reverse("staff:file", args=[*args, which]), thumbnail)


def split_quoted(text: str) -> tuple[str, str]:
    """The words of this message, and the earlier one below it; all of it where it is quotes only."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if _QUOTE_BEGINS.match(line) and any(before.strip() for before in lines[:number]):
            return "\n".join(lines[:number]).rstrip(), "\n".join(lines[number:])
    return text, ""
