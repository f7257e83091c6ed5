"""Who calls: a bearer token and nothing else. No cookie opens the API, so no page can make a browser use it."""

from typing import Any

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.throttling import BaseThrottle

from warrantydesk.api.scopes import permission_of
from warrantydesk.api.tokens import find_token
from warrantydesk.audit.where import came_by_token
from warrantydesk.faces.limits import limits, network_of, take


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        now = timezone.now()
        token = find_token(words[1].decode("latin-1"), now) if len(words) == 2 else None
        if token is None:
            if not take("api_stranger", network_of(request), now=now):
                raise exceptions.Throttled(limits()["api_stranger"].seconds)
            raise exceptions.AuthenticationFailed("This token is not valid, or is no longer.", code="token_invalid")
        came_by_token(token.pk, token.user)
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="warrantydesk"'


class HasScope(BasePermission):
    """The token's scope and its account's permission, both."""

    def has_permission(self, request: Any, view: Any) -> bool:
        scope = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        if request.auth is None:
            raise exceptions.NotAuthenticated("Send a token: Authorization: Bearer wd_…", code="token_missing")
        if scope is None:
            return True  # no such method: it is answered 405
        if scope not in request.auth.scopes:
            raise exceptions.PermissionDenied(f"This token lacks the scope {scope}.", code="scope_missing")
        if not (request.user.is_staff and request.user.has_perm(permission_of(scope))):
            raise exceptions.PermissionDenied(f"The token's account may not do what {scope} is for.", code="permission")
        return True


class TokenThrottle(BaseThrottle):
    """As often as the one table of limits says (warrantydesk/faces/limits.py)."""

    def allow_request(self, request: Any, view: Any) -> bool:
        now = timezone.now()
        if request.auth is None:
            return take("api_stranger", network_of(request), now=now)
        return take("api", str(request.auth.pk), now=now)

    def wait(self) -> float:
        return float(limits()["api"].seconds)
