"""CSV files that a spreadsheet opens as what they are: words and numbers, never formulas.                     [pure]"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


def written_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """The rows as CSV with CRLF, each cell made harmless; None is an empty cell."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def harmless(cell: Cell) -> str:
    """The cell as text. Where a spreadsheet would take it for a formula, an apostrophe keeps it words.

    A number is a number, also a negative one.
    """
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(cell)
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell
