"""In which language a page is read: staff's faces in English, the customer's as they chose, else as their browser asks.

A choice is kept in the session where there is one. Before the first button there is none, and no cookie either: the
choice travels in the address (`?lang=de`), and `carried` hands it on from page to page.
"""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

STAFF = ("/desk/", "/admin/", "/api/", "/hooks/", "/metrics")
SESSION_KEY = "language"
QUERY = "lang"


class ReadersLanguage(LocaleMiddleware):
    """Django's own, which also sets the headers of the answer, with our order of who is asked."""

    def process_request(self, request: HttpRequest) -> None:
        language = language_of_reader(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language


def language_of_reader(request: HttpRequest) -> str:
    if request.path_info.startswith(STAFF):
        return settings.LANGUAGE_CODE
    return chosen_language(request) or translation.get_language_from_request(request)


def chosen_language(request: HttpRequest) -> str:
    """What this reader chose here, or ""."""
    kept = request.session.get(SESSION_KEY, "") if has_session(request) else ""
    return kept or asked_language(request)


def asked_language(request: HttpRequest) -> str:
    """What the address asks for, or ""."""
    asked = request.GET.get(QUERY, "")
    return asked if asked in dict(settings.LANGUAGES) else ""


def carried(request: HttpRequest | None) -> str:
    """What an address has to end with so that the next page is read in the language chosen on this one."""
    if request is None or has_session(request) or not asked_language(request):
        return ""
    return f"?{QUERY}={asked_language(request)}"


def has_session(request: HttpRequest) -> bool:
    """Whether this browser holds our cookie: nothing is read, and none is made, where it does not."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def keep_in_session(request: HttpRequest, language: str) -> None:
    request.session[SESSION_KEY] = language
