"""The pictures of a case as the gallery shows them, each drawn in one pass: a template takes many times as long."""

from functools import lru_cache
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import Evidence
from warrantydesk.faces.icons import icon
from warrantydesk.staff.panels.evidence import Shot

# Beside it stands its popover, which the page fills with the panel of the picture, or with the way to it.
CELL = (
    '<a class="shot{missing}{fault}" href="{url}" data-shot="{shows}"'
    ' data-panel="{panel}" data-name="{name}" data-rotation="{rotation}" aria-label="{label}"{elsewhere}>{seen}'
    '<span class="shot-marks">{marks}</span>{kind}</a>'
    '<button type="button" class="shot-more" popovertarget="{panel}" aria-label="{about}">{more}</button>'
)
IMAGE = '<img{turned} src="{url}" alt="" width="320" height="320" loading="lazy" decoding="async">'
WORDS = '<span class="shot-words">{}<span>{}</span></span>'
# Fetched when its popover opens, or when the viewer wants it (static/js/desk-pictures.js).
WANTED = (
    '<div class="picture-panel" data-panel-of="{panel}" data-panel-wanted hx-get="{url}"'
    ' hx-select="#{panel} > .picture-panel" hx-trigger="wanted once, toggle once from:#{panel}"'
    ' hx-swap="outerHTML show:none"><p class="picture-name">{name}</p><p><a href="{url}#evidence">{known}</a></p></div>'
)
ELSEWHERE = SafeString(' target="_blank" rel="noopener"')


class Words(NamedTuple):
    """What a page of pictures says again and again."""

    about: str
    known: str
    fault: str
    signal: str


@lru_cache(maxsize=16)
def _words(_language: str | None) -> Words:
    return Words(_("About %(name)s"), _("What is known of it"), _("shows the fault"), _("worth a second look"))


def cell(shot: Shot, *, is_first: bool) -> SafeString:
    file, words = shot.file, _words(get_language())
    return format_html(
        CELL,
        missing="" if shot.thumbnail_url else " is-missing",
        fault=" is-fault" if file.shows_fault else "",
        url=shot.url,
        shows=shot.shows,
        panel=shot.panel_id,
        name=file.name,
        rotation=file.rotation,
        label=", ".join(_label(shot, words)),
        elsewhere=ELSEWHERE if shot.shows == "file" else "",
        seen=_seen(shot),
        marks=_marks(shot, is_first),
        kind=_kind(shot, is_first),
        about=words.about % {"name": file.name},
        more=icon("more"),
    )


def way_to_panel(shot: Shot) -> SafeString:
    known = _words(get_language()).known
    return format_html(WANTED, panel=shot.panel_id, url=shot.more.opens_at, name=shot.file.name, known=known)


def _label(shot: Shot, words: Words) -> list[str]:
    fault, signal = words.fault if shot.file.shows_fault else "", words.signal if shot.signals else ""
    return [said for said in (shot.file.name, shot.state, fault, signal) if said]


def _seen(shot: Shot) -> SafeString:
    file = shot.file
    if shot.thumbnail_url:
        turned = format_html(' class="is-turned-{}"', file.rotation) if file.rotation else ""
        return format_html(IMAGE, turned=turned, url=shot.thumbnail_url)
    pictures = {Evidence.Status.PENDING: "hourglass", Evidence.Status.FAILED: "alert"}
    picture = pictures.get(Evidence.Status(file.status), "video" if file.is_video else "file")
    return format_html(WORDS, icon(picture), shot.state or file.name)


def _marks(shot: Shot, is_first: bool) -> SafeString:
    fault, signal, note = SafeString(""), SafeString(""), SafeString("")
    if shot.file.shows_fault:
        words = _("Shows the fault") if is_first else ""
        fault = format_html('<span class="shot-mark is-fault">{}{}</span>', icon("flag"), words)
    if shot.signals:
        signal = format_html('<span class="shot-mark is-signal">{}</span>', icon("alert"))
    if shot.file.note:
        note = format_html('<span class="shot-mark">{}</span>', icon("note"))
    return fault + signal + note


def _kind(shot: Shot, is_first: bool) -> SafeString | str:
    if not shot.thumbnail_url:
        return ""
    if shot.file.is_video:
        return format_html('<span class="shot-kind">{}{}</span>', icon("play"), shot.length or _("Video"))
    named = '<span class="shot-label"><span class="truncate">{}</span></span>'
    return format_html(named, shot.file.name) if is_first else ""
