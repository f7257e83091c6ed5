"""Reading in a child process that may neither run for ever nor eat the machine, whatever a library does inside.

`read_mail` is bounded by itself; this is the second fence. It costs about a quarter of a second to start, so it pays
for messages that are large or that failed before.
"""

import io
import logging
import pickle
import signal
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from warrantydesk.intake.reading import model
from warrantydesk.intake.reading.limits import Limits, Unreadable
from warrantydesk.intake.reading.model import ReadMail
from warrantydesk.intake.reading.numbers_found import DEFAULT_PATTERNS, Patterns

logger = logging.getLogger(__name__)

OUT_OF_MEMORY = 3
_ROOT = Path(__file__).resolve().parents[3]


class _Answer(pickle.Unpickler):
    """Builds nothing but the plain values of a read mail: a child that fell to an attacker has no say in here."""

    def find_class(self, module: str, name: str) -> object:
        if module == model.__name__ and name in (
            "Attachment",
            "AttachmentKind",
            "Candidate",
            "FoundIn",
            "Identity",
            "ReadMail",
        ):
            return getattr(model, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a read mail")


def read_bounded(
    raw: bytes,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    *,
    own_addresses: Collection[str] = (),
    patterns: Patterns = DEFAULT_PATTERNS,
    seconds: int = 10,
    memory_mb: int = 300,
) -> ReadMail:
    """What `read_mail` returns, from a child with at most `seconds` and `memory_mb` beyond its start.

    Raises `Unreadable`: the reading's own reasons, or "took too long", "needed too much memory", "crashed".
    """
    question = pickle.dumps((raw, limits, tuple(own_addresses), patterns))
    command = [sys.executable, "-m", "warrantydesk.intake.reading", str(seconds), str(memory_mb)]
    try:
        child = subprocess.run(command, input=question, capture_output=True, timeout=seconds, check=False, cwd=_ROOT)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise Unreadable("took too long") from None
    if child.returncode == 0:
        return _answer(child.stdout)
    raise Unreadable(_why(child))


def _answer(data: bytes) -> ReadMail:
    try:
        answer = _Answer(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, AttributeError, EOFError, LookupError, TypeError, ValueError) as failure:
        logger.error("reading a mail answered what is no answer: %s", failure)
        raise Unreadable("crashed") from failure
    if isinstance(answer, ReadMail):
        return answer
    raise Unreadable(str(answer))


def _why(child: "subprocess.CompletedProcess[bytes]") -> str:
    # SIGKILL is how a system out of memory speaks; the processor's limit gives its own signal first.
    if child.returncode in (OUT_OF_MEMORY, -signal.SIGKILL):
        return "needed too much memory"
    if child.returncode == -signal.SIGXCPU:
        return "took too long"
    logger.error("reading a mail ended with %s: %s", child.returncode, child.stderr[-2000:].decode("utf-8", "replace"))
    return "crashed"
