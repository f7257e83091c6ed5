"""Cells as other programs read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from warrantydesk.reports.tables import PERCENT, Column, Money, Row, Table


def lines_of(table: Table) -> Iterator[Row]:
    """The rows of a table with its total, where there are any."""
    yield from table.rows
    if table.total and table.rows:
        yield table.total


def plain(cell: Any, column: Column) -> str | int | float | None:
    """The cell as other programs read it: days as 2026-03-31, shares as 0.125, money as its amount and currency."""
    if cell is None or isinstance(cell, str | int):
        return cell
    if isinstance(cell, Promise | Money):
        return str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return str(cell)
    return round(float(cell), 6 if column.kind == PERCENT else 4)
