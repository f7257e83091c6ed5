"""The request log of the whole desk, without the tokens of private links."""

from typing import Any

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from warrantydesk.logs import about_case
from warrantydesk.portal.redaction import hide_tokens


class RequestLog(RequestMiddleware):
    """django-structlog's log of every request; what it writes of the address has no token in it."""

    def process_view(self, _request: HttpRequest, _view: Any, _arguments: Any, named: dict[str, Any]) -> None:
        if "reference" in named:
            about_case(str(named["reference"]))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return hide_tokens(f"{request.method} {request.get_full_path()}")
