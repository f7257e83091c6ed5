"""What a provider posted, read within a limit before anybody looks into it.

Django's own limit on forms (5 MB for all fields together) is right for the pages people use and far too small for a
mail with photos in one field, so these bodies are read, and forms cut apart, here.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters

from warrantydesk.intake.reading.structure import find_pieces

MOST_FIELDS = 1000
_HEADERS_END = re.compile(rb"\r?\n\r?\n")


class TooLarge(Exception):
    """The body is beyond the limit."""


class Malformed(Exception):
    """The body is not of the shape this provider posts; says what is wrong."""


class _Piece(NamedTuple):
    name: str
    file_name: str
    content_type: str
    content: bytes


def read_body(request: HttpRequest, limit: int) -> bytes:
    """The whole body, from now on also `request.body`. TooLarge where it is larger than `limit` bytes."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise TooLarge
    body: bytes = request.read(limit + 1)
    if len(body) > limit:
        raise TooLarge
    # Where Django would keep it too, had it read the body: the library's views ask for request.body.
    request._body = body
    return body


def read_form(request: HttpRequest, body: bytes) -> dict[str, bytes]:
    """The fields of a posted form as bytes, the last of each name; also put into request.POST and request.FILES.

    JSON and anything else has no fields. Malformed where a form is broken or has too many fields.
    """
    pieces = list(_pieces(request, body))
    fields = [piece for piece in pieces if not piece.file_name]
    post = QueryDict(mutable=True)
    for field in fields:
        post.appendlist(field.name, field.content.decode("utf-8", "replace"))
    files: MultiValueDict[str, SimpleUploadedFile] = MultiValueDict()
    for piece in pieces:
        if piece.file_name:
            file = SimpleUploadedFile(piece.file_name, piece.content, content_type=piece.content_type)
            files.appendlist(piece.name, file)
    # The setters of a request are these two names; without them Django would parse the body again, within its limit.
    request._post, request._files = post, files  # type: ignore[attr-defined]
    return {field.name: field.content for field in fields}


def _pieces(request: HttpRequest, body: bytes) -> Iterator[_Piece]:
    kind, parameters = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    if kind == "application/x-www-form-urlencoded":
        yield from _of_query(body)
    elif kind == "multipart/form-data":
        yield from _of_multipart(body, parameters.get("boundary", ""))


def _of_query(body: bytes) -> Iterator[_Piece]:
    try:
        # latin-1 both ways keeps every byte, so that a mail in any charset comes out as it was posted.
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Malformed(f"not a form: {error}") from error
    for name, value in pairs:
        yield _Piece(name, "", "", value.encode("latin-1"))


def _of_multipart(body: bytes, boundary: str) -> Iterator[_Piece]:
    if not boundary.isascii() or not 1 <= len(boundary) <= 200:
        raise Malformed("a form without a usable boundary")
    for number, (start, end) in enumerate(find_pieces(body, 0, len(body), boundary.encode("ascii"))):
        if number >= MOST_FIELDS:
            raise Malformed(f"more than {MOST_FIELDS} fields")
        yield _piece(body, start, end)


def _piece(body: bytes, start: int, end: int) -> _Piece:
    head = _HEADERS_END.search(body, start, min(end, start + 20_000))
    if head is None:
        raise Malformed("a field without headers")
    lines = body[start : head.start()].decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    headers = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    _kind, parameters = parse_header_parameters(headers.get("content-disposition", ""))
    return _Piece(
        parameters.get("name", ""),
        parameters.get("filename", ""),
        headers.get("content-type", "application/octet-stream"),
        body[head.end() : end],
    )
