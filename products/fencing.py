"""Limits that the system sets a child process of ours, whatever a decoder or a parser does inside.   [pure]"""

import contextlib
import resource
from pathlib import Path

_STATM = Path("/proc/self/statm")


def address_space() -> int:
    """Bytes in use at the start: the interpreter and its libraries are no fault of what is read. On macOS a guess."""
    if not _STATM.exists():
        return 1 << 30
    return int(_STATM.read_text().split()[0]) * resource.getpagesize()


def fence(seconds: int, memory: int, *, for_good: bool) -> None:
    """From here on this process and its children may use so many seconds of the processor and bytes of memory in all.

    Nor does any of them leave a core. Out of seconds they get SIGXCPU, out of memory a MemoryError. A fence that is not
    `for_good` can be moved by whoever set it.
    """
    for limit, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_AS, memory, memory),
    ):
        # Systems without these limits (macOS refuses the last) keep the parent's clock as their only fence.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (soft, hard if for_good else resource.getrlimit(limit)[1]))
