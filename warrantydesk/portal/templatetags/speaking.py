"""{% carried %} ends the address of a page before the first button; {% language_chooser %} is the choice itself."""

from typing import Any

from django import template
from django.conf import settings
from django.utils import translation

from warrantydesk.languages import reading

register = template.Library()


@register.simple_tag(takes_context=True)
def carried(context: template.Context) -> str:
    """ "?lang=de" where the reader chose a language and has no session to keep it; else nothing."""
    return reading.carried(context.get("request"))


@register.inclusion_tag("portal/language.html", takes_context=True)
def language_chooser(context: template.Context) -> dict[str, Any]:
    """The six languages by their own names. Without a session the page asks for itself with `?lang=`, so that no
    address stands in it: that of a private link is a secret. A page that answers a form leads to the start page."""
    request = context.get("request")
    language = translation.get_language() or settings.LANGUAGE_CODE
    is_asked_for = request is not None and request.method == "GET"
    return {
        "languages": settings.LANGUAGES,
        "current": language,
        "name": dict(settings.LANGUAGES).get(language, language),
        "kept": request is not None and reading.has_session(request),
        "page": request.path if request is not None and is_asked_for else "/",
        "away": not is_asked_for,
    }
