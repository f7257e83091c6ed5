"""Transfer encodings: the bytes a part stands for, whatever is broken in how it was wrapped."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
# Full lines begin with M (45 bytes), one shorter line may follow. The shape keeps prose that opens with
# "begin 644 …" apart, and the possessive repeats keep a hostile block from being read more than once.
_UUENCODED = re.compile(
    rb"(?:\A|(?<=[\r\n]))begin [0-7]{3,4} (?P<name>[^\r\n]{1,255})(?:\r\n|\r|\n)"
    rb"(?P<lines>(?:M[ -`]{20,70}[ \t]*+(?:\r\n|\r|\n))*+(?:[!-L][ -`]{1,70}[ \t]*+(?:\r\n|\r|\n))?)"
    rb"(?:[ `]?[ \t]*+(?:\r\n|\r|\n))*+end[ \t]*+(?=[\r\n]|\Z)"
)
_LINE = re.compile(rb"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Uuencoded:
    """A file in running text and its name as written."""

    name: bytes
    content: bytes


def decode_transfer(data: memoryview, encoding: str) -> tuple[bytes, bool]:
    """The decoded bytes and whether the encoding was known and sound."""
    match encoding:
        case "" | "7bit" | "8bit" | "binary":
            return bytes(data), True
        case "base64":
            return decode_base64(data)
        case "quoted-printable":
            return binascii.a2b_qp(data), True
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            first = next(find_uuencoded(data), None)
            return (first.content, True) if first else (bytes(data), False)
    return bytes(data), False


def decode_base64(data: memoryview | bytes) -> tuple[bytes, bool]:
    """Lenient: foreign letters are skipped, missing padding supplied, half a letter at the end dropped."""
    try:
        return binascii.a2b_base64(data), True
    except binascii.Error:
        letters = bytes(data).translate(None, _NOT_BASE64)
        # A single letter beyond the last group of four carries six bits, which is no byte.
        sound = letters[:-1] if len(letters) % 4 == 1 else letters
        return binascii.a2b_base64(sound + b"=" * (-len(sound) % 4)), False


def find_uuencoded(data: memoryview) -> Iterator[Uuencoded]:
    """Every uuencoded file in running text, in order."""
    for block in _UUENCODED.finditer(data):
        yield Uuencoded(block["name"], _decode_lines(data[block.start("lines") : block.end("lines")]))


def without_uuencoded(data: memoryview) -> bytes:
    """The running text around uuencoded files."""
    kept = []
    at = 0
    for block in _UUENCODED.finditer(data):
        kept.append(data[at : block.start()])
        at = block.end()
    return b"".join([*kept, data[at:]])


def _decode_lines(lines: memoryview) -> bytes:
    # Grown in place: a list of 50 MB in lines of 20 letters would weigh half a gigabyte.
    content = bytearray()
    for line in _LINE.finditer(lines):
        content += _decode_line(line[0])
    return bytes(content)


def _decode_line(line: bytes) -> bytes:
    """One line; some encoders leave garbage behind the bytes that the first letter counts."""
    counted = 1 + (((line[0] - 32) & 63) * 4 + 2) // 3
    return binascii.a2b_uu(line[:counted])
