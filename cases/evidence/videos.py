"""A video's first frame, its length and its camera, where the optional extra is installed (requirements-video.txt).

ffmpeg reads the one file it is given and nothing else: no network, no playlists, no other files, whatever the video
says; only the demuxer of the type that was sniffed is ever tried. It runs inside the fence of its caller.
"""

import io
import re
import subprocess
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import IO, Any

from cases.evidence.renditions import NotReadable, Renditions
from cases.outbox.headers import one_line

_DEMUXERS = {"video/mp4": "mov", "video/quicktime": "mov", "video/webm": "matroska"}
_DURATION = re.compile(r"^  Duration: (\d{2,4}):(\d\d):(\d\d\.\d\d)", re.MULTILINE)
_CREATED = re.compile(r"^ +creation_time +: (\S{10,40})$", re.MULTILINE)
_MAKE = re.compile(r"^ +(?:com\.apple\.quicktime\.make|com\.android\.manufacturer) *: (.{1,100})$", re.MULTILINE)
_MODEL = re.compile(r"^ +(?:com\.apple\.quicktime\.model|com\.android\.model) *: (.{1,100})$", re.MULTILINE)


def can_look_at_videos() -> bool:
    """Whether the optional extra is there."""
    return find_spec("imageio_ffmpeg") is not None


def look_at_video(file: IO[bytes], content_type: str) -> Renditions:
    """Its first frame as pictures (empty where there is none to be had), with what it tells of itself."""
    if not can_look_at_videos():
        return Renditions(b"", b"")
    from cases.evidence.images import WEB_SIDE, make_renditions  # the decoders

    ffmpeg = import_module("imageio_ffmpeg").get_ffmpeg_exe()
    command = [ffmpeg, "-hide_banner", "-nostdin", "-threads", "1"]
    command += ["-protocol_whitelist", "fd", "-f", _DEMUXERS[content_type], "-i", "fd:"]
    command += ["-map", "0:v:0", "-frames:v", "1", "-threads", "1"]
    command += ["-vf", f"scale={WEB_SIDE}:{WEB_SIDE}:force_original_aspect_ratio=decrease"]
    command += ["-c:v", "png", "-f", "image2pipe", "pipe:1"]
    child = subprocess.run(command, stdin=file, capture_output=True, check=False)  # noqa: S603 - a fixed list
    facts, captured_at = _told(child.stderr.decode("utf-8", "replace"))
    try:
        frame = make_renditions(io.BytesIO(child.stdout), "image/png")
    except NotReadable:
        return Renditions(b"", b"", facts, captured_at)
    return Renditions(frame.web, frame.thumbnail, facts, captured_at)


def _told(report: str) -> tuple[dict[str, Any], datetime | None]:
    """What ffmpeg says of the file. Where it was taken is nobody's business and is not read."""
    facts: dict[str, Any] = {}
    if length := _DURATION.search(report):
        hours, minutes, seconds = length.groups()
        facts["seconds"] = round(int(hours) * 3600 + int(minutes) * 60 + float(seconds), 1)
    words = [match.group(1) for pattern in (_MAKE, _MODEL) if (match := pattern.search(report))]
    if camera := one_line(" ".join(words), 120):
        facts["camera"] = camera
    captured_at = _instant(_CREATED.search(report))
    if captured_at:
        facts["taken"], facts["taken_offset"] = captured_at.replace(tzinfo=None).isoformat(), "+00:00"
    return facts, captured_at


def _instant(match: re.Match[str] | None) -> datetime | None:
    """A video tells UTC. One that was never told the time says 1904 or 1970."""
    try:
        at = datetime.fromisoformat(match.group(1)) if match else None
    except ValueError:
        return None
    return at if at and at.tzinfo and at.year > 1980 else None
