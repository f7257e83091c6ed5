"""The conversation and the files, as their customer sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cases.models import Evidence, Message
from cases.rules.quoted import split_quoted
from warrantydesk.faces.conversation import FileLink, Said, said, time_of
from warrantydesk.faces.drawn import text
from warrantydesk.faces.icons import icon
from warrantydesk.portal.case_of_customer import CaseOfCustomer

SHOWN_OPEN = 6
ANY_KEY = "1000000000000000000"  # stands in an address for the key of a file


@dataclass(frozen=True)
class Talk:
    """`earlier` are folded away, so that the newest words are not at the end of a long way."""

    earlier: list[Said]
    latest: list[Said]


@dataclass(frozen=True)
class Shot:
    """One kept file. `shows` says how it opens; `thumbnail` is empty while we still prepare it, and for papers."""

    name: str
    url: str
    shows: Literal["image", "video", "file"]
    thumbnail: str
    pending: bool


@dataclass(frozen=True)
class Files:
    shots: list[Shot]
    refused: list[tuple[str, str]]


def talk_panel(page: CaseOfCustomer) -> Talk:
    """Oldest first: a conversation is read downwards."""
    messages = [_said(page, message) for message in page.messages]
    return Talk(messages[:-SHOWN_OPEN], messages[-SHOWN_OPEN:])


def drawn(messages: Sequence[Said]) -> SafeString:
    """In one pass: a template takes many times as long. What the desk wrote by itself says what the page says: it is
    folded away under its subject."""
    return mark_safe("".join(_mail(one) if one.subject else said(one, "customer") for one in messages))  # noqa: S308 - escaped


def _mail(message: Said) -> str:
    return (
        f'<details class="msg msg-us portal-mail"><summary>{icon("mail")}<span><b>{text(message.subject)}</b> '
        f'{time_of(message.at)}</span></summary><div class="msg-body">{text(message.body)}</div></details>'
    )


def files_panel(page: CaseOfCustomer) -> Files:
    kept = [_shot(file) for file in page.files if file.is_kept]
    return Files(kept, [(file.name, _(file.refusal)) for file in page.files if not file.is_kept])


def question(page: CaseOfCustomer) -> Message | None:
    """The words in which we asked for what is missing, None where the list alone was sent."""
    asked = page.last_event("request_information")
    wanted = asked.data.get("message") if asked else None
    return next((message for message in page.messages if message.pk == wanted), None)


def _said(page: CaseOfCustomer, message: Message) -> Said:
    if message.direction == Message.Direction.OUT:
        name = message.author.get_short_name() if message.author else ""
        author = f"{name}, {settings.MAKER_NAME}" if name else settings.MAKER_NAME
        pictures = [_picture(file) for file in page.enclosed_with(message)]
        return Said("us", author, message.at, message.text, subject=_subject(page, message), pictures=pictures)
    if not page.is_own(message):
        # Somebody else's words about this request: that they came is told, what they say is theirs.
        return Said(
            "them", _("Another sender"), message.at, _("A message from another address is kept with this request.")
        )
    body, quoted = split_quoted(message.text)
    files = [FileLink(file.name, url_of(file)) for file in page.files if file.is_kept and file.message_id == message.pk]
    return Said("them", _("You"), message.at, body, quoted, files=files)


def _picture(file: Evidence) -> FileLink:
    """A file we showed them with a message."""
    return FileLink(file.name, url_of(file), _url(file, "thumbnail") if file.thumbnail else "")


def _subject(page: CaseOfCustomer, message: Message) -> str:
    """What a mail of the desk itself is about; its reference stands at the head of the page already."""
    return capfirst(message.subject.removeprefix(f"{page.case.reference}:").strip()) if message.automatic else ""


def _shot(file: Evidence) -> Shot:
    thumbnail = _url(file, "thumbnail") if file.thumbnail and file.may_go_to_customer else ""
    return Shot(file.name, url_of(file), file.shows, thumbnail, file.status == Evidence.Status.PENDING)


def url_of(file: Evidence) -> str:
    """Where it opens; "" while it does not: a picture before ours is made, a file no scanner has seen."""
    if not file.may_go_to_customer or (file.is_image and not file.web):
        return ""
    return _url(file, file.seen_as)


def _url(file: Evidence, which: str) -> str:
    return _address(which).replace(ANY_KEY, str(file.pk))


@cache
def _address(which: str) -> str:
    """Django takes longer to find it than to draw the picture's place, and a page has dozens."""
    return reverse("portal:file", args=[int(ANY_KEY), which])
