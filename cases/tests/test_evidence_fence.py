"""The fence round the decoders: processor and memory are the system's limits, so nothing here looks at a clock."""

import io
import os
import signal
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from PIL import Image

from cases.evidence import fence, processing, videos
from cases.evidence.fence import decode_bounded
from cases.evidence.renditions import NotReadable, Renditions
from cases.evidence.storage import MB, store_file
from cases.models import CaseEvent, Evidence
from cases.tests import files
from cases.tests.mailroom import NOW, a_case
from cases.tests.shelf import Shelf
from cases.tests.test_evidence_hostile import _png
from cases.tests.video_made import real_video

PLAIN = files.picture(exif=files.exif(6, make="Kam", taken="2025:06:01 12:34:56"))


def _evidence(content: bytes, name: str) -> Evidence:
    stored = store_file(name, "", content, limit_bytes=MB)
    assert not stored.refusal
    return Evidence.objects.create(
        case=a_case(),
        name=name,
        content_type=stored.content_type,
        size=stored.size,
        sha256=stored.sha256,
        original=stored.key,
        received_at=NOW,
    )


def test_picture_is_the_same_when_it_is_made_behind_the_fence(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(PLAIN)
    with path.open("rb") as on_disk:
        on_disk.seek(7)
        for file in (io.BytesIO(PLAIN), on_disk):
            made = decode_bounded(file, "image/jpeg")
            assert Image.open(io.BytesIO(made.web)).size == (48, 64)
            assert made.thumbnail.startswith(b"\xff\xd8\xff")
            assert (made.facts["camera"], made.captured_at and made.captured_at.year) == ("Kam", 2025)


def test_picture_is_not_readable_when_it_needs_more_memory_than_it_may() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4800, 4800)).save(buffer, "PNG")
    with pytest.raises(NotReadable, match="too much memory"):
        decode_bounded(buffer, "image/png", memory_mb=40)
    assert decode_bounded(buffer, "image/png").web


def test_picture_is_not_readable_when_its_decoder_does_not_end() -> None:
    # A second of the processor, for a picture that needs several: many passes over many pixels.
    buffer = io.BytesIO()
    Image.effect_noise((1500, 1500), 90).convert("RGB").save(buffer, "JPEG", progressive=True, quality=95)
    passes = buffer.getvalue()
    start = passes.index(b"\xff\xda")
    scans = passes[start:-2]
    with pytest.raises(NotReadable, match="took too long"):
        decode_bounded(io.BytesIO(passes[:start] + scans * 60 + b"\xff\xd9"), "image/jpeg", seconds=1)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (fence.OUT_OF_MEMORY, "needed too much memory"),
        (-signal.SIGKILL, "needed too much memory"),
        (-signal.SIGXCPU, "took too long"),
        (-signal.SIGSEGV, "crashed"),
        (1, "crashed"),
    ],
)
def test_end_of_a_child_is_said_in_words(status: int, why: str) -> None:
    assert fence._why(subprocess.CompletedProcess([], status, b"", b"")) == why


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x80\x04.",
        b"{}\n",
        b'{"web": -1, "thumbnail": 1, "facts": {}, "captured_at": ""}\n',
        b'{"web": 9, "thumbnail": 0, "facts": {}, "captured_at": ""}\nabc',
        b'{"web": 3, "thumbnail": 0, "facts": {}, "captured_at": ""}\n<ht',
        b'{"web": 0, "thumbnail": 0, "facts": [], "captured_at": ""}\n',
        b'{"web": 0, "thumbnail": 0, "facts": {}, "captured_at": "yesterday"}\n',
        b"[1]\n",
    ],
)
def test_answer_of_a_child_counts_for_nothing_when_it_is_none(said: bytes) -> None:
    with pytest.raises(NotReadable, match="crashed"):
        fence._answer(said)


@pytest.mark.django_db
def test_picture_is_kept_and_not_shown_when_the_fence_stopped_its_decoder(
    storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence, "MEMORY_MB", 1)
    evidence = _evidence(files.picture("PNG", size=(2000, 2000)), "x.png")
    assert processing.process(evidence.pk, NOW) == Evidence.Status.FAILED
    evidence.refresh_from_db()
    assert (evidence.is_kept, evidence.facts["problem"]) == (True, "needed too much memory")
    assert CaseEvent.objects.filter(name="not_shown").count() == 1


# ── Everything hostile, behind the system's own limits ───────────────────────────────────────────────────────────────


@pytest.mark.shared_data
def test_every_hostile_file_keeps_within_five_seconds_and_200_mb(shared_data: Path) -> None:
    folders = [shared_data / "files" / name for name in ("generated", "pillow", "python-magic", "dompurify", "bleach")]
    child = subprocess.run(
        [sys.executable, "-m", "cases.tests.fenced", *map(str, folders)],
        capture_output=True,
        text=True,
        check=False,
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},
    )
    assert child.returncode == 0, child.stdout + child.stderr
    looked_at = sum(path.is_file() for folder in folders for path in folder.rglob("*"))
    assert child.stdout.splitlines()[-1] == f"{looked_at} files kept within the limits"


def test_text_bomb_is_not_unpacked_when_a_picture_holds_one() -> None:
    text = (b"zTXt", b"a\0\0" + zlib.compress(bytes(64 * MB), 9))
    header = (b"IHDR", bytes.fromhex("00000004000000040802000000"))
    pixels = (b"IDAT", zlib.compress(bytes(4 * 13)))
    bomb = _png(header, text, pixels, (b"IEND", b""))
    # 64 MB of text would not fit into what it may have; "too much memory" would be the answer.
    with pytest.raises(NotReadable, match="Decompressed data too large"):
        decode_bounded(io.BytesIO(bomb), "image/png", memory_mb=50)


# ── Videos ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ending", "facts"),
    [
        ("mp4", {"seconds": 1.0, "taken": "2025-06-01T12:34:56"}),
        ("mov", {"seconds": 1.0, "camera": "Kam X 100"}),
        ("webm", {"seconds": 1.0}),
    ],
)
def test_video_has_its_first_frame_and_length_when_the_extra_is_there(
    shelf: Shelf, ending: str, facts: dict[str, Any]
) -> None:
    evidence = _evidence(real_video(ending), f"clip.{ending}")
    assert processing.process(evidence.pk, NOW) == Evidence.Status.READY
    evidence.refresh_from_db()
    assert evidence.facts.items() >= facts.items()
    assert "52.5" not in str(evidence.facts)
    with evidence.web.open() as file:
        red, _green, blue = Image.open(file).convert("RGB").getpixel((20, 20))  # type: ignore[misc]
    assert red > 200 > blue


@pytest.mark.django_db
def test_video_is_ready_without_a_poster_when_the_extra_is_not_there(
    storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "find_spec", lambda _name: None)
    evidence = _evidence(real_video("mp4"), "clip.mp4")
    assert processing.process(evidence.pk, NOW) == Evidence.Status.READY
    evidence.refresh_from_db()
    assert (evidence.web.name, evidence.thumbnail.name, evidence.facts) == ("", "", {})


@pytest.mark.parametrize(
    "content",
    [
        files.video() + b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        files.box(b"ftyp", b"isom\0\0\0\0mp41") + files.box(b"moov", b"concat:http://127.0.0.1:9/x|file:///etc/passwd"),
        real_video("mp4")[:400],
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        b"",
    ],
    ids=["playlist_after", "concat_inside", "half", "playlist", "empty"],
)
def test_video_has_no_pictures_when_it_is_none(content: bytes) -> None:
    made = decode_bounded(io.BytesIO(content), "video/mp4")
    assert (made.web, made.thumbnail) == (b"", b"")


def test_video_tells_no_time_when_its_camera_never_knew_it() -> None:
    report = "    creation_time   : 1970-01-01T00:00:00.000000Z\n  Duration: 01:02:03.50, start: 0\n"
    assert videos._told(report) == ({"seconds": 3723.5}, None)
    assert videos._told("    creation_time   : never\n") == ({}, None)


def test_nothing_is_shown_of_a_video_when_its_poster_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_long(*_args: Any) -> Renditions:
        raise NotReadable("took too long")

    monkeypatch.setattr(processing, "decode_bounded", too_long)
    video = Evidence(content_type="video/mp4")
    assert processing._looked_at(io.BytesIO(b""), video) == Renditions(b"", b"")
