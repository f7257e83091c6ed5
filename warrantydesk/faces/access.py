"""Who may open a page of the desk: strangers go to the log-in, staff without the permission get the 403 page.

The services ask again (`Actor.require`); this is the first door, not the only one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

View = Callable[..., HttpResponse]
PageOf = Callable[[dict[str, Any]], str]


def desk_page(permission: str) -> Callable[[View], View]:
    """A page to look at: GET only, for staff with `permission`."""
    return lambda view: require_safe(_guarded(view, permission, _start))


def desk_verb(permission: str, page: PageOf | None = None) -> Callable[[View], View]:
    """An address that changes something: POST only, for staff with `permission`.

    `page` names, from the arguments of the address, the page a log-in in between leads back to: the address itself
    would answer 405 there.
    """
    return lambda view: require_POST(_guarded(view, permission, page or _start))


def _guarded(view: View, permission: str, page: PageOf) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (request.user.is_authenticated and request.user.is_staff):
            return _to_login(request, page(kwargs))
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _to_login(request: HttpRequest, page: str) -> HttpResponse:
    if request.user.is_authenticated:
        # The log-in page sends whoever is logged in straight back here: without this the two would play ping-pong.
        logout(request)
        messages.error(request, _("This account may not open the desk. Sign in with another one."))
    return redirect_to_login(request.get_full_path() if request.method in ("GET", "HEAD") else page)


def _start(_arguments: dict[str, Any]) -> str:
    return resolve_url(settings.LOGIN_REDIRECT_URL)
