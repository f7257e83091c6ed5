"""Reading in a child process that may neither run for ever nor eat the machine, whatever a library does inside.

`read_mail` is bounded by itself; this is the second fence. A child costs a quarter of a second to start, so it is kept
for the next message: the fence then costs a millisecond, and every message is read behind it.
"""

import atexit
import contextlib
import fcntl
import io
import logging
import os
import pickle
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection
from pathlib import Path

from warrantydesk.intake.reading import model
from warrantydesk.intake.reading.limits import Limits, Unreadable
from warrantydesk.intake.reading.model import ReadMail
from warrantydesk.intake.reading.numbers_found import DEFAULT_PATTERNS, Patterns

logger = logging.getLogger(__name__)

OUT_OF_MEMORY = 3
LENGTH = 8
READY = b"+"
_ROOT = Path(__file__).resolve().parents[3]
_COMMAND = (sys.executable, "-m", "warrantydesk.intake.reading")
# What a large message leaves behind in a child's memory would count against the next one.
_LARGE = 1024 * 1024
_PIPE = 1024 * 1024
_MOST_ANSWERED = 256 * 1024 * 1024
_MOST_READ = 500
_MOST_IDLE = 4
_START_SECONDS = 30


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


class _Reader:
    """One child. `ask` raises TimeoutError, or EOFError where it ended without an answer."""

    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the child
        self._child = subprocess.Popen(  # noqa: S603
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, cwd=_ROOT, bufsize=0
        )
        assert self._child.stdin is not None  # noqa: S101
        assert self._child.stdout is not None  # noqa: S101
        self._in, self._out = self._child.stdin, self._child.stdout
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)
            _widen(pipe.fileno())
        self.read = 0

    def ask(self, question: bytes, seconds: int) -> bytes:
        if not self.read:
            self._receive(len(READY), time.monotonic() + _START_SECONDS)  # its start is no fault of the mail
        self.read += 1
        until = time.monotonic() + seconds
        self._send(question, until)
        length = int.from_bytes(self._receive(LENGTH, until), "big")
        if length > _MOST_ANSWERED:
            raise EOFError
        return self._receive(length, until)

    def _send(self, data: bytes, until: float) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._in.fileno(), left) :]
            except BlockingIOError:
                _wait(self._in.fileno(), selectors.EVENT_WRITE, until)
            except BrokenPipeError as error:
                raise EOFError from error

    def _receive(self, length: int, until: float) -> bytes:
        data = bytearray()
        while len(data) < length:
            try:
                piece = os.read(self._out.fileno(), min(length - len(data), _PIPE))
            except BlockingIOError:
                _wait(self._out.fileno(), selectors.EVENT_READ, until)
                continue
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def end(self) -> int:
        """Its exit status; it is killed where it does not go by itself."""
        self._in.close()
        try:
            status = self._child.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            status = self._child.wait()
        self._out.close()
        return status

    def is_alive(self) -> bool:
        return self._child.poll() is None

    def kill(self) -> None:
        self._child.kill()
        self.end()
        self.forget_words()

    def last_words(self) -> str:
        self._said.seek(0)
        words = self._said.read()[-2000:].decode("utf-8", "replace")
        self.forget_words()
        return words

    def forget_words(self) -> None:
        self._said.close()

    def disown(self) -> None:
        """In a forked process: the child is the parent's, and must see its input end when the parent does."""
        for pipe in (self._in, self._out, self._said):
            pipe.close()
        self._child.returncode = 0


def _wait(descriptor: int, event: int, until: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, event)
        left = until - time.monotonic()
        if left <= 0 or not selector.select(left):
            raise TimeoutError


def _widen(descriptor: int) -> None:
    """A photo in one go; where the system has no such wish, in many small ones."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)


_idle: list[_Reader] = []
_lock = threading.Lock()


def _borrow() -> _Reader:
    while True:
        with _lock:
            if not _idle:
                break
            reader = _idle.pop()
        if reader.is_alive():
            return reader
        reader.kill()
    return _Reader()


def _give_back(reader: _Reader, *, spent: bool) -> None:
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
    question = pickle.dumps((seconds, memory_mb)) + pickle.dumps((raw, limits, tuple(own_addresses), patterns))
    reader = _borrow()
    try:
        data = _ask(reader, question, seconds)
    except _Ended as ended:
        if reader.read == 1:
            raise Unreadable(str(ended)) from None
        # What it had read before may be to blame: this mail gets a child of its own, and then its own verdict.
        reader = _Reader()
        try:
            data = _ask(reader, question, seconds)
        except _Ended as its_own:
            raise Unreadable(str(its_own)) from None
    _give_back(reader, spent=len(raw) >= _LARGE)
    return _answer(data)


class _Ended(Exception):  # noqa: N818 - a child that ended without an answer, and why
    pass


def _ask(reader: _Reader, question: bytes, seconds: int) -> bytes:
    try:
        return reader.ask(question, seconds)
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


def _why(reader: _Reader) -> str:
    status, words = reader.end(), reader.last_words()
    # SIGKILL is how a system out of memory speaks; the processor's limit gives its own signal first.
    if status in (OUT_OF_MEMORY, -signal.SIGKILL):
        return "needed too much memory"
    if status == -signal.SIGXCPU:
        return "took too long"
    logger.error("reading a mail ended with %s: %s", status, words)
    return "crashed"
