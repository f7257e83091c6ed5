"""Who asks: the account of the session, with what it may and has, in one query where Django takes one for each."""

from typing import Any

from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from warrantydesk.accounts.standing import account_with_standing

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignedIn(AuthenticationMiddleware):
    """As Django's own, which still decides whatever is unusual: a key that was changed, an account switched off."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _account_of(request))  # type: ignore[assignment]


def _account_of(request: Any) -> Any:
    if not hasattr(request, "_cached_user"):  # Django looks there, too
        request._cached_user = _plainly_signed_in(request.session) or auth.get_user(request)
    return request._cached_user


def _plainly_signed_in(session: Any) -> Any:
    """The active account whose password the session was begun with; None for any other session."""
    key, begun_with = str(session.get(auth.SESSION_KEY, "")), session.get(auth.HASH_SESSION_KEY)
    if session.get(auth.BACKEND_SESSION_KEY) != BACKEND or not begun_with or not key.isdecimal():
        return None
    account = account_with_standing(int(key))
    if account is None or not account.is_active:
        return None
    return account if constant_time_compare(begun_with, account.get_session_auth_hash()) else None
