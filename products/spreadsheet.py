"""CSV files that a spreadsheet opens as what they are: words and numbers, never formulas.                     [pure]"""

from __future__ import annotations

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

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


def meant(cell: str) -> str:
    """The cell without that apostrophe: a file of ours that comes back says what it said before."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell
