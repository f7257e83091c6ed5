"""The child of `read_bounded`: a pickled question on stdin, a pickled answer on stdout."""

import contextlib
import pickle
import resource
import sys
from pathlib import Path

from warrantydesk.intake.reading.bounded import OUT_OF_MEMORY
from warrantydesk.intake.reading.limits import Unreadable
from warrantydesk.intake.reading.mail import read_mail

_STATM = Path("/proc/self/statm")


def main(seconds: int, memory_mb: int) -> int:
    """Exit status: 0 with an answer (a read mail, or the reason why not), OUT_OF_MEMORY without one."""
    _fence(seconds, memory_mb)
    try:
        raw, limits, own_addresses, patterns = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
        try:
            answer: object = read_mail(raw, limits, own_addresses=own_addresses, patterns=patterns)
        except Unreadable as refusal:
            answer = refusal.reason
        pickle.dump(answer, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _fence(seconds: int, memory_mb: int) -> None:
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
    """Bytes in use at the start: the interpreter and its libraries are not the mail's fault."""
    if not _STATM.exists():
        return 1 << 30
    return int(_STATM.read_text().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
