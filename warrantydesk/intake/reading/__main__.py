"""The child of `read_bounded`: pickled questions on stdin, one after the other, each answered on stdout.

One byte says that it is ready; an answer is its length in eight bytes, then a pickle. The child ends with its input.
"""

import contextlib
import math
import pickle
import resource
import sys
from pathlib import Path

from warrantydesk.intake.reading.child import LENGTH, OUT_OF_MEMORY, READY
from warrantydesk.intake.reading.limits import Unreadable
from warrantydesk.intake.reading.mail import read_mail

_STATM = Path("/proc/self/statm")


def main() -> int:
    """Exit status: 0 at the end of the questions, OUT_OF_MEMORY where one could not be answered for want of it."""
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    at_start = _address_space()
    try:
        while True:
            try:
                seconds, memory_mb = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
            except EOFError:
                return 0
            _fence(seconds, at_start + memory_mb * 1024 * 1024)
            _answer()
    except MemoryError:
        return OUT_OF_MEMORY


def _answer() -> None:
    raw, limits, own_addresses, patterns = pickle.load(sys.stdin.buffer)  # noqa: S301
    try:
        answer: object = read_mail(raw, limits, own_addresses=own_addresses, patterns=patterns)
    except Unreadable as refusal:
        answer = refusal.reason
    del raw
    pickled = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.write(len(pickled).to_bytes(LENGTH, "big"))
    sys.stdout.buffer.write(pickled)
    sys.stdout.buffer.flush()


def _fence(seconds: int, memory: int) -> None:
    # Systems without these limits (macOS refuses the second) keep the parent's clock as their only fence.
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = math.ceil(used.ru_utime + used.ru_stime) + seconds
    for limit, soft in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_AS, memory),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (soft, resource.getrlimit(limit)[1]))


def _address_space() -> int:
    """Bytes in use at the start: the interpreter and its libraries are not the mail's fault."""
    if not _STATM.exists():
        return 1 << 30
    return int(_STATM.read_text().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main())
