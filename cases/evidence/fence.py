"""Decoding in a child process that can neither run for ever nor eat the machine, whatever a decoder does inside.

A picture is decoded under limits of its own (`cases.evidence.images`); this is the fence behind them: processor seconds
and memory, set by the system. A child that dies takes nothing with it but the picture.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import IO

from cases.evidence.renditions import NotReadable, Renditions

logger = logging.getLogger(__name__)

OUT_OF_MEMORY = 3
SECONDS, MEMORY_MB = 5, 200  # of the processor, and beyond what the child needs to start
MEMORY_MB_OF_LARGE_HEIC = 400
SECONDS_OF_A_VIDEO, MEMORY_MB_OF_A_VIDEO = 20, 700
WALL_SECONDS = 120  # a busy machine gives a child its five seconds late
_ROOT = Path(__file__).resolve().parents[2]
_CHUNK = 256 * 1024


def decode_bounded(file: IO[bytes], content_type: str, *, seconds: int = 0, memory_mb: int = 0) -> Renditions:
    """What people see of a picture or a video, made in a child. NotReadable where it cannot be, or only at a price.

    A video has no pictures (empty bytes) where its first frame cannot be shown: that takes the optional extra
    (requirements-video.txt).
    """
    usual_seconds, usual_memory = _limits(content_type)
    command = [sys.executable, "-m", "cases.evidence.decoding", content_type]
    command += [str(seconds or usual_seconds), str(memory_mb or usual_memory)]
    # One heap: the system reserves space for each thread's own otherwise, and it would count as used.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    with tempfile.TemporaryFile() as spool:
        source = _with_descriptor(file, spool)
        try:
            child = subprocess.run(  # noqa: S603 - our own module, and a type out of our own list
                command,
                stdin=source,
                capture_output=True,
                timeout=WALL_SECONDS,
                check=False,
                cwd=_ROOT,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            raise NotReadable("took too long") from None
    if child.returncode != 0:
        raise NotReadable(_why(child))
    return _answer(child.stdout)


def _limits(content_type: str) -> tuple[int, int]:
    if content_type.startswith("video/"):
        return SECONDS_OF_A_VIDEO, MEMORY_MB_OF_A_VIDEO
    # Which HEIC may be that large is decided by `images`; here is the room for it.
    return SECONDS, MEMORY_MB_OF_LARGE_HEIC if content_type == "image/heic" else MEMORY_MB


def _with_descriptor(file: IO[bytes], spool: IO[bytes]) -> IO[bytes]:
    """The file itself where the system knows it, else a copy on disk: never a whole file in memory."""
    try:
        file.fileno()
    except (OSError, AttributeError):
        file.seek(0)
        while piece := file.read(_CHUNK):
            spool.write(piece)
        spool.flush()
        return spool
    return file


def _answer(said: bytes) -> Renditions:
    """A child that fell to an attacker has no say in here: numbers, words, and bytes of the length it names."""
    head, _, rest = said.partition(b"\n")
    try:
        told = json.loads(head)
        if problem := told.get("problem"):
            raise NotReadable(str(problem))
        web, thumbnail = int(told["web"]), int(told["thumbnail"])
        captured = told["captured_at"]
        captured_at = datetime.fromisoformat(captured) if captured else None
        facts = {str(key): value for key, value in told["facts"].items() if isinstance(value, (str, int, float))}
    except (ValueError, TypeError, KeyError, AttributeError) as failure:
        logger.error("decoding answered what is no answer: %s", failure)
        raise NotReadable("crashed") from failure
    begins = {rest[:3], rest[web:][:3]} - {b""}
    if min(web, thumbnail) < 0 or len(rest) != web + thumbnail or begins - {b"\xff\xd8\xff"}:
        raise NotReadable("crashed")
    return Renditions(rest[:web], rest[web:], facts, captured_at)


def _why(child: "subprocess.CompletedProcess[bytes]") -> str:
    # SIGKILL is how a system out of memory speaks; the processor's limit gives its own signal first.
    if child.returncode in (OUT_OF_MEMORY, -signal.SIGKILL):
        return "needed too much memory"
    if child.returncode == -signal.SIGXCPU:
        return "took too long"
    logger.error("decoding ended with %s: %s", child.returncode, child.stderr[-2000:].decode("utf-8", "replace"))
    return "crashed"
