"""Reading in a child process that may neither run for ever nor eat the machine, whatever a library does inside.

`read_mail` is bounded by itself; this is the second fence. A child costs a quarter of a second to start, so it is kept
for the next message: the fence then costs a millisecond, and every message is read behind it.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import logging
import os
import pickle
import signal
import threading
from collections.abc import Collection

from warrantydesk.intake.reading import model
from warrantydesk.intake.reading.child import OUT_OF_MEMORY, Reader
from warrantydesk.intake.reading.limits import Limits, Unreadable
from warrantydesk.intake.reading.model import ReadMail
from warrantydesk.intake.reading.numbers_found import DEFAULT_PATTERNS, Patterns

logger = logging.getLogger(__name__)

# What a large message leaves behind in a child's memory would count against the next one.
_LARGE = 1024 * 1024
_MOST_READ = 500
_MOST_IDLE = 4


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


_idle: list[Reader] = []
_lock = threading.Lock()


def _borrow() -> Reader:
    while True:
        with _lock:
            if not _idle:
                break
            reader = _idle.pop()
        if reader.is_alive():
            return reader
        reader.kill()
    return Reader()


def _give_back(reader: Reader, *, spent: bool) -> None:
    with _lock:
        if not spent and reader.read < _MOST_READ and len(_idle) < _MOST_IDLE:
            _idle.append(reader)
            return
    reader.end()
    reader.forget_words()


def _end_all() -> None:
    while _idle:
        _give_back(_idle.pop(), spent=True)


def _disown_all() -> None:
    global _lock  # noqa: PLW0603 - another thread of the parent may have held it in the moment of the fork
    _lock = threading.Lock()
    while _idle:
        _idle.pop().disown()


atexit.register(_end_all)
os.register_at_fork(after_in_child=_disown_all)


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
    return begin_reading(
        raw, limits, own_addresses=own_addresses, patterns=patterns, seconds=seconds, memory_mb=memory_mb
    ).result()


def begin_reading(
    raw: bytes,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    *,
    own_addresses: Collection[str] = (),
    patterns: Patterns = DEFAULT_PATTERNS,
    seconds: int = 10,
    memory_mb: int = 300,
) -> Reading:
    """Have the child begin, and go on with something else. Never waits; whatever fails, `result` says it."""
    question = pickle.dumps((seconds, memory_mb)) + pickle.dumps((raw, limits, tuple(own_addresses), patterns))
    return Reading(question, seconds, is_large=len(raw) >= _LARGE)


class Reading:
    """A message that is being read. Whoever began it takes its `result`, or drops it."""

    def __init__(self, question: bytes, seconds: int, *, is_large: bool) -> None:
        self._question, self._seconds, self._is_large = question, seconds, is_large
        self._reader: Reader | None = None
        with contextlib.suppress(OSError):  # no room for another process now: `result` tries again, and says so
            self._reader = _borrow()
            self._reader.ask(question)

    def result(self) -> ReadMail:
        """What `read_bounded` returns, with all its seconds from now on."""
        reader, self._reader = self._reader, None
        if reader is None:
            reader = _borrow()
            reader.ask(self._question)
        try:
            data = _answered(reader, self._seconds)
        except _Ended as ended:
            if reader.read == 1:
                raise Unreadable(str(ended)) from None
            # What it had read before may be to blame: this mail gets a child of its own, and then its own verdict.
            reader = Reader()
            reader.ask(self._question)
            try:
                data = _answered(reader, self._seconds)
            except _Ended as its_own:
                raise Unreadable(str(its_own)) from None
        _give_back(reader, spent=self._is_large)
        return _answer(data)

    def drop(self) -> None:
        """Nobody will ask for the result."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.kill()


class _Ended(Exception):
    pass


def _answered(reader: Reader, seconds: int) -> bytes:
    try:
        return reader.answer(seconds)
    except TimeoutError:
        reader.kill()
        raise Unreadable("took too long") from None
    except EOFError:
        raise _Ended(_why(reader)) from None
    except BaseException:
        reader.kill()  # half a question must not be taken for the beginning of the next
        raise


def _answer(data: bytes) -> ReadMail:
    try:
        answer = _Answer(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, AttributeError, EOFError, LookupError, TypeError, ValueError) as failure:
        logger.error("reading a mail answered what is no answer: %s", failure)
        raise Unreadable("crashed") from failure
    if isinstance(answer, ReadMail):
        return answer
    raise Unreadable(str(answer))


def _why(reader: Reader) -> str:
    status, words = reader.end(), reader.last_words()
    # SIGKILL is how a system out of memory speaks; the processor's limit gives its own signal first.
    if status in (OUT_OF_MEMORY, -signal.SIGKILL):
        return "needed too much memory"
    if status == -signal.SIGXCPU:
        return "took too long"
    logger.error("reading a mail ended with %s: %s", status, words)
    return "crashed"
