"""Mailboxes out of an address header: linear, without recursion, the same answer every time.

The standard library's parser recurses on nested comments, and takes `alice@a.example)bob@b.example` for what it is not
(CVE-2023-27043); a sender's address is too important here for either.
"""

import re
from typing import NamedTuple

from warrantydesk.intake.reading.charsets import decode
from warrantydesk.intake.reading.cleaning import is_plain, one_line
from warrantydesk.intake.reading.encoded_words import decode_words

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+"|\\.|<[^<>]*+>|[^"\\<>(),:;]+|.', re.DOTALL)
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@(?:[^\s@<>()\[\],;:\"\\]{1,253}|\[[0-9a-fA-F:.IPv]{2,60}\])")
_NO_COMMENTS = dict.fromkeys(map(ord, "()"), " ")
_NO_BRACKETS = dict.fromkeys(map(ord, "()<>"), " ")
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 254


class Mailbox(NamedTuple):
    name: str
    """For display only: the sender chose it, and may have chosen someone else's address."""
    address: str
    """Lower case, '' where there is none that could be written to."""
    written: str = ""
    """The address in the letters it was written in: tokens in it know capitals."""


def read_mailboxes(value: bytes, limit: int) -> list[Mailbox]:
    """The mailboxes of an address header in the order given, at most `limit`."""
    text = decode(value)[0]
    # Some programs encode "Name <address>" as a whole, some leave a bracket open; what such a line says is guessed
    # only where it says nothing otherwise. No From is to be trusted anyway.
    decoded = decode_words(text)
    for reading in (text, decoded, decoded.translate(_NO_COMMENTS), decoded.translate(_NO_BRACKETS)):
        found = _read(reading, limit)
        if any(box.address for box in found):
            return found
    return _read(text, limit)


def _read(text: str, limit: int) -> list[Mailbox]:
    found: list[Mailbox] = []
    words: list[str] = []
    angle = ""
    depth = 0
    for piece in _PIECE.findall(text):
        if piece in "()":
            depth = max(0, depth + (1 if piece == "(" else -1))
        elif depth:
            continue
        elif piece in (",", ";"):
            found += _mailbox(words, angle)
            words, angle = [], ""
        elif piece == ":" and not angle:
            # The name of a group, or an obsolete route: neither is part of a mailbox.
            words = []
        elif piece[0] == "<":
            angle = angle or piece[1:-1] or " "
        else:
            words.append(piece)
        if len(found) >= limit:
            return found[:limit]
    return [*found, *_mailbox(words, angle)][:limit]


def _mailbox(words: list[str], angle: str) -> list[Mailbox]:
    phrase = "".join(_unquote(word) for word in words).strip()
    if angle:
        written = _address(angle)
        return [Mailbox(_display(phrase), written.lower(), written)]
    # Outside quotes only: an address in quotes is a name that looks like one.
    bare = " ".join(word for word in words if not word.startswith('"'))
    written = _address(bare)
    if not phrase and not written:
        return []
    return [Mailbox("" if written else _display(phrase), written.lower(), written)]


def _unquote(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL) if len(word) > 1 and word[0] == '"' else word


def _display(phrase: str) -> str:
    return one_line(decode_words(phrase), _LONGEST_NAME)


def _address(text: str) -> str:
    """The last word that is an address; one with a hidden or turning character in it is none."""
    for word in reversed(text.split()):
        address = word.strip("'").rstrip(".")
        if _ADDRESS.fullmatch(address):
            return address if is_plain(address) and len(address) <= _LONGEST_ADDRESS else ""
    return ""
