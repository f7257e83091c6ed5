"""The one door of the customer (law 6): a session bound to one case by its private link, checked on every request.

The token stands in the address only until the button is pressed; from then on the session says which case it is.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from cases.links import is_at_home
from cases.models import Case, CaseLink
from warrantydesk.languages.reading import SESSION_KEY as LANGUAGE_KEY
from warrantydesk.languages.reading import keep_in_session
from warrantydesk.logs import about_case
from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.case_rows import link_with_case
from warrantydesk.portal.closed_door import closed_door

SESSION_KEY = "portal"
CaseView = Callable[..., HttpResponseBase]


def open_session(request: HttpRequest, link: CaseLink, now: datetime) -> None:
    """Bind this browser to the case of the link, under a new session key."""
    request.session.cycle_key()
    request.session[SESSION_KEY] = {"case": link.case_id, "link": link.pk, "since": now.isoformat()}
    keep_in_session(request, language_of(link.case.language))
    rotate_token(request)


def end_session(request: HttpRequest) -> None:
    """Forget the case. A colleague who looked at a private link stays signed in to the desk."""
    request.session.pop(SESSION_KEY, None)
    request.session.pop(LANGUAGE_KEY, None)
    if request.session.is_empty() or not request.user.is_authenticated:
        request.session.flush()
    else:
        request.session.cycle_key()


def get_case_for_customer(request: HttpRequest, now: datetime | None = None) -> Case | None:
    """The case this browser was let in to, or None: never let in, or the link has since expired, been revoked, or was
    sent to an address the case has left. Two queries at most."""
    bound = request.session.get(SESSION_KEY)
    if not isinstance(bound, dict):
        return None
    link = link_with_case(bound.get("link", 0), bound.get("case", 0), now or timezone.now())
    return link.case if link and is_at_home(link) else None


def customer_page(view: CaseView) -> CaseView:
    """A page to look at: the view gets the case of this browser's session; without one the closed door answers."""
    return require_safe(_let_in(view))


def customer_address(*methods: str) -> Callable[[CaseView], CaseView]:
    """An address that programs on our own pages talk to, for the case of this browser's session."""

    def behind_the_door(view: CaseView) -> CaseView:
        return require_http_methods(methods)(_let_in(view))

    return behind_the_door


def customer_verb(view: CaseView) -> CaseView:
    """An address that changes something: on a POST only, for the case of this browser's session.

    Whoever opens it again, from the address line or the history, gets the page it belongs to.
    """
    let_in = _let_in(view)

    @wraps(view)
    def post_only(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return let_in(request, *args, **kwargs) if request.method == "POST" else redirect("portal:status")

    return require_http_methods(["GET", "HEAD", "POST"])(post_only)


def _let_in(view: CaseView) -> CaseView:
    @wraps(view)
    def let_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        now = timezone.now()
        case = get_case_for_customer(request, now)
        if case is None:
            return keep_private(closed_door(request))
        about_case(case.reference)
        language = language_of(case.language)
        with translation.override(language), timezone.override(zone_of(case.customer.time_zone)):
            response = view(request, CaseOfCustomer(case, now), *args, **kwargs)
        response.headers["Content-Language"] = language
        return keep_private(response)

    return let_in


def pressed_here(request: HttpRequest) -> bool:
    """Whether the button of our own page was pressed. A foreign page could let a visitor into a case of its choice."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def keep_private(response: HttpResponseBase) -> HttpResponseBase:
    """Nothing of a case stays behind in a cache, not even in that of the reader's own browser."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def language_of(written: str) -> str:
    """The language of ours that comes nearest to the case's; the desk's own where none does."""
    try:
        return translation.get_supported_language_variant(written or settings.LANGUAGE_CODE)
    except LookupError:
        return settings.LANGUAGE_CODE


def zone_of(written: str) -> ZoneInfo | None:
    """The customer's own time zone where it is known; None (the desk's) where it is not."""
    try:
        return ZoneInfo(written) if written else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such name, or none that could be one
        return None
