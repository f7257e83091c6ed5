"""{% talk messages %} draws a conversation, {% parts %}, {% parcel %} and {% shots %} what the status page has several
of, {% blank "message" %} a form nobody has filled in; {% carried %} ends the address of a page before the first button;
{% language_chooser %} is the choice itself, and {% in_every_language %} the same choice for search engines, on the
pages they may keep."""

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from warrantydesk.languages import reading
from warrantydesk.portal import drawn
from warrantydesk.portal.blank_forms import blank
from warrantydesk.portal.talk import drawn as talk

register = template.Library()
register.simple_tag(talk, name="talk")
register.simple_tag(drawn.parts)
register.simple_tag(drawn.parcel)
register.simple_tag(drawn.shots)
register.simple_tag(blank, takes_context=True)


@register.simple_tag(takes_context=True)
def carried(context: template.Context) -> str:
    """ "?lang=de" where the reader chose a language and has no session to keep it; else nothing."""
    return reading.carried(context.get("request"))


@register.simple_tag(takes_context=True)
def in_every_language(context: template.Context) -> SafeString:
    """Where this page is read in each language: the chooser is a form, and no engine presses a button.

    For pages whose address is no secret: it stands in the page, without what stood behind its question mark.
    """
    address = settings.SITE_URL.rstrip("/") + context["request"].path
    spoken = [(code, f"{address}?{reading.QUERY}={code}") for code, _name in settings.LANGUAGES]
    link = '<link rel="alternate" hreflang="{}" href="{}">'
    return format_html_join("\n  ", link, [("x-default", address), *spoken])


@lru_cache(maxsize=32)
def _buttons(current: str, asks_for: str) -> SafeString:
    """They stand on every page, and are the same in each language."""
    button = '<button type="submit" class="btn btn-small" name="{}" value="{}" lang="{}"{}>{}</button>'
    marks = {current: mark_safe(' aria-current="true"')}
    spoken = [(asks_for, code, code, marks.get(code, ""), name) for code, name in settings.LANGUAGES]
    return format_html_join("", button, spoken)


@register.inclusion_tag("portal/language.html", takes_context=True)
def language_chooser(context: template.Context) -> dict[str, Any]:
    """The six languages by their own names. Without a session the page asks for itself with `?lang=`, so that no
    address stands in it: that of a private link is a secret. A page that answers a form leads to the start page."""
    request = context.get("request")
    language = translation.get_language() or settings.LANGUAGE_CODE
    is_kept = request is not None and reading.has_session(request)
    is_asked_for = request is not None and request.method == "GET"
    return {
        "buttons": _buttons(language, asks_for="language" if is_kept else reading.QUERY),
        "current": language,
        "name": dict(settings.LANGUAGES).get(language, language),
        "kept": is_kept,
        "page": request.path if request is not None and is_asked_for else "/",
        "away": not is_asked_for,
    }
