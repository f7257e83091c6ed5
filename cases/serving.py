"""Evidence on its way to a browser. Whoever calls this has checked that the reader may see the case (law 6)."""

import re
from collections.abc import Iterator
from typing import IO, Literal

from django.conf import settings
from django.core.files.storage import Storage, default_storage, storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from cases.models import Evidence

Which = Literal["web", "thumbnail", "video", "original"]
_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/heic": (".heic", ".heif"),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "video/mp4": (".mp4", ".m4v", ".3gp"),
    "video/quicktime": (".mov", ".qt"),
    "video/webm": (".webm",),
    "application/pdf": (".pdf",),
}


def file_response(
    evidence: Evidence, which: Which, request: HttpRequest | None = None, *, for_staff: bool = False
) -> HttpResponseBase:
    """One file of a case. Http404 where there is no such rendition, or this reader may not have it.

    `web` and `thumbnail` are our own JPEGs, shown in the page. `video` plays in the page and honours the range header
    of `request`. `original` is only ever a download: it is what a stranger sent. Nobody gets a quarantined file; a
    customer gets none that waits for the virus scanner, and of a picture only ours, which does not tell the place.
    """
    if not evidence.is_kept or not (for_staff or evidence.may_go_to_customer):
        raise Http404("There is no such file.")
    if which in ("web", "thumbnail"):
        return _guarded(_picture(getattr(evidence, which).name))
    if which == "video" and not evidence.is_video:
        raise Http404("There is no such video.")
    if evidence.is_image and not for_staff:
        return _guarded(_picture(evidence.web.name, as_download=f"{evidence.name}.jpg"))
    return _guarded(_original(evidence, inline=which == "video", request=request))


def download_name(evidence: Evidence) -> str:
    """The file's name with an ending that says what it is: nobody shall open a picture that calls itself a program."""
    endings = _ENDINGS.get(evidence.content_type, ())
    if not endings or evidence.name.lower().endswith(endings):
        return evidence.name
    return f"{evidence.name}{endings[0]}"


def _picture(key: str | None, as_download: str = "") -> HttpResponseBase:
    if not key:
        raise Http404("There is no such picture.")
    response = FileResponse(_opened(key), content_type="image/jpeg")
    # Django would tell the name under which it is stored.
    response.headers["Content-Disposition"] = content_disposition_header(bool(as_download), as_download) or "inline"
    return response


def _original(evidence: Evidence, *, inline: bool, request: HttpRequest | None) -> HttpResponseBase:
    key, kind = str(evidence.original.name), evidence.content_type
    disposition = content_disposition_header(not inline, download_name(evidence)) or "attachment"
    if _signs_addresses():
        # The store serves it itself, for a few minutes, under the same headers: no worker is held by a long video.
        parameters = {"ResponseContentDisposition": disposition, "ResponseContentType": kind}
        return HttpResponseRedirect(_as_browsers_see_it().url(key, parameters=parameters))  # type: ignore[call-arg]
    file, tag = _opened(key), f'"{evidence.sha256}"'
    response = _ranged(file, evidence.size, kind, _wanted_range(request, tag))
    response.headers["Content-Disposition"] = disposition
    response.headers["ETag"] = tag
    return response


def _signs_addresses() -> bool:
    return bool(getattr(default_storage, "querystring_auth", False))


def _as_browsers_see_it() -> Storage:
    """The storage whose addresses a browser can reach: inside a network the store may have another name."""
    return storages["links"] if "links" in settings.STORAGES else default_storage


def _wanted_range(request: HttpRequest | None, tag: str) -> str:
    """The range asked for; none where it was to go on with another file than this one (If-Range, RFC 9110 13.1.5)."""
    if request is None or request.headers.get("If-Range", tag) != tag:
        return ""
    return request.headers.get("Range", "")


def _opened(key: str) -> IO[bytes]:
    try:
        return default_storage.open(key, "rb")
    except FileNotFoundError:
        raise Http404("This file is missing.") from None


def _ranged(file: IO[bytes], size: int, content_type: str, wanted: str) -> HttpResponseBase:
    """The whole file (200), the one range asked for (206), or none where it lies outside (416)."""
    span = _span(wanted, size)
    if span is None:
        response: HttpResponseBase = FileResponse(file, content_type=content_type)
        response.headers["Accept-Ranges"] = "bytes"
        return response
    first, last = span
    if first > last or first >= size:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}, content_type=content_type)
    length = last - first + 1
    headers = {
        "Content-Range": f"bytes {first}-{last}/{size}",
        "Content-Length": str(length),
        "Accept-Ranges": "bytes",
    }
    return StreamingHttpResponse(_pieces(file, first, length), status=206, content_type=content_type, headers=headers)


def _span(wanted: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a Range header; None where it asks for all, for several, or for nothing we understand."""
    match = _RANGE.fullmatch(wanted.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size - 1
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last), size - 1) if last else size - 1


def _pieces(file: IO[bytes], first: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        while length > 0 and (piece := file.read(min(_CHUNK, length))):
            length -= len(piece)
            yield piece


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
