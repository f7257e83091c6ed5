"""The child of `cases.evidence.fence`: a file on stdin; on stdout one line of JSON, then the two pictures."""

import json
import sys
from typing import IO

from django.conf import settings

settings.configure()  # the sentences of a refusal ask for it; nothing here reads a setting

from cases.evidence.fence import OUT_OF_MEMORY
from cases.evidence.images import make_renditions
from cases.evidence.renditions import NotReadable, Renditions
from cases.evidence.videos import look_at_video
from products.fencing import address_space, fence


def main(content_type: str, seconds: int, memory_mb: int) -> int:
    """Exit status: 0 with an answer (two pictures, or the reason why not), OUT_OF_MEMORY without one."""
    fence(seconds, address_space() + memory_mb * 1024 * 1024, for_good=True)
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
