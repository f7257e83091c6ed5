"""Files in pieces, from the portal's own pages: the core of tus 1.0 (https://tus.io), behind the customer's door, and
for a request that is still being written (`draft_begin`, `draft_upload`), whose files wait in its basket.

POST begins an upload (Upload-Length, Upload-Metadata) under a key the browser chose (Upload-Key), HEAD says how far it
is, PATCH appends at Upload-Offset, DELETE forgets it. Every one may be asked again after its answer was lost. The last
PATCH takes the file in and answers what became of it; an empty one at the end asks for that answer once more.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.evidence import refusals
from cases.models import Evidence, EvidenceUpload, HeldFile
from cases.services import uploading
from cases.services.uploading import Begun, Place
from warrantydesk.portal.access import customer_address
from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.drafting import draft_address
from warrantydesk.portal.models import RequestDraft

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
SECONDS_TO_WAIT = 2
_KEY = re.compile(r"[A-Za-z0-9_-]{20,64}")
_NUMBER = re.compile(r"\d{1,15}")
LONGEST_METADATA = 4000


class _RequestError(Exception):
    """What a program of ours never sends; `status` and a sentence for whoever wrote the program that did."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Room:
    """Where files go: the case of the customer, or the basket of a request that is still being written.

    `address` is the name of the address of one upload.
    """

    place: Place
    begin: Callable[..., Begun]
    address: str
    now: datetime

    @property
    def actor(self) -> Actor:
        return Actor.customer()


def _room_of_case(page: CaseOfCustomer) -> Room:
    return Room(page.case, uploading.begin_upload, "portal:upload", page.now)


def _room_of_draft(draft: RequestDraft, now: datetime) -> Room:
    return Room(draft.basket_to_fill(now), uploading.begin_upload_into, "portal:draft_upload", now)


@customer_address("POST")
def begin(request: HttpRequest, page: CaseOfCustomer) -> HttpResponseBase:
    """201 with the Location of a new upload (200 of one begun before), or 413 with the reason why not."""
    return _begin(request, _room_of_case(page))


@customer_address("HEAD", "PATCH", "DELETE")
def upload(request: HttpRequest, page: CaseOfCustomer, key: str) -> HttpResponseBase:
    """One upload of this case. 404 for any other, like for one that never was."""
    return _carry_on(request, _room_of_case(page), key)


@draft_address("POST")
def draft_begin(request: HttpRequest, draft: RequestDraft, now: datetime) -> HttpResponseBase:
    """As `begin`, for the request of this browser that is still being written."""
    return _begin(request, _room_of_draft(draft, now))


@draft_address("HEAD", "PATCH", "DELETE")
def draft_upload(request: HttpRequest, draft: RequestDraft, now: datetime, key: str) -> HttpResponseBase:
    return _carry_on(request, _room_of_draft(draft, now), key)


def _begin(request: HttpRequest, room: Room) -> HttpResponseBase:
    try:
        _check_version(request)
        key, size = _key(request.headers.get("Upload-Key", "")), _number(request, "Upload-Length")
        name, claimed_type = _metadata(request.headers.get("Upload-Metadata", ""))
        begun = room.begin(
            room.place.pk, key=key, name=name, claimed_type=claimed_type, size=size, actor=room.actor, now=room.now
        )
    except _RequestError as bad:
        return _answer(bad.status, message=str(bad))
    except NotPossible as refused:
        return _answer(409, message=str(refused))
    if begun.upload is None:
        return _answer(413, message=_in_words(begun.refusal))
    response = _standing(begun.upload, status=200 if begun.upload.received else 201)
    response.headers["Location"] = reverse(room.address, args=[key])
    return response


def _carry_on(request: HttpRequest, room: Room, key: str) -> HttpResponseBase:
    known = uploading.upload_of(room.place, key)
    if known is None:
        return _answer(404, message=_("We do not know this file. Please choose it again."))
    try:
        _check_version(request)
        if request.method == "HEAD":
            return _standing(known)
        if request.method == "DELETE":
            uploading.cancel_upload(known, actor=room.actor, now=room.now)
            return _answer(204)
        return _append(request, room, known)
    except _RequestError as bad:
        return _answer(bad.status, message=str(bad))
    except Stale as stale:
        return _answer(409, message=str(stale))
    except NotPossible as refused:
        return _answer(400, message=str(refused))


def _in_words(refusal: str) -> str:
    """Why it need not be sent. The reason as it is stored points to this page, which is no help on this page."""
    if refusal == refusals.TOO_LARGE:
        said = _("It is too large: a file may have %(mb)s MB. Please send a shorter video or a smaller picture.")
        return said % {"mb": settings.EVIDENCE_PORTAL_MB}
    return _(refusal)


def _append(request: HttpRequest, room: Room, known: EvidenceUpload) -> HttpResponse:
    if request.content_type != PIECE:
        raise _RequestError(415, f"Content-Type must be {PIECE}.")
    offset = _number(request, "Upload-Offset")
    if offset != known.received:  # before the bytes are read: nobody waits for a piece that will not fit
        return _standing(known, status=409)
    content = _piece(request)
    if content:
        known = uploading.add_piece(known, offset=offset, content=content, actor=room.actor, now=room.now)
    if known.received < known.size:
        return _standing(known)
    row = uploading.finish_upload(known, actor=room.actor, now=room.now)
    if row is None:
        response = _standing(known, status=423)
        response.headers["Retry-After"] = str(SECONDS_TO_WAIT)
        return response
    return _became(known, row)


def _piece(request: HttpRequest) -> bytes:
    """The bytes of one piece, whole: what a broken line cut short is sent again."""
    written = request.headers.get("Content-Length", "")
    length = int(written) if _NUMBER.fullmatch(written) else 0
    if length > uploading.MOST_BYTES:
        raise _RequestError(413, f"A piece has at most {uploading.MOST_BYTES} bytes.")
    try:
        content = request.read(length) if length else b""
    except UnreadablePostError as error:
        raise _RequestError(400, "The piece broke off.") from error
    if len(content) != length:
        raise _RequestError(400, "The piece broke off.")
    return content


def _became(known: EvidenceUpload, row: Evidence | HeldFile) -> HttpResponse:
    response = JsonResponse({"name": row.name, "refused": _(row.refusal) if row.refusal else ""})
    return _with_headers(response, {"Upload-Offset": str(known.size)})


def _standing(known: EvidenceUpload, status: int = 204) -> HttpResponse:
    headers = {"Upload-Offset": str(known.received), "Upload-Length": str(known.size)}
    return _with_headers(HttpResponse(status=status), headers)


def _answer(status: int, message: str = "") -> HttpResponse:
    return _with_headers(JsonResponse({"message": message}, status=status) if message else HttpResponse(status=status))


def _with_headers(response: HttpResponse, headers: dict[str, str] | None = None) -> HttpResponse:
    response.headers["Tus-Resumable"] = VERSION
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def _check_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable", VERSION) != VERSION:
        raise _RequestError(412, f"This is tus {VERSION}.")


def _key(written: str) -> str:
    if not _KEY.fullmatch(written):
        raise _RequestError(400, "Upload-Key must be 20 to 64 letters, digits, '-' or '_', chosen at random.")
    return written


def _number(request: HttpRequest, header: str) -> int:
    written = request.headers.get(header, "")
    if not _NUMBER.fullmatch(written):
        raise _RequestError(400, f"{header} must be a number of bytes.")
    return int(written)


def _metadata(written: str) -> tuple[str, str]:
    """Name and claimed type, as tus writes them: `filename <base64>,filetype <base64>`."""
    if len(written) > LONGEST_METADATA:
        raise _RequestError(400, "Upload-Metadata is too long.")
    pairs = dict(pair.strip().partition(" ")[::2] for pair in written.split(","))
    return _decoded(pairs.get("filename", "")), _decoded(pairs.get("filetype", ""))


def _decoded(written: str) -> str:
    try:
        return base64.b64decode(written, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise _RequestError(400, "Upload-Metadata must be base64 of UTF-8.") from error
