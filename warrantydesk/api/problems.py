"""Every error of the API as application/problem+json (RFC 9457): what, where, and what to do."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from cases.errors import NotAllowed, NotPossible, Stale
from products.errors import NotPermitted, Refused

CONTENT_TYPE = "application/problem+json"
CONFLICTS = ("contradiction", "serial_taken")


class Unprocessable(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def answer_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an expected error; None for a fault, which is then a 500 and a line in the log."""
    set_rollback()
    if isinstance(error, Refused):
        return _refused(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        more = {"errors": list(_errors(error.detail))}
        return problem(400, "The request is not as it must be.", code="invalid", headers=headers, **more)
    code = error.get_codes() if isinstance(error.detail, str) else error.default_code
    return problem(error.status_code, str(error.detail), code=str(code), headers=headers)


def problem(
    status_code: int, detail: str, *, code: str, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    body = {"type": "about:blank", "title": _title(status_code), "status": status_code, "detail": detail, "code": code}
    return Response({**body, **more}, status=status_code, headers=headers, content_type=CONTENT_TYPE)


def _refused(error: Refused) -> Response:
    more: dict[str, Any] = {"field": error.field} if error.field else {}
    if isinstance(error, NotPossible) and error.unmet:
        more["unmet"] = [{"code": one.code, "message": str(one.message)} for one in error.unmet]
    if isinstance(error, NotPermitted | NotAllowed):
        status_code = 403
    elif isinstance(error, Stale) or error.code in CONFLICTS:
        status_code = 409
    else:
        status_code = 422
    return problem(status_code, str(error), code=error.code or "refused", **more)


def _errors(detail: Any, where: str = "") -> Any:
    """`lines[0].sku` and what is wrong with it, one by one."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _errors(inner, _within(where, name))
    elif isinstance(detail, list) and any(isinstance(one, dict | list) for one in detail):
        for place, inner in enumerate(detail):
            yield from _errors(inner, f"{where}[{place}]")
    else:
        for one in detail if isinstance(detail, list) else [detail]:
            yield {"field": where, "message": str(one), "code": str(getattr(one, "code", "invalid"))}


def _within(where: str, name: Any) -> str:
    if name == "non_field_errors":
        return where
    if isinstance(name, int):
        return f"{where}[{name}]"
    return f"{where}.{name}" if where else str(name)


def _title(status_code: int) -> str:
    from http import HTTPStatus

    return HTTPStatus(status_code).phrase
