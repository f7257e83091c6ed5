"""What happened, line by line, drawn in one pass: a template takes many times as long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from warrantydesk.faces.formats import moment
from warrantydesk.faces.icons import icon

LINE = (
    '<li{quiet}><span class="log-mark{tone}">{icon}</span><div class="log-text"><p>{text}</p>{why}'
    '<p class="tiny"><time datetime="{iso}">{at}</time> <span class="log-who">· {who}</span></p></div></li>'
)
QUIET, WHY = SafeString(' class="is-quiet"'), '<p class="log-why">{}</p>'


@dataclass(frozen=True)
class Told:
    """One line of it. `who` is empty where it happened by itself; `tone` is a class of badge.css."""

    at: datetime
    text: str | Promise
    who: Any = ""
    why: str = ""
    icon: str = "dot"
    tone: str = ""
    automatic: bool = False


def timeline_of(events: Iterable[Told]) -> SafeString:
    """The lines as they stand, mostly the newest first."""
    by_itself = _("by itself")
    return format_html(
        '<ol class="log">{}</ol>', format_html_join("\n", "{}", ((_line(e, by_itself),) for e in events))
    )


def _line(event: Told, by_itself: str) -> SafeString:
    return format_html(
        LINE,
        quiet=QUIET if event.automatic else "",
        tone=f" tone-{event.tone}" if event.tone else "",
        icon=icon(event.icon),
        text=event.text,
        why=format_html(WHY, event.why) if event.why else "",
        iso=timezone.localtime(event.at).isoformat(),
        at=moment(event.at),
        who=event.who or by_itself,
    )
