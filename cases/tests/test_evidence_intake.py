"""Taking files in: by content, never by name or claim; what cannot be evidence is refused in the customer's words."""

import hashlib
import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.utils import translation

from cases.evidence import refusals
from cases.evidence.storage import MB, StoredFile, store_file
from cases.tests import files
from cases.tests.shelf import Shelf

ZIP = b"PK\x03\x04" + bytes(40)
LIMIT = 25 * MB


def _stored(content: bytes, name: str = "photo.jpg", limit: int = LIMIT) -> StoredFile:
    return store_file(name, "image/jpeg", content, limit_bytes=limit)


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


ACCEPTED_FILES = [
    ("image/jpeg", files.picture()),
    ("image/jpeg", files.picture(exif=files.exif(6))),
    ("image/png", files.picture("PNG")),
    ("image/png", files.picture("PNG") + b"<html><script>alert(1)</script>"),
    ("image/heic", files.picture("HEIF")),
    ("image/webp", files.picture("WEBP")),
    ("image/gif", files.picture("GIF")),
    ("video/mp4", files.video()),
    ("video/mp4", files.video(b"mp42", b"free")),
    ("video/mp4", files.video(b"3gp5", b"mdat")),
    ("video/quicktime", files.video(b"qt  ", b"wide")),
    ("video/quicktime", files.OLD_MOV),
    ("video/webm", files.WEBM),
    ("application/pdf", files.PDF),
]


@pytest.mark.parametrize(
    ("content_type", "content"), ACCEPTED_FILES, ids=[f"{n}_{kind}" for n, (kind, _) in enumerate(ACCEPTED_FILES)]
)
def test_file_is_kept_as_it_came_when_it_is_evidence(shelf: Shelf, content_type: str, content: bytes) -> None:
    stored = _stored(content, "whatever.exe")
    assert (stored.refusal, stored.content_type, stored.size) == ("", content_type, len(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    with default_storage.open(stored.key) as file:
        assert file.read() == content


REFUSED_FILES = [
    ("empty", b"", refusals.EMPTY),
    ("zip", ZIP, refusals.ARCHIVE),
    ("rar", b"Rar!\x1a\x07\x01\x00" + bytes(40), refusals.ARCHIVE),
    ("gzip", b"\x1f\x8b\x08" + bytes(40), refusals.ARCHIVE),
    ("seven_zip", b"7z\xbc\xaf\x27\x1c" + bytes(40), refusals.ARCHIVE),
    ("windows_program", b"MZ\x90\x00" + bytes(60), refusals.PROGRAM),
    ("linux_program", b"\x7fELF" + bytes(60), refusals.PROGRAM),
    ("script", b"#!/bin/sh\nrm -rf /\n", refusals.PROGRAM),
    ("eicar", files.EICAR, refusals.PROGRAM),
    ("svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', refusals.WEB_PAGE),
    ("svg_after_prolog", b'\xef\xbb\xbf<?xml version="1.0"?><!-- x --><svg/>', refusals.WEB_PAGE),
    ("html", b"<!DOCTYPE html><p>hi", refusals.WEB_PAGE),
    ("html_after_blanks", b"\n\n   <HTML><script>", refusals.WEB_PAGE),
    ("old_word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), refusals.DOCUMENT),
    ("new_word", ZIP + b"[Content_Types].xml word/document.xml", refusals.DOCUMENT),
    ("text", b"my printer is broken", refusals.UNKNOWN),
    ("tiff", b"II*\x00" + bytes(60), refusals.UNKNOWN),
    ("matroska", files.MATROSKA, refusals.UNKNOWN),
    ("avif", files.box(b"ftyp", b"avif\0\0\0\0mif1avif") + files.box(b"meta"), refusals.UNKNOWN),
    ("audio", files.video(b"M4A "), refusals.UNKNOWN),
    ("mp4_only_magic", bytes.fromhex("0000001866747970") + b"mp42", refusals.DAMAGED),
    ("mp4_then_nothing_known", files.video(following=b"\0\0\0\0"), refusals.DAMAGED),
    ("playlist_as_mp4", b"#EXTM3U\n#EXTINF:10,\nconcat:http://127.0.0.1:9/x|file:///etc/passwd\n", refusals.UNKNOWN),
    ("jpeg_magic_then_html", b"\xff\xd8\xff\xe0<html><script>alert(1)</script>", refusals.DAMAGED),
    ("half_a_jpeg", files.picture(size=(400, 300), exif=files.exif())[:-200], refusals.DAMAGED),
    ("half_a_png", files.picture("PNG", (400, 300))[:-20], refusals.DAMAGED),
    ("half_a_heic", files.picture("HEIF")[:200], refusals.DAMAGED),
]


@pytest.mark.parametrize(
    ("content", "refusal"), [row[1:] for row in REFUSED_FILES], ids=[row[0] for row in REFUSED_FILES]
)
def test_file_is_refused_with_a_reason_when_it_is_no_evidence(storage: Path, content: bytes, refusal: str) -> None:
    stored = _stored(content, "photo.jpg")
    assert (stored.refusal, stored.key, stored.sha256) == (refusal, "", "")
    assert stored.size == len(content)
    assert _files_in(storage) == []


def test_refusals_fit_their_column_and_are_ready_to_translate_when_stored() -> None:
    sentences = [value for name, value in vars(refusals).items() if name.isupper()]
    assert len(sentences) >= 10
    assert all(len(sentence) <= 200 and sentence.endswith(".") and "%" not in sentence for sentence in sentences)
    with translation.override("de"):
        assert isinstance(translation.gettext(sentences[0]), str)


@pytest.mark.parametrize(("limit", "kept"), [(len(files.PDF), True), (len(files.PDF) - 1, False)])
def test_file_is_refused_when_it_is_larger_than_the_door_allows(shelf: Shelf, limit: int, kept: bool) -> None:
    stored = _stored(files.PDF, limit=limit)
    assert stored.refusal == ("" if kept else refusals.TOO_LARGE)
    assert bool(shelf.keys()) == kept


class _OneWay(io.RawIOBase):
    """A stream that cannot be rewound, and says how much was taken from it."""

    def __init__(self, content: bytes) -> None:
        self.rest, self.taken = io.BytesIO(content), 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        piece = self.rest.read(size)
        self.taken += len(piece)
        return piece


def _temporary_upload(content: bytes) -> TemporaryUploadedFile:
    upload = TemporaryUploadedFile("x", "image/jpeg", len(content), None)
    upload.write(content)
    return upload


@pytest.mark.parametrize(
    "given",
    [io.BytesIO, _OneWay, _temporary_upload, lambda content: SimpleUploadedFile("x", content)],
    ids=["file", "stream", "upload_on_disk", "upload_in_memory"],
)
def test_content_is_stored_whole_when_it_comes_as_any_kind_of_file(shelf: Shelf, given) -> None:  # type: ignore[no-untyped-def]
    content = files.video() + bytes(3 * MB)
    file = given(content)
    stored = store_file("clip.mp4", "video/mp4", file, limit_bytes=LIMIT)
    file.close()
    assert (stored.refusal, stored.size, stored.sha256) == ("", len(content), hashlib.sha256(content).hexdigest())
    with default_storage.open(stored.key) as file:
        assert file.read() == content


def test_reading_stops_when_an_endless_stream_is_past_the_limit(storage: Path) -> None:
    stream = _OneWay(files.video() + bytes(20 * MB))
    stored = store_file("clip.mp4", "video/mp4", stream, limit_bytes=MB)  # type: ignore[arg-type]
    assert stored.refusal == refusals.TOO_LARGE
    assert stream.taken < 2 * MB


def test_key_is_random_when_the_same_file_comes_twice(shelf: Shelf) -> None:
    keys = {_stored(files.PDF, "../../etc/passwd").key for _ in range(5)}
    assert len(keys) == 5
    assert all(key.startswith("evidence/20") and "passwd" not in key and len(key) > 40 for key in keys)


def test_nothing_is_left_behind_when_the_storage_fails(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    class _Breaks(io.BytesIO):
        passes = 0

        def seek(self, offset: int, whence: int = 0, /) -> int:
            self.passes += offset == 0 and whence == 0
            return super().seek(offset, whence)

        def read(self, size: int | None = -1, /) -> bytes:
            if self.passes > 2 and self.tell() > 0:
                raise OSError("the disk is gone")
            return super().read(size)

    with pytest.raises(OSError, match="the disk is gone"):
        store_file("x", "", _Breaks(files.video() + bytes(MB)), limit_bytes=LIMIT)
    assert shelf.keys() == set()
