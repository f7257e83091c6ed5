"""What every answer tells browsers not to do, where they report what they blocked, and whom finders of faults tell.

Sources: OWASP ASVS 5 (3.4, browser headers), RFC 9116 (security.txt), CSP level 3 (reports).
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from warrantydesk.faces.limits import network_of, take

log = logging.getLogger(__name__)
Answer = Callable[[HttpRequest], HttpResponse]

# Nothing of ours asks for any of these; security keys are the one power a page of the desk needs.
POWERS = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "microphone",
    "midi",
    "payment",
    "usb",
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{power}=()" for power in POWERS),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
LONGEST_REPORT = 16 * 1024
VALID_FOR = timedelta(days=180)


def harden(get_response: Answer) -> Answer:
    """Middleware: the headers above on every answer that does not say otherwise itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


@csrf_exempt
@require_POST
def take_csp_report(request: HttpRequest) -> HttpResponse:
    """A browser blocked something: which directive and which host, and nothing of the page or the person, is logged.

    Anybody may post here, so it is limited by network, and the answer is the same whatever was sent.
    """
    if take("csp_report", network_of(request), now=timezone.now()):
        directive, blocked = _blocked(request)
        if directive:
            log.warning("a page was kept from %s by %s", blocked, directive)
    return HttpResponse(status=204)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell about a weakness of the desk."""
    return HttpResponse(_security_txt(timezone.now()), content_type="text/plain; charset=utf-8")


def _security_txt(now: datetime) -> str:
    lines = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": (now + VALID_FOR).strftime("%Y-%m-%dT00:00:00Z"),
        "Preferred-Languages": "en, de",
        "Canonical": f"{settings.SITE_URL}/.well-known/security.txt",
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())


def _blocked(request: HttpRequest) -> tuple[str, str]:
    """The directive and the host of what was blocked; empty words for what is no report."""
    try:
        if int(request.headers.get("Content-Length") or 0) > LONGEST_REPORT:
            return "", ""
        report: Any = json.loads(request.body)["csp-report"]
        directive = str(report.get("effective-directive") or report["violated-directive"])
        blocked = str(report.get("blocked-uri", ""))
        host = urlsplit(blocked).hostname or blocked
    except (ValueError, KeyError, TypeError, AttributeError, RequestDataTooBig, RecursionError):
        return "", ""
    return _plain(directive), _plain(host)


def _plain(word: str) -> str:
    """Somebody else's word, fit for one line of a log."""
    return "".join(letter for letter in word if letter.isprintable())[:80]
