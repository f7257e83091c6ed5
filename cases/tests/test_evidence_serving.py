"""Evidence in a browser: our own pictures in the page, what a stranger sent only as a download."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.http import Http404
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from cases.evidence import processing
from cases.evidence.storage import MB, store_file
from cases.models import Evidence
from cases.serving import download_name, file_response
from cases.tests import files
from cases.tests.mailroom import NOW, a_case

pytestmark = pytest.mark.django_db
CLIP = files.video() + bytes(range(256)) * 4


def _evidence(content: bytes, name: str = "photo.jpg") -> Evidence:
    stored = store_file(name, "", content, limit_bytes=MB)
    evidence = Evidence.objects.create(
        case=a_case(),
        name=stored.name,
        content_type=stored.content_type,
        size=stored.size,
        sha256=stored.sha256,
        original=stored.key,
        received_at=NOW,
    )
    processing.process(evidence.pk, NOW)
    evidence.refresh_from_db()
    return evidence


def _body(response: HttpResponseBase) -> bytes:
    content = b"".join(response) if response.streaming else response.content  # type: ignore[call-overload, attr-defined]
    response.close()
    return content


@pytest.mark.parametrize("which", ["web", "thumbnail"])
def test_picture_is_shown_in_the_page_when_it_is_ours(storage: Path, which: str) -> None:
    response = file_response(_evidence(files.picture("PNG"), "evil.html"), which)  # type: ignore[arg-type]
    assert _body(response).startswith(b"\xff\xd8\xff")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"] == "inline"


@pytest.mark.parametrize("which", ["web", "thumbnail", "original", "video"])
def test_response_is_guarded_when_anything_is_served(storage: Path, which: str) -> None:
    evidence = _evidence(CLIP if which == "video" else files.picture())
    response = file_response(evidence, which)  # type: ignore[arg-type]
    _body(response)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert str(evidence.original.name).rpartition("/")[2] not in str(response.headers)


@pytest.mark.parametrize(
    ("content", "name", "disposition"),
    [
        (files.picture(), "photo.jpg", 'attachment; filename="photo.jpg"'),
        (files.picture(), "setup.exe", 'attachment; filename="setup.exe.jpg"'),
        (files.PDF, "写真.PDF", "attachment; filename*=utf-8''%E5%86%99%E7%9C%9F.PDF"),
        (files.PDF, 'a"\r\nX: y.pdf', 'attachment; filename="a_ X: y.pdf"'.replace(": ", "_ ")),
    ],
)
def test_original_is_a_download_when_it_is_asked_for(
    storage: Path, content: bytes, name: str, disposition: str
) -> None:
    response = file_response(_evidence(content, name), "original")
    assert _body(response) == content
    assert response.headers["Content-Disposition"] == disposition


@pytest.mark.parametrize(
    ("name", "content_type", "shown"),
    [
        ("a.jpeg", "image/jpeg", "a.jpeg"),
        ("a.JPG", "image/jpeg", "a.JPG"),
        ("a", "image/heic", "a.heic"),
        ("a.jpg.html", "image/png", "a.jpg.html.png"),
        ("a.mp4", "video/quicktime", "a.mp4.mov"),
        ("a.exe", "", "a.exe"),
    ],
)
def test_download_name_says_what_the_file_is_when_its_own_lies(name: str, content_type: str, shown: str) -> None:
    assert download_name(Evidence(name=name, content_type=content_type)) == shown


RANGES = [
    ("", 200, slice(None), None),
    ("bytes=0-", 206, slice(0, None), "bytes 0-{last}/{size}"),
    ("bytes=0-9", 206, slice(0, 10), "bytes 0-9/{size}"),
    ("bytes=100-199", 206, slice(100, 200), "bytes 100-199/{size}"),
    ("bytes=10-999999", 206, slice(10, None), "bytes 10-{last}/{size}"),
    ("bytes=-5", 206, slice(-5, None), "bytes {tail}-{last}/{size}"),
    ("bytes=-999999", 206, slice(None), "bytes 0-{last}/{size}"),
    ("bytes=999999-", 416, slice(0, 0), "bytes */{size}"),
    ("bytes=-0", 416, slice(0, 0), "bytes */{size}"),
    ("bytes=9-2", 200, slice(None), None),
    ("bytes=0-1,3-4", 200, slice(None), None),
    ("bytes=-", 200, slice(None), None),
    ("lines=0-1", 200, slice(None), None),
    (f"bytes={'9' * 5000}-", 200, slice(None), None),
]


@pytest.mark.parametrize(("wanted", "status", "part", "span"), RANGES, ids=[row[0][:20] or "none" for row in RANGES])
def test_video_plays_from_anywhere_when_a_range_is_asked_for(  # type: ignore[no-untyped-def]
    storage: Path, wanted: str, status: int, part: slice, span: str | None
) -> None:
    request = RequestFactory().get("/", headers={"Range": wanted} if wanted else {})
    response = file_response(_evidence(CLIP, "clip.mp4"), "video", request)
    assert (response.status_code, _body(response)) == (status, CLIP[part])
    size = len(CLIP)
    expected = span.format(size=size, last=size - 1, tail=size - 5) if span else None
    assert response.headers.get("Content-Range") == expected
    if status != 416:
        assert int(response.headers["Content-Length"]) == len(CLIP[part])
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["Content-Type"] == "video/mp4"
        assert response.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(("content", "which"), [(files.PDF, "web"), (files.PDF, "video"), (CLIP, "thumbnail")])
def test_nothing_is_found_when_there_is_no_such_rendition(storage: Path, content: bytes, which: str) -> None:
    with pytest.raises(Http404):
        file_response(_evidence(content), which)  # type: ignore[arg-type]


def test_nothing_is_found_when_the_file_was_refused_or_is_gone(storage: Path) -> None:
    refused = Evidence(name="x", size=1, status="refused", refusal="no", received_at=NOW)
    with pytest.raises(Http404):
        file_response(refused, "original")
    evidence = _evidence(files.PDF)
    default_storage.delete(str(evidence.original.name))
    with pytest.raises(Http404):
        file_response(evidence, "original")


def test_original_comes_from_the_store_itself_when_it_can_sign_addresses(settings) -> None:  # type: ignore[no-untyped-def]
    options = {
        "bucket_name": "evidence",
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "eu-central-1",
        "signature_version": "s3v4",
        "querystring_auth": True,
        "querystring_expire": 300,
    }
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    evidence = Evidence(
        name="setup.exe",
        content_type="image/jpeg",
        size=9,
        sha256="0" * 64,
        original="evidence/2026/token",
        received_at=dt.datetime.now(dt.UTC),
    )
    response = file_response(evidence, "original")
    assert response.status_code == 302
    address = response.headers["Location"]
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in address
    assert "X-Amz-Expires=300" in address
    assert "response-content-disposition=attachment%3B%20filename%3D%22setup.exe.jpg%22" in address
    assert "response-content-type=image%2Fjpeg" in address
