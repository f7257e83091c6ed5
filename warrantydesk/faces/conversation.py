"""One message of a conversation as every face shows it, drawn in one pass: a template takes many times as long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from warrantydesk.faces.badges import status_badge
from warrantydesk.faces.drawn import text
from warrantydesk.faces.formats import moment
from warrantydesk.faces.icons import icon


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
    css = "us msg-mail" if message.subject else message.side
    head = f"{author_of(message)} {time_of(message.at)}{automatic(message)}{mail_state(message, audience)}"
    return _safe(
        f'<article class="msg msg-{css}"><header class="msg-head">{head}</header>{_words(message)}</article>',
    )


def _words(message: Said) -> str:
    body = f'<div class="msg-body">{text(message.body)}</div>'
    if message.subject:
        return f"<details><summary>{text(message.subject)}</summary>{body}</details>"
    pictures = _listed("msg-pictures", map(_picture, message.pictures))
    return f"{body}{_quoted(message)}{pictures}{_listed('msg-files', map(_file, message.files))}"


def _quoted(message: Said) -> str:
    if not message.quoted:
        return ""
    summary, quoted = text(_("Earlier message")), text(message.quoted)
    return f'<details class="msg-quoted"><summary>{summary}</summary><div class="msg-body">{quoted}</div></details>'


def author_of(message: Said) -> SafeString:
    if message.side != "note":
        return _safe(f"<b>{text(message.author)}</b>")
    by = _("Note by %(author)s, staff only") % {"author": message.author}
    return _safe(f"<b>{icon('lock')} {text(by)}</b>")


def time_of(at: datetime) -> SafeString:
    return _safe(f'<time datetime="{timezone.localtime(at).isoformat()}">{text(moment(at))}</time>')


def automatic(message: Said) -> SafeString | str:
    return _safe(" <span>" + text(_("automatic")) + "</span>") if message.automatic else ""


def mail_state(message: Said, audience: str = "staff") -> SafeString | str:
    """Told while it is not simply sent."""
    if message.mail_state in ("", "sent"):
        return ""
    return _safe(f' <span class="end">{status_badge(message.mail_state, audience, "mail")}</span>')


def _listed(css: str, lines: Iterable[str]) -> str:
    drawn = "".join(lines)
    return f'<ul class="{css}">{drawn}</ul>' if drawn else ""


def _picture(file: FileLink) -> str:
    name = text(file.name)
    opens = f'<li><a href="{text(file.url)}" title="{name}">'
    if file.thumbnail:
        seen = text(file.thumbnail)
        return f'{opens}<img src="{seen}" alt="{name}" width="96" height="96" loading="lazy"></a></li>'
    return f'{opens}{icon("paperclip")}<span class="truncate">{name}</span></a></li>'


def _file(file: FileLink) -> str:
    inner = f'{icon("paperclip")}<span class="truncate">{text(file.name)}</span>'
    if file.url:
        return f'<li><a class="file-chip" href="{text(file.url)}">{inner}</a></li>'
    return f'<li><span class="file-chip">{inner}</span></li>'


def _safe(written: str) -> SafeString:
    return mark_safe(written)  # noqa: S308 - what comes from outside went through `text`
