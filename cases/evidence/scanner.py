"""clamd, spoken to over a socket: one file goes in by INSTREAM, one line comes back.

Written against the protocol (man clamd), because what it says decides what a customer may open: every byte is sent,
every wait has an end, and whatever is not exactly one of the three known answers counts as no answer.
"""

import re
import socket
import struct
import time
from dataclasses import dataclass
from typing import IO, Literal
from urllib.parse import urlsplit

PORT = 3310
_CHUNK = 256 * 1024
_LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: (\S.{0,200}?)(?:\([0-9a-f]{32}:\d+\))? FOUND")
_CLEAN, _TOO_LARGE = "stream: OK", "INSTREAM size limit exceeded. ERROR"


class ScannerDown(Exception):
    """There is no answer to trust: it cannot be reached, took too long, or said something else."""


@dataclass(frozen=True)
class Answer:
    """`virus` is its name where one was found."""

    found: Literal["clean", "infected", "too_large"]
    virus: str = ""


def ask_scanner(url: str, file: IO[bytes], *, seconds: float) -> Answer:
    """What the scanner at `url` (tcp://host:port or unix:///path) says of a file, read from where it stands.

    Raises ScannerDown, at the latest `seconds` after the last byte it took. What `file` raises goes through.
    """
    try:
        with _connected(url, seconds) as line:
            return _understood(_sent(line, file, seconds) or _answer(line, seconds))
    except OSError as error:
        raise ScannerDown(f"{type(error).__name__}: {error}") from error


def _connected(url: str, seconds: float) -> socket.socket:
    place = urlsplit(url)
    if place.scheme == "tcp" and place.hostname:
        return socket.create_connection((place.hostname, place.port or PORT), timeout=seconds)
    if place.scheme != "unix":
        raise ScannerDown(f"{url} is no address of a scanner")
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect(place.path)
    except OSError:
        line.close()
        raise
    return line


def _sent(line: socket.socket, file: IO[bytes], seconds: float) -> str:
    """Send it all; "" then. A scanner that has seen enough answers and hangs up: what it said."""
    try:
        line.sendall(b"nINSTREAM\n")
        while piece := _read(file):
            line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        return _answer(line, seconds)
    return ""


def _read(file: IO[bytes]) -> bytes:
    try:
        return file.read(_CHUNK)
    except OSError as error:
        raise _FileBroke from error


class _FileBroke(Exception):
    """The file could not be read: the storage's fault, not the scanner's."""


def _answer(line: socket.socket, seconds: float) -> str:
    """The line that came back, however slowly its bytes drip in."""
    said, until = b"", time.monotonic() + seconds
    while b"\n" not in said and len(said) <= _LONGEST_ANSWER:
        line.settimeout(max(until - time.monotonic(), 0.001))
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    return said.decode("utf-8", "replace")


def _understood(said: str) -> Answer:
    line = said.removesuffix("\n")
    if not said.endswith("\n"):
        raise ScannerDown(f"it broke off after {said[:80]!r}")
    if line == _CLEAN:
        return Answer("clean")
    if line == _TOO_LARGE:
        return Answer("too_large")
    if match := _FOUND.fullmatch(line):
        return Answer("infected", match.group(1))
    raise ScannerDown(f"it said {said[:80]!r}")
