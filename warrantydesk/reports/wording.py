"""Cells as a person reads them, in the reader's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from warrantydesk.faces.formats import day, money, number
from warrantydesk.reports.figures.names import month_name
from warrantydesk.reports.tables import DAY, DAYS, MONEY, MONTH, NUMBER, PERCENT, TEXT, Column, Money, Row, Table

NOTHING = "–"


def written(table: Table, row: Row) -> list[str]:
    return [said(cell, column) for cell, column in zip(row.cells, table.columns, strict=False)]


def said(cell: Any, column: Column) -> str:
    """The cell in words. There is no figure: a dash."""
    if cell is None:
        return NOTHING
    if column.kind == TEXT or isinstance(cell, str):
        return str(cell)
    if column.kind == MONEY and isinstance(cell, Money):
        return money(cell.amount, cell.currency)
    if isinstance(cell, date):
        return month_name(cell) if column.kind == MONTH else day(cell)
    return _number(cell, column.kind)


def said_again(value: Any, column: Column) -> str:
    """The same from what `cells.plain` made of a cell."""
    if not isinstance(value, str):
        return said(value, column)
    if column.kind in (DAY, MONTH):
        return said(date.fromisoformat(value), column)
    if column.kind == MONEY:
        amount, _space, currency = value.partition(" ")
        return said(Money(Decimal(amount), currency), column)
    return value


def _number(value: float, kind: str) -> str:
    if kind == PERCENT:
        return _percent(value)
    places = {DAYS: 1, NUMBER: 2}.get(kind, 0)
    return number(value, places)


def _percent(share: float) -> str:
    """12.3 %; a share that is not nothing is never written as nothing."""
    hundredths = 100 * share
    if 0 < hundredths < 0.05:
        return "< " + _("%(n)s %%") % {"n": formats.number_format(0.1, decimal_pos=1)}
    return _("%(n)s %%") % {"n": formats.number_format(round(hundredths, 1), decimal_pos=1)}
