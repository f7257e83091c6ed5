"""The choice of a language: kept with the case and its customer once inside, in the session where there is one."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cases.actors import Actor
from cases.services.speaking import choose_language
from warrantydesk.languages.reading import QUERY, has_session, keep_in_session
from warrantydesk.portal.access import get_case_for_customer, keep_private, pressed_here


@csrf_exempt  # outside there is no cookie to protect; `pressed_here` keeps foreign pages from choosing
@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """The page one came from, in the language that was chosen."""
    language, page = request.POST.get("language", ""), _page(request.POST.get("page", ""))
    if language not in dict(settings.LANGUAGES) or not pressed_here(request):
        return keep_private(redirect(page))
    if not has_session(request):
        return keep_private(redirect(f"{page}?{QUERY}={language}"))
    keep_in_session(request, language)
    case = get_case_for_customer(request)
    if case is not None:
        choose_language(case.pk, language=language, actor=Actor.customer(), now=timezone.now())
    return keep_private(redirect(page))


def _page(written: str) -> str:
    """A page of ours, without what stood behind its question mark; the start page for anything else."""
    path = urlsplit(written).path
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"
