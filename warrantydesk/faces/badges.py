"""A badge: a word with its colour and its icon. Hundreds of them stand on a page, so no template draws them."""

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from warrantydesk.faces.icons import icon
from warrantydesk.faces.statuses import status_of


def badge(tone: str, picture: str, word: str | Promise) -> SafeString:
    """`tone` is a class of badge.css."""
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icon(picture), word)


def status_badge(code: str, audience: str = "staff", kind: str | None = None, text: str = "") -> SafeString:
    """A badge for a status of the table; `text` puts other words beside the same colour and icon."""
    status = status_of(code, kind)
    return badge(status.tone, status.icon, text or status.word(audience))
