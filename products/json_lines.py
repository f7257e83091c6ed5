"""JSON lines in, one JSON line out for each, in order (contracts: Commands). Pure.

A line that cannot be answered gets an error line in its place and the next one is read: `{"id": …, "error": "field:
what"}` where the line says who it is, otherwise `{"id": null, "line": N, "error": …}`. Blank lines get no answer but
are counted. Memory stays constant: one line at a time, and no line longer than `LONGEST_LINE`.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple, NoReturn

from products.fields import FieldError

LONGEST_LINE = 8 * 1024 * 1024  # bytes; a part with a thousand parcels needs a fraction of it
BOM = b"\xef\xbb\xbf"

Record = dict[str, object]


class Answer(NamedTuple):
    """One line to print, without its line end, and whether it is an answer (True) or an error."""

    text: str
    ok: bool


class RecordError(ValueError):
    """The line holds no JSON object, so it cannot even say which record it is."""


def answer_lines(lines: Iterable[bytes], answer: Callable[[Record], Record]) -> Iterator[Answer]:
    """Answer every line with what `answer` returns for its record; its FieldError becomes an error line."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield answer_line(line, number, answer)


def answer_line(line: bytes, number: int, answer: Callable[[Record], Record]) -> Answer:
    """What is said to one line: the answer, or what is wrong with the line and where."""
    try:
        record = parse_line(line)
        name = _name_of(record)
    except (RecordError, FieldError) as error:
        return Answer(_written({"id": None, "line": number, "error": str(error)}), ok=False)
    try:
        return Answer(_written({"id": name, **answer(record)}), ok=True)
    except FieldError as error:
        return Answer(_written({"id": name, "error": str(error)}), ok=False)


def parse_line(line: bytes) -> Record:
    """The line's JSON object. RecordError for anything else: other JSON, NaN, bytes that are no UTF-8."""
    if len(line) > LONGEST_LINE:
        raise RecordError(f"longer than {LONGEST_LINE} bytes")
    try:
        value = json.loads(line.removeprefix(BOM).decode(), parse_constant=_refuse, parse_int=_whole_number)
    except RecursionError:
        raise RecordError("nested too deeply") from None
    except ValueError:  # JSONDecodeError and UnicodeDecodeError are both
        raise RecordError("not JSON") from None
    if not isinstance(value, dict):
        raise RecordError("not a JSON object")
    return value


def read_lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream; of one that is too long only as much as proves it, so that memory stays small."""
    while line := stream.readline(LONGEST_LINE + 1):
        yield line
        while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE + 1)


def _name_of(record: Record) -> str | int | float:
    name = record.get("id")
    if name is None:
        raise FieldError("id", "missing")
    if isinstance(name, bool) or not isinstance(name, str | int | float) or name in (math.inf, -math.inf):
        raise FieldError("id", "neither text nor a number")
    return name


def _whole_number(digits: str) -> object:
    # Python refuses to read thousands of digits; the line is still JSON, so the field is refused and not the line.
    try:
        return int(digits)
    except ValueError:
        return object()


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)  # NaN and Infinity: Python reads them, JSON does not know them


def _written(record: Record) -> str:
    # ASCII only: the answer then survives any terminal, and half a surrogate pair in an id cannot stop the run.
    return json.dumps(record, separators=(",", ":"))
