"""The conversation: what the customer wrote, what we wrote, our notes, and the mails the desk wrote by itself."""

from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases.models import Evidence, Message, OutgoingMail
from cases.rules.quoted import split_quoted
from warrantydesk.faces.conversation import FileLink, Said, said
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.case_rows import MOST_SAID
from warrantydesk.staff.folds import Forms, More
from warrantydesk.staff.forms.base import VerbForm

# A conversation of a few more than the latest is shown as a whole.
LATEST = 8
SIDES: dict[Message.Direction, Literal["them", "us", "note"]] = {
    Message.Direction.IN: "them",
    Message.Direction.OUT: "us",
    Message.Direction.NOTE: "note",
}


@dataclass(frozen=True)
class Line:
    """One thing said, drawn; `settle` are the forms with which a person settles a mail the desk is unsure of."""

    html: SafeString
    settle: list[VerbForm]


@dataclass(frozen=True)
class Talk:
    """`lines` are what is shown, oldest first: a conversation is read downwards. `before` opens the `earlier` ones."""

    lines: list[Line]
    earlier: int
    before: More


def talk_panel(on_desk: CaseOnDesk, forms: Forms) -> Talk:
    (messages, of_all), mails = on_desk.latest_messages, on_desk.mails_by_message.get(None, [])
    before = forms.more("talk", open_anyway=of_all + len(mails) <= MOST_SAID)
    if before.is_open and of_all > len(messages):
        messages = on_desk.messages
    there: list[Message | OutgoingMail] = [*messages, *mails]
    there.sort(key=lambda one: one.at if isinstance(one, Message) else one.created_at)
    shown = there if before.is_open else there[-LATEST:]
    lines = [_message(on_desk, forms, one) if isinstance(one, Message) else _automatic(forms, one) for one in shown]
    return Talk(lines, of_all + len(mails) - len(shown), before)


def _message(on_desk: CaseOnDesk, forms: Forms, message: Message) -> Line:
    body, quoted = split_quoted(message.text) if message.direction == Message.Direction.IN else (message.text, "")
    mails = on_desk.mails_by_message.get(message.pk, [])
    files = on_desk.files_by_message.get(message.pk, [])
    told = Said(
        side=SIDES[Message.Direction(message.direction)],
        author=_author(on_desk, message),
        at=message.at,
        body=body,
        quoted=quoted,
        files=[FileLink(file.name, on_desk.file_url(file.pk, "web")) for file in files if file.is_kept],
        pictures=[_picture(on_desk, file) for file in _enclosed(on_desk, message) if file.is_kept],
        automatic=message.automatic,
        mail_state=mails[-1].status if mails else "",
        subject=(message.subject or _("Mail of the desk")) if message.automatic else "",
    )
    return Line(said(told), _settling(forms, mails[-1]) if mails else [])


def _enclosed(on_desk: CaseOnDesk, message: Message) -> list[Evidence]:
    shown = on_desk.beside.enclosed.get(message.pk, ())
    return [file for file in on_desk.evidence if file.pk in shown]


def _author(on_desk: CaseOnDesk, message: Message) -> str:
    if message.author is not None:
        return str(message.author)
    if message.direction == Message.Direction.IN:
        return message.sender_name or message.sender_address or str(on_desk.case.customer)
    return _("Sent by us")


def _settling(forms: Forms, mail: OutgoingMail) -> list[VerbForm]:
    """What a person can say about a mail the desk is unsure of."""
    names = {
        OutgoingMail.Status.FAILED: ("send_again",),
        OutgoingMail.Status.UNCERTAIN: ("take_as_sent", "send_again"),
    }.get(OutgoingMail.Status(mail.status), ())
    return [form for name in names if (form := forms.of(name, mail)).allowed]


def _automatic(forms: Forms, mail: OutgoingMail) -> Line:
    body = mail.body.replace(OutgoingMail.LINK_PLACE, _("(private link)")).replace(OutgoingMail.TOKEN_PLACE, "")
    body = body or _("(What this mail said is kept no longer.)")
    told = Said(
        side="us",
        author=_("Sent by us"),
        at=mail.created_at,
        body=body.strip(),
        automatic=mail.automatic,
        mail_state=mail.status,
        subject=mail.subject,
    )
    return Line(said(told), _settling(forms, mail))


def _picture(on_desk: CaseOnDesk, file: Evidence) -> FileLink:
    """A file we showed the customer again."""
    thumbnail = on_desk.file_url(file.pk, "thumbnail") if file.thumbnail else ""
    return FileLink(file.name, on_desk.file_url(file.pk, file.seen_as), thumbnail)
