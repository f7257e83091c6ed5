"""One message of a conversation as every face shows it, drawn in one pass: a template takes many times as long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from warrantydesk.faces.badges import status_badge
from warrantydesk.faces.formats import moment
from warrantydesk.faces.icons import icon

MESSAGE = (
    '<article class="msg msg-{side}"><header class="msg-head">{author} {time}{automatic}{state}</header>'
    '<div class="msg-body">{body}</div>{quoted}{pictures}{files}</article>'
)
FOLDED = (
    '<article class="msg msg-us msg-mail"><header class="msg-head">{author} {time}{automatic}{state}</header>'
    '<details><summary>{subject}</summary><div class="msg-body">{body}</div></details></article>'
)
TIME = '<time datetime="{}">{}</time>'
QUOTED = '<details class="msg-quoted"><summary>{}</summary><div class="msg-body">{}</div></details>'
PICTURE = (
    '<li><a href="{url}" title="{name}"><img src="{seen}" alt="{name}" width="96" height="96" loading="lazy"></a></li>'
)
PAPER = '<li><a href="{url}" title="{name}">{icon}<span class="truncate">{name}</span></a></li>'
CHIP = '<li><a class="file-chip" href="{url}">{icon}<span class="truncate">{name}</span></a></li>'
CHIP_CLOSED = '<li><span class="file-chip">{icon}<span class="truncate">{name}</span></span></li>'


@dataclass(frozen=True)
class FileLink:
    """`url` is empty where nobody can open it yet."""

    name: str
    url: str
    thumbnail: str = ""


@dataclass(frozen=True)
class Said:
    """One message. `quoted` is the earlier one below it; `mail_state` how the mail that carries it stands, where it is
    one; `subject` only where the desk wrote by itself: such a mail is folded away under it."""

    side: Literal["them", "us", "note"]
    author: str
    at: datetime
    body: str
    quoted: str = ""
    files: Sequence[FileLink] = ()
    pictures: Sequence[FileLink] = ()
    automatic: bool = False
    mail_state: str = ""
    subject: str = ""


def said(message: Said, audience: str = "staff") -> SafeString:
    return format_html(
        FOLDED if message.subject else MESSAGE,
        side=message.side,
        subject=message.subject,
        author=author_of(message),
        time=time_of(message.at),
        automatic=automatic(message),
        state=mail_state(message, audience),
        body=message.body,
        quoted=format_html(QUOTED, _("Earlier message"), message.quoted) if message.quoted else "",
        pictures=_listed("msg-pictures", map(_picture, message.pictures)),
        files=_listed("msg-files", map(_file, message.files)),
    )


def author_of(message: Said) -> SafeString:
    if message.side != "note":
        return format_html("<b>{}</b>", message.author)
    return format_html("<b>{} {}</b>", icon("lock"), _("Note by %(author)s, staff only") % {"author": message.author})


def time_of(at: datetime) -> SafeString:
    return format_html(TIME, timezone.localtime(at).isoformat(), moment(at))


def automatic(message: Said) -> SafeString | str:
    return format_html(" <span>{}</span>", _("automatic")) if message.automatic else ""


def mail_state(message: Said, audience: str = "staff") -> SafeString | str:
    """Told while it is not simply sent."""
    if message.mail_state in ("", "sent"):
        return ""
    return format_html(' <span class="end">{}</span>', status_badge(message.mail_state, audience, "mail"))


def _listed(css: str, lines: Iterable[SafeString]) -> SafeString | str:
    drawn = format_html_join("", "{}", ((line,) for line in lines))
    return format_html('<ul class="{}">{}</ul>', css, drawn) if drawn else ""


def _picture(file: FileLink) -> SafeString:
    known = {"url": file.url, "name": file.name}
    if file.thumbnail:
        return format_html(PICTURE, seen=file.thumbnail, **known)
    return format_html(PAPER, icon=icon("paperclip"), **known)


def _file(file: FileLink) -> SafeString:
    return format_html(CHIP if file.url else CHIP_CLOSED, url=file.url, name=file.name, icon=icon("paperclip"))
