"""The parts of a message, cut out of its bytes without copying them and within limits.

The standard parser holds every line as an object of its own: a 900 kB bomb of 100,000 parts takes it seconds, 50 MB of
short lines take it gigabytes, and a nest a thousand deep ends in a RecursionError. Here a part is two offsets; every
level is searched once for its own boundary, and the first part too many ends the reading.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from warrantydesk.intake.reading.identity import message_begins
from warrantydesk.intake.reading.limits import Limits, Unreadable
from warrantydesk.intake.reading.part_headers import Field, PartHeaders, read_part_headers
from warrantydesk.intake.reading.transfer import decode_transfer

_NEWLINE = re.compile(rb"\r\n|\r|\n")
# One field with its folded lines. Servers leave mbox lines ("From x") between fields; they carry nothing.
_FIELD = re.compile(
    rb"(?P<name>[!-9;-~]++)[ \t]*+:(?P<value>[^\r\n]*+(?:(?:\r\n|\r|\n)[ \t][^\r\n]*+)*+)(?:\r\n|\r|\n|\Z)"
    rb"|>?From [^\r\n]*+(?:\r\n|\r|\n|\Z)"
    rb"|[ \t][^\r\n]*+(?:\r\n|\r|\n|\Z)"
)
_MOST_FIELDS = 50_000


@dataclass(slots=True)
class Part:
    """One part: its headers and where its body stands in `data`."""

    headers: PartHeaders
    data: bytes
    start: int
    end: int
    whole_at: int
    """Where the part with its headers begins."""
    children: list["Part"] = field(default_factory=list)

    @property
    def body(self) -> memoryview:
        return memoryview(self.data)[self.start : self.end]

    def mentions(self, words: bytes) -> bool:
        """Asked without copying the body, which may be the whole 50 MB."""
        return self.data.find(words, self.start, self.end) >= 0

    def walk(self) -> Iterator["Part"]:
        """This part and everything below it, in the order of the message. As deep as the limit, no deeper."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class _Splitter:
    limits: Limits
    fields_of_root: list[Field] = field(default_factory=list)
    parts: int = 0
    header_bytes: int = 0
    decoded_bytes: int = 0

    def part(self, data: bytes, start: int, end: int, depth: int, default_type: str = "text/plain") -> Part:
        """The part between two offsets, with everything below it."""
        self._count(depth)
        fields, body_at = self._read_fields(data, start, end)
        if depth == 0:
            self.fields_of_root = fields
        part = Part(read_part_headers(fields, default_type), data, body_at, end, start)
        if part.headers.boundary:
            self._split_multipart(part, depth)
        elif part.headers.content_type in ("message/rfc822", "message/global"):
            self._open_message(part, depth)
        return part

    def _count(self, depth: int) -> None:
        self.parts += 1
        if self.parts > self.limits.parts:
            raise Unreadable(f"more than {self.limits.parts} parts")
        if depth > self.limits.depth:
            raise Unreadable(f"nested deeper than {self.limits.depth} levels")

    def _read_fields(self, data: bytes, start: int, end: int) -> tuple[list[Field], int]:
        fields: list[Field] = []
        at = start
        while at < end and (found := _FIELD.match(data, at, end)) is not None:
            at = found.end()
            if self.header_bytes + at - start > self.limits.header_bytes or len(fields) > _MOST_FIELDS:
                raise Unreadable(f"headers larger than {self.limits.header_bytes} bytes")
            if found["name"] is not None:
                value = found["value"][: self.limits.header_value]
                fields.append(Field(found["name"].decode("ascii").lower(), value))
        self.header_bytes += at - start
        blank = _NEWLINE.match(data, at, end)
        return fields, blank.end() if blank else at

    def _split_multipart(self, part: Part, depth: int) -> None:
        default = "message/rfc822" if part.headers.content_type == "multipart/digest" else "text/plain"
        for start, end in find_pieces(part.data, part.start, part.end, part.headers.boundary):
            part.children.append(self.part(part.data, start, end, depth + 1, default))

    def _open_message(self, part: Part, depth: int) -> None:
        data, start, end = part.data, part.start, part.end
        if part.headers.encoding in ("base64", "quoted-printable"):
            data, _ = decode_transfer(part.body, part.headers.encoding)
            start, end = 0, len(data)
            # Every such level is a copy of all that is below it; thirty of them would be thirty messages.
            self.decoded_bytes += end
            if self.decoded_bytes > self.limits.message_bytes:
                raise Unreadable("encoded messages nested in each other")
        if start < end:
            part.children.append(self.part(data, start, end, depth + 1))


def split(raw: bytes, limits: Limits) -> tuple[list[Field], Part]:
    """The header fields of a message, in order, and its tree of parts. Raises Unreadable."""
    if not raw.strip(b"\r\n\t \x00"):
        raise Unreadable("empty message")
    if len(raw) > limits.message_bytes:
        raise Unreadable(f"larger than {limits.message_bytes} bytes")
    splitter = _Splitter(limits)
    root = splitter.part(raw, message_begins(raw), len(raw), 0)
    if not splitter.fields_of_root:
        raise Unreadable("no headers")
    return splitter.fields_of_root, root


def find_pieces(data: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where the pieces between boundary lines begin and end; an unclosed last piece ends with the whole."""
    # The look-behind stands after the literal so that the search engine can jump from "--boundary" to the next.
    mark = re.escape(b"--" + boundary)
    line = re.compile(mark + rb"(?:(?<=[\r\n]" + mark + rb")|(?<=\A" + mark + rb"))(--)?[ \t]*+(?=[\r\n]|\Z)")
    begins = None
    for found in line.finditer(data, start, end):
        if begins is not None:
            yield begins, max(begins, _before_newline(data, found.start()))
        if found[1]:
            return
        after = _NEWLINE.match(data, found.end(), end)
        begins = after.end() if after else found.end()
    if begins is not None and begins < end:
        yield begins, end


def _before_newline(data: bytes, at: int) -> int:
    """The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1)."""
    if data[at - 2 : at] == b"\r\n":
        return at - 2
    return at - 1 if at else 0
