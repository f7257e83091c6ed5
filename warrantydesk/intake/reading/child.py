"""The child that reads, seen from its parent: started, asked, listened to, ended."""

import contextlib
import fcntl
import os
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OUT_OF_MEMORY = 3
LENGTH = 8
READY = b"+"
_ROOT = Path(__file__).resolve().parents[3]
_COMMAND = (sys.executable, "-m", "warrantydesk.intake.reading")
_PIPE = 1024 * 1024
_MOST_ANSWERED = 256 * 1024 * 1024
_START_SECONDS = 30


class Reader:
    """One child. `answer` raises TimeoutError, or EOFError where it ended without an answer."""

    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the child
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, cwd=_ROOT, bufsize=0
        )
        assert self._child.stdin is not None  # noqa: S101 - both are pipes
        assert self._child.stdout is not None  # noqa: S101 - as above
        self._in, self._out = self._child.stdin, self._child.stdout
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)
            _widen(pipe.fileno())
        self.read = 0
        self._unsent = memoryview(b"")

    def ask(self, question: bytes) -> None:
        """Hand over what the pipe takes without waiting, which is all of a mail with a photo; the rest goes later."""
        self._unsent = memoryview(question)
        with contextlib.suppress(BlockingIOError, BrokenPipeError):  # `answer` waits, and says that the child is gone
            while self._unsent:
                self._write()

    def answer(self, seconds: int) -> bytes:
        """What the child says to the question, `seconds` from now at the latest."""
        if not self.read:
            self._receive(len(READY), time.monotonic() + _START_SECONDS)  # its start is no fault of the mail
        self.read += 1
        until = time.monotonic() + seconds
        self._send(until)
        length = int.from_bytes(self._receive(LENGTH, until), "big")
        if length > _MOST_ANSWERED:
            raise EOFError
        return self._receive(length, until)

    def _write(self) -> None:
        self._unsent = self._unsent[os.write(self._in.fileno(), self._unsent) :]

    def _send(self, until: float) -> None:
        while self._unsent:
            try:
                self._write()
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
