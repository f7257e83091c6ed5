"""The child of `read_bounded`: pickled questions on stdin, one after the other, each answered on stdout.

One byte says that it is ready; an answer is its length in eight bytes, then a pickle. The child ends with its input.
"""

import math
import pickle
import resource
import sys

from products.fencing import address_space, fence
from warrantydesk.intake.reading.child import LENGTH, OUT_OF_MEMORY, READY
from warrantydesk.intake.reading.limits import Unreadable
from warrantydesk.intake.reading.mail import read_mail


def main() -> int:
    """Exit status: 0 at the end of the questions, OUT_OF_MEMORY where one could not be answered for want of it."""
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    at_start = address_space()
    try:
        while True:
            try:
                seconds, memory_mb = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
            except EOFError:
                return 0
            fence(_seconds_used() + seconds, at_start + memory_mb * 1024 * 1024, for_good=False)
            _answer()
    except MemoryError:
        return OUT_OF_MEMORY


def _answer() -> None:
    raw, limits, own_addresses, patterns = pickle.load(sys.stdin.buffer)  # noqa: S301 - as above
    try:
        answer: object = read_mail(raw, limits, own_addresses=own_addresses, patterns=patterns)
    except Unreadable as refusal:
        answer = refusal.reason
    del raw
    pickled = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.write(len(pickled).to_bytes(LENGTH, "big"))
    sys.stdout.buffer.write(pickled)
    sys.stdout.buffer.flush()


def _seconds_used() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    sys.exit(main())
