"""CSV files that a spreadsheet opens as what they are: words and numbers, never formulas.                     [pure]"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

_MARK = "\ufeff"  # tells spreadsheets that this is UTF-8

Cell = str | int | float | None


def harmless(cell: Cell) -> str:
    """The cell as text. Where a spreadsheet would take it for a formula, an apostrophe keeps it words.

    A number is a number, also a negative one.
    """
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(cell)
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def written(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """The file in pieces, every cell harmless: for answers that are sent while their rows are still being read."""
    writer = csv.writer(_Line())
    yield _MARK
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def meant(cell: str) -> str:
    """The cell without that apostrophe: a file of ours that comes back says what it said before."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
