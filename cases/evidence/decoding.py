"""The child of `cases.evidence.fence`: a file on stdin; on stdout one line of JSON, then the two pictures."""

import contextlib
import json
import resource
import sys
from pathlib import Path
from typing import IO

from django.conf import settings

settings.configure()  # the sentences of a refusal ask for it; nothing here reads a setting

from cases.evidence.fence import OUT_OF_MEMORY  # noqa: E402
from cases.evidence.images import make_renditions  # noqa: E402
from cases.evidence.renditions import NotReadable, Renditions  # noqa: E402
from cases.evidence.videos import look_at_video  # noqa: E402

_STATM = Path("/proc/self/statm")


def main(content_type: str, seconds: int, memory_mb: int) -> int:
    """Exit status: 0 with an answer (two pictures, or the reason why not), OUT_OF_MEMORY without one."""
    fence(seconds, memory_mb)
    file = sys.stdin.buffer
    file.seek(0)
    try:
        made = _made(file, content_type)
    except NotReadable as problem:
        if isinstance(problem.__cause__, MemoryError):
            return OUT_OF_MEMORY
        sys.stdout.buffer.write(json.dumps({"problem": str(problem)[:300]}).encode() + b"\n")
        return 0
    except MemoryError:
        return OUT_OF_MEMORY
    told = {
        "web": len(made.web),
        "thumbnail": len(made.thumbnail),
        "facts": made.facts,
        "captured_at": made.captured_at.isoformat() if made.captured_at else "",
    }
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + made.web + made.thumbnail)
    return 0


def _made(file: IO[bytes], content_type: str) -> Renditions:
    if content_type.startswith("video/"):
        return look_at_video(file, content_type)
    return make_renditions(file, content_type)


def fence(seconds: int, memory_mb: int) -> None:
    """Whatever this process and its children do from here on, it is not more than that."""
    # Systems without these limits (macOS refuses the second) keep the parent's clock as their only fence.
    memory = _address_space() + memory_mb * 1024 * 1024
    for limit, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_AS, memory, memory),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (soft, hard))


def _address_space() -> int:
    """Bytes in use at the start: the interpreter and its libraries are not the picture's fault."""
    if not _STATM.exists():
        return 1 << 30
    return int(_STATM.read_text().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
