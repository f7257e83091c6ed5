"""Evidence in a browser: our own pictures in the page, what a stranger sent only as a download."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from django.core.files.storage import default_storage
from django.http import Http404
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from cases.evidence import processing
from cases.evidence.storage import MB, store_file
from cases.models import Evidence
from cases.serving import download_name, file_response
from cases.tests import files
from cases.tests.mailroom import NOW, a_case
from cases.tests.shelf import Shelf, use_bucket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("decoded_once")]
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


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def _fetched(response: HttpResponseBase, wanted: str = "") -> Answer:
    """What a browser ends up with: it follows the desk to the store, where the store serves the file itself."""
    if response.status_code == 302:
        answer = requests.get(response.headers["Location"], headers={"Range": wanted} if wanted else {}, timeout=20)
        return Answer(answer.status_code, answer.headers, answer.content)
    content = b"".join(response) if response.streaming else response.content  # type: ignore[call-overload, attr-defined]
    response.close()
    return Answer(response.status_code, response.headers, content)


def _body(response: HttpResponseBase) -> bytes:
    return _fetched(response).body


@pytest.mark.parametrize("which", ["web", "thumbnail"])
def test_picture_is_shown_in_the_page_when_it_is_ours(shelf: Shelf, which: str) -> None:
    response = file_response(_evidence(files.picture("PNG"), "evil.html"), which)  # type: ignore[arg-type]
    assert _body(response).startswith(b"\xff\xd8\xff")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"] == "inline"


@pytest.mark.parametrize("which", ["web", "thumbnail", "original", "video"])
def test_response_is_guarded_when_anything_is_served(shelf: Shelf, which: str) -> None:
    evidence = _evidence(CLIP if which == "video" else files.picture())
    response = file_response(evidence, which, for_staff=True)  # type: ignore[arg-type]
    assert _fetched(response).status == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Cache-Control"] == "private, no-store"
    if response.status_code != 302:
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
def test_original_is_a_download_when_it_is_asked_for(shelf: Shelf, content: bytes, name: str, disposition: str) -> None:
    answer = _fetched(file_response(_evidence(content, name), "original", for_staff=True))
    assert answer.body == content
    assert answer.headers["Content-Disposition"] == disposition


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
]
# What a store of its own answers to these is its own affair.
ODD_RANGES = [
    ("bytes=-999999", 206, slice(None), "bytes 0-{last}/{size}"),
    ("bytes=999999-", 416, slice(0, 0), "bytes */{size}"),
    ("bytes=-0", 416, slice(0, 0), "bytes */{size}"),
    ("bytes=9-2", 200, slice(None), None),
    ("bytes=0-1,3-4", 200, slice(None), None),
    ("bytes=-", 200, slice(None), None),
    ("lines=0-1", 200, slice(None), None),
    (f"bytes={'9' * 5000}-", 200, slice(None), None),
]


def _plays(wanted: str, status: int, part: slice, span: str | None) -> None:
    request = RequestFactory().get("/", headers={"Range": wanted} if wanted else {})
    answer = _fetched(file_response(_evidence(CLIP, "clip.mp4"), "video", request), wanted)
    assert (answer.status, answer.body) == (status, CLIP[part])
    size = len(CLIP)
    expected = span.format(size=size, last=size - 1, tail=size - 5) if span else None
    assert answer.headers.get("Content-Range") == expected
    if status != 416:
        assert int(answer.headers["Content-Length"]) == len(CLIP[part])
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(("wanted", "status", "part", "span"), RANGES, ids=[row[0] or "none" for row in RANGES])
def test_video_plays_from_anywhere_when_a_range_is_asked_for(  # type: ignore[no-untyped-def]
    shelf: Shelf, wanted: str, status: int, part: slice, span: str | None
) -> None:
    _plays(wanted, status, part, span)


@pytest.mark.parametrize(("wanted", "status", "part", "span"), ODD_RANGES, ids=[row[0][:20] for row in ODD_RANGES])
def test_video_plays_or_says_no_when_the_range_is_an_odd_one(  # type: ignore[no-untyped-def]
    storage: Path, wanted: str, status: int, part: slice, span: str | None
) -> None:
    _plays(wanted, status, part, span)


@pytest.mark.parametrize(("seen", "status"), [("this", 206), ("another", 200), ("W/this", 200)])
def test_video_goes_on_only_when_it_is_still_the_same_one(storage: Path, seen: str, status: int) -> None:
    evidence = _evidence(CLIP, "clip.mp4")
    tag = {"this": f'"{evidence.sha256}"', "another": '"x"', "W/this": f'W/"{evidence.sha256}"'}[seen]
    request = RequestFactory().get("/", headers={"Range": "bytes=0-9", "If-Range": tag})
    answer = _fetched(file_response(evidence, "video", request))
    assert (answer.status, len(answer.body)) == (status, 10 if status == 206 else len(CLIP))
    assert answer.headers["ETag"] == f'"{evidence.sha256}"'


@pytest.mark.parametrize(("content", "which"), [(files.PDF, "web"), (files.PDF, "video"), (CLIP, "thumbnail")])
def test_nothing_is_found_when_there_is_no_such_rendition(shelf: Shelf, content: bytes, which: str) -> None:
    with pytest.raises(Http404):
        file_response(_evidence(content), which)  # type: ignore[arg-type]


def test_nothing_is_found_when_the_file_is_gone(shelf: Shelf) -> None:
    evidence = _evidence(files.PDF)
    default_storage.delete(str(evidence.original.name))
    if shelf.is_s3:  # the store finds out, not the desk
        assert _fetched(file_response(evidence, "original")).status in (403, 404)
    else:
        with pytest.raises(Http404):
            file_response(evidence, "original")


@pytest.mark.parametrize("which", ["web", "thumbnail", "original", "video"])
@pytest.mark.parametrize("status", ["refused", "infected", "erased"])
def test_nobody_gets_a_file_that_is_not_kept(shelf: Shelf, status: str, which: str) -> None:
    evidence = _evidence(files.picture())
    evidence.status = status
    for for_staff in (True, False):
        with pytest.raises(Http404):
            file_response(evidence, which, for_staff=for_staff)  # type: ignore[arg-type]


@pytest.mark.parametrize("which", ["web", "thumbnail", "original"])
@pytest.mark.parametrize(
    ("scanner", "scan", "shown"),
    [
        ("", "", True),
        ("", "waiting", True),
        ("tcp://scanner", "clean", True),
        ("tcp://scanner", "", False),
        ("tcp://scanner", "waiting", False),
        ("tcp://scanner", "too_large", False),
    ],
)
def test_customer_gets_only_what_is_clean_when_there_is_a_scanner(  # type: ignore[no-untyped-def]
    storage: Path, settings, scanner: str, scan: str, shown: bool, which: str
) -> None:
    evidence = _evidence(files.picture())
    settings.CLAMD_URL, evidence.scan = scanner, scan
    assert _fetched(file_response(evidence, which, for_staff=True)).status == 200  # type: ignore[arg-type]
    if shown:
        assert _fetched(file_response(evidence, which)).status == 200  # type: ignore[arg-type]
    else:
        with pytest.raises(Http404):
            file_response(evidence, which)  # type: ignore[arg-type]


def test_customer_never_gets_the_place_a_picture_was_taken_at(shelf: Shelf) -> None:
    evidence = _evidence(files.picture(exif=files.exif(6)), "IMG_1.HEIC")
    answers = [_fetched(file_response(evidence, which)) for which in ("web", "thumbnail", "original")]  # type: ignore[arg-type]
    assert all(answer.body.startswith(b"\xff\xd8\xff") and b"Exif" not in answer.body for answer in answers)
    assert answers[2].headers["Content-Disposition"] == 'attachment; filename="IMG_1.HEIC.jpg"'
    assert b"Exif" in _fetched(file_response(evidence, "original", for_staff=True)).body


def test_bucket_gives_nothing_when_its_address_is_not_signed(shelf: Shelf) -> None:
    evidence = _evidence(files.PDF)
    if not shelf.is_s3:
        addresses = [f"{start}{evidence.original.name}" for start in ("/", "/static/", "/media/", "/files/")]
        assert [Client().get(address).status_code for address in addresses] == [404] * 4
        return
    signed = file_response(evidence, "original").headers["Location"]
    assert requests.get(signed, timeout=20).content == files.PDF
    bare = requests.get(signed.partition("?")[0], timeout=20)
    assert (bare.status_code, files.PDF in bare.content) == (403, False)


def test_links_name_the_store_as_browsers_see_it_when_it_has_two_names(settings, s3_server) -> None:  # type: ignore[no-untyped-def]
    use_bucket(settings, s3_server)
    seen = {**settings.STORAGES["default"]}
    seen["OPTIONS"] = {**seen["OPTIONS"], "endpoint_url": "https://files.example"}
    settings.STORAGES = {**settings.STORAGES, "links": seen}
    address = file_response(_evidence(files.PDF), "original").headers["Location"]
    assert address.startswith("https://files.example/")


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
    response = file_response(evidence, "original", for_staff=True)
    assert response.status_code == 302
    address = response.headers["Location"]
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in address
    assert "X-Amz-Expires=300" in address
    assert "response-content-disposition=attachment%3B%20filename%3D%22setup.exe.jpg%22" in address
    assert "response-content-type=image%2Fjpeg" in address
