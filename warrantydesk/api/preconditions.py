"""`If-Match`: whoever changes a thing says which state of it they have seen, so nobody undoes what they never saw.

Adding (a case, a message, a parcel, a scan) overtakes nobody and needs no such word.
"""

import hashlib
from typing import Any

from django.utils.http import parse_etags
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer

HEADER = "If-Match"


class Overtaken(exceptions.APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "It has changed since: read it again, look, and send the ETag it has now."
    default_code = "overtaken"


class StateNotNamed(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Send If-Match with the ETag of what you have read; * where any state will do."
    default_code = "if_match_missing"


def tag_of(data: Any) -> str:
    """The ETag of what a GET answers."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'


def require_match(request: Any, data: Any) -> None:
    """`data` is the state it has now, read under its lock. Refused without If-Match, and where another was seen."""
    written = request.headers.get(HEADER, "").strip()
    if not written:
        raise StateNotNamed
    if written != "*" and tag_of(data) not in parse_etags(written):
        raise Overtaken
