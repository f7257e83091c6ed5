"""A file as rows of text, whatever wrote it: CSV in any usual encoding and with any usual mark, or XLSX. Streamed.

A row is `(position, cells)`; positions count as a person sees them in the file, the header being row 1.
"""

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from products.spreadsheet import meant

MOST_COLUMNS = 500
LONGEST_LINE = 1_000_000  # characters; a file without line breaks is no table
LONGEST_CELL = 100_000
PIECE = 256 * 1024
MOST_UNPACKED = 3 * 1024**3  # of an XLSX, which may be a bomb
MOST_SHARED = 300 * 1024**2  # of its list of texts, the one thing that is read into memory whole
LINES_LOOKED_AT, LINES_THAT_TELL, LONGEST_SAMPLE = 100_000, 500, 64 * 1024
EAST_ASIAN = {
    "cp932",
    "shift_jis",
    "shift_jis_2004",
    "euc_jp",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "big5hkscs",
    "cp949",
}
_MARKS = ",;\t|"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Row = tuple[int, list[str]]


class Unreadable(Exception):
    """The file as a whole is no table; the sentence says why and what to do."""


@dataclass
class Table:
    """The names of the columns and the rows below them. `size` is that of the file, `place()` how far it was read;
    a row that could not be read comes as one with `problem` as its only cell and a negative position."""

    header: list[str]
    rows: Iterator[Row]
    size: int
    _file: IO[bytes]

    def share(self) -> float:
        return min(1.0, self._file.tell() / self.size) if self.size and not self._file.closed else 1.0


def open_table(file: IO[bytes]) -> Table:
    """The table in an open file that can be sought in. Unreadable where there is none."""
    size = file.seek(0, 2)
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    rows = _sheet(file) if start.startswith(b"PK") else _csv(file)
    for _position, cells in rows:
        header = [cell.strip() for cell in cells]
        if any(header):
            return Table(_without_empty_end(header), rows, size, file)
    raise Unreadable("The file is empty: its first row must name the columns.")


def _without_empty_end(header: list[str]) -> list[str]:
    while header and not header[-1]:
        header.pop()
    return header


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _csv(file: IO[bytes]) -> Iterator[Row]:
    encoding = _encoding(file)
    lines = _Lines(file, encoding)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=_mark(lines.peek()))
    while True:
        begins = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # The reader begins anew with the next line: one broken row spoils no other.
            yield -begins, [f"cannot be read ({error})"]
            continue
        if any(cells):
            yield begins, [meant(cell) for cell in cells[:MOST_COLUMNS]]


class _Lines:
    """The lines of a file, none longer than a line may be, counted; the first can be looked at beforehand."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self.number = 0
        self._lines = _lines(file, encoding)
        self._first: list[str] = []

    def peek(self) -> str:
        self._first = [next(self._lines, "")]
        return self._first[0]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._first.pop() if self._first else next(self._lines)
        if not line:
            raise StopIteration
        self.number += 1
        return line


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Line by line, with every kind of line break as one. A byte the encoding does not know becomes a visible mark:
    one bad letter loses no row."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors="replace"), translate=True)
    rest = ""
    while piece := file.read(PIECE):
        *lines, rest = (rest + decoder.decode(piece)).split("\n")
        for line in lines:
            yield line + "\n"
        if len(rest) > LONGEST_LINE:
            raise Unreadable("A line is longer than a million characters: this is no table of rows and columns.")
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest + "\n"


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 where the whole file is, which is seldom so by chance; UTF-16 by its mark; else what East Asia's own
    spreadsheets write, where the bytes speak for it; else Windows' own."""
    start = file.read(4)
    file.seek(0)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(1024 * 1024):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _encoding_of_old(file)
    finally:
        file.seek(0)
    return "utf-8"


def _encoding_of_old(file: IO[bytes]) -> str:
    """Of one byte a letter no guess is sure, and most are Windows'; characters of two bytes give themselves away."""
    from charset_normalizer import from_bytes  # here, as openpyxl below: a web process seldom sees such a file

    file.seek(0)
    lines = iter(lambda: file.readline(LONGEST_SAMPLE), b"")  # a file without line breaks comes in pieces
    telling = (line for line in islice(lines, LINES_LOOKED_AT) if not line.isascii())
    guess = from_bytes(b"".join(islice(telling, LINES_THAT_TELL))[:LONGEST_SAMPLE]).best()
    return guess.encoding if guess is not None and guess.encoding in EAST_ASIAN else "cp1252"


def _mark(first_line: str) -> str:
    """What parts the columns: the mark the header has most of, outside quotes."""
    outside = "".join(first_line.split('"')[::2])
    return max(_MARKS, key=lambda mark: (outside.count(mark), -_MARKS.index(mark)))


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sheet(file: IO[bytes]) -> Iterator[Row]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _refuse_bombs(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
    except (InvalidFileException, KeyError, IndexError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise Unreadable(f"This is no XLSX file that can be read ({type(error).__name__}). Save it as CSV.") from error
    with closing(book):
        for position, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_text(value) for value in values[:MOST_COLUMNS]]
            if any(cells):
                yield position, cells


def _refuse_bombs(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except zipfile.BadZipFile:
        raise Unreadable("The file begins like an XLSX file and is none. Save it again, or as CSV.") from None
    finally:
        file.seek(0)
    if sum(sizes.values()) > MOST_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > MOST_SHARED:
        raise Unreadable("The XLSX file is too large to be read. Save it as CSV.")


def _text(value: Any) -> str:
    """A cell as it would be written in a CSV file: days as YYYY-MM-DD, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[:LONGEST_CELL]
