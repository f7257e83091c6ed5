"""Names and contents made to do harm: none does any, and none takes long."""

import json
import struct
import zlib
from pathlib import Path
from typing import IO

import pytest
from django.core.files.storage import default_storage

from cases.evidence import refusals
from cases.evidence.images import make_renditions
from cases.evidence.names import harmless_name, mailable_name
from cases.evidence.renditions import NotReadable
from cases.evidence.sniff import ACCEPTED, HEAD_BYTES, sniff
from cases.evidence.storage import MB, StoredFile, store_file
from cases.tests import files

LIMIT = 25 * MB


def _stored(content: bytes, name: str = "photo.jpg", limit: int = LIMIT) -> StoredFile:
    return store_file(name, "image/jpeg", content, limit_bytes=limit)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("photo.jpg", "photo.jpg"),
        ("写真.jpg", "写真.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00.jpg", "a .jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("<img src=x onerror=alert(1)>.jpg", "_img src=x onerror=alert(1)_.jpg"),
        ("=cmd|' /C calc'!A0.csv", "C calc_!A0.csv"),
        ("con.jpg", "_con.jpg"),
        ("CLOCK$", "CLOCK_"),
        ("photo.jpg.", "photo.jpg"),
        (".jpg", "jpg"),
        ("-rf.jpg", "rf.jpg"),
        ("", "file"),
        ("///", "file"),
        ("e\u0301.jpg", "é.jpg"),
        ("a" * 300 + ".jpg", "a" * 115 + "….jpg"),
    ],
)
def test_harmless_name_keeps_what_a_person_reads_when_names_are_hostile(written: str, name: str) -> None:
    assert harmless_name(written) == name


@pytest.mark.parametrize(
    ("name", "mailable"),
    [
        ("svg_script.svg", "svg_script.svg"),
        ("http://evil.example/win.jpg", "http_evil_example_win.jpg"),
        ("evil.com.jpg", "evil_com.jpg"),
        ("call +1 555@x.zip", "call _1 555_x.zip"),
        ("写真.jpg", "写真.jpg"),
        ("....", "file"),
        ("b" * 90 + ".exe", "b" * 40 + ".exe"),
    ],
)
def test_mailable_name_cannot_be_a_message_when_a_stranger_chose_it(name: str, mailable: str) -> None:
    assert mailable_name(name) == mailable


@pytest.mark.shared_data
def test_every_hostile_name_is_harmless_when_stored(shared_data: Path, storage: Path) -> None:
    names = json.loads((shared_data / "files/generated/hostile_filenames.json").read_text(encoding="utf-8"))
    assert len(names) >= 20
    for name in names:
        shown = _stored(files.PDF, name).name
        assert 0 < len(shown) <= 120
        assert not set(shown) & set('/\\<>"\x00\u202e\ufeff|')
        assert not shown.startswith(("=", ".", "-", "+", "@"))


MUST_BE_KEPT = {"gps_exif_orient6.jpg", "gif_5000_frames.gif", "polyglot_png_html.png"}
MAY_BE_KEPT = {"polyglot_jpg_zip.jpg", "phar_stub.jpg"}


def _hostile_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".json"]


@pytest.mark.shared_data
def test_hostile_files_do_no_harm_when_they_come_in(shared_data: Path, storage: Path) -> None:
    folder = shared_data / "files/generated"
    expected = {row["file"] for row in json.loads((folder / "expected.json").read_text(encoding="utf-8"))}
    seen = set()
    for path in _hostile_files(folder):
        kept = _takes_in(path)
        seen.add(path.name)
        if path.name in MUST_BE_KEPT:
            assert kept, path.name
        elif path.name not in MAY_BE_KEPT:
            assert not kept, path.name
    assert expected - seen <= {"eicar.com", "eicar.zip"}, "the scanner's test files are made at test time"


@pytest.mark.shared_data
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_malformed_files_of_other_projects_do_no_harm_when_they_come_in(shared_data: Path, storage: Path) -> None:
    paths = [path for name in ("pillow", "python-magic") for path in _hostile_files(shared_data / "files" / name)]
    assert len(paths) > 50
    for path in paths:
        _takes_in(path)


def _takes_in(path: Path) -> bool:
    """Store a file and make its pictures; whether it was kept. How long and with how much: test_evidence_fence."""
    with path.open("rb") as file:
        stored = store_file(path.name, "image/jpeg", file, limit_bytes=LIMIT)
    if not stored.refusal and stored.content_type.startswith("image/"):
        with default_storage.open(stored.key) as original:
            _renders_or_says_no(original, stored.content_type)
    assert stored.refusal or stored.content_type in ACCEPTED, path.name
    return not stored.refusal


def _renders_or_says_no(file: IO[bytes], content_type: str) -> None:
    try:
        renditions = make_renditions(file, content_type)
    except NotReadable:
        return
    for rendition in (renditions.web, renditions.thumbnail):
        assert rendition.startswith(b"\xff\xd8\xff")
        assert b"Exif" not in rendition
        assert b"<script" not in rendition


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


_HEADER = (b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))
# A beginning, a piece, and how often it comes again. Made where they are looked at: they would lie in the memory of
# every process of the suite.
SLOW = {
    "jpeg_of_padding": (b"\xff\xd8\xff", b"\xff", 20 * MB),
    "jpeg_of_tiny_segments": (b"\xff\xd8", b"\xff\xe0\x00\x02", 5 * MB),
    "jpeg_of_tiny_comments": (b"\xff\xd8", b"\xff\xfe\x00\x03a", 4 * MB),
    "png_of_tiny_texts": (_png(_HEADER), _chunk(b"tEXt", b"a\0b"), 300_000),
    "gif_of_tiny_comments": (b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0, 0, 0), b"\x21\xfe\x01a\x00", 4 * MB),
    "heic_of_tiny_boxes": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x08free", 2 * MB),
    "webp_of_tiny_chunks": (b"RIFF\xff\xff\xff\x00WEBPVP8X\x0a\0\0\0" + bytes(10), b"XXXX\0\0\0\0", 2 * MB),
}


@pytest.mark.parametrize(("begins", "piece", "times"), SLOW.values(), ids=SLOW.keys())
def test_file_of_endless_pieces_is_refused_quickly_when_it_would_keep_a_decoder_busy(
    storage: Path, begins: bytes, piece: bytes, times: int
) -> None:
    """Reading it to its end would take minutes: the suite's own time limit is the proof."""
    assert _stored(begins + piece * times).refusal == refusals.DAMAGED


def test_sniff_looks_at_the_beginning_only_when_a_file_is_long() -> None:
    content = files.picture()
    assert sniff(content[:HEAD_BYTES], 10**12).content_type == "image/jpeg"
