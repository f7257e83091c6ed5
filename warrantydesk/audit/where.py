"""The request under way, for whoever writes the trail: who sent it, and from where."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

_under_way: ContextVar[HttpRequest | None] = ContextVar("request_under_way", default=None)


def keep_request(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: after it the trail knows whose request this is."""

    def middleware(request: HttpRequest) -> HttpResponse:
        before = _under_way.set(request)
        try:
            return get_response(request)
        finally:
            _under_way.reset(before)

    return middleware


def request_under_way() -> HttpRequest | None:
    """None in a worker, and in a command."""
    return _under_way.get()


def came_by_token(token_id: int, user: Any) -> None:
    """The request under way has proved itself by this token of the API."""
    request = _under_way.get()
    if request is not None:
        request.audit_token = (token_id, user.pk)  # type: ignore[attr-defined]
