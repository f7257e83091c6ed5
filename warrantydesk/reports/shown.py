"""Cells as a person reads them, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from warrantydesk.faces.formats import day, money
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.drawn import drawn
from warrantydesk.reports.figures.names import month_name
from warrantydesk.reports.models import FrozenWeek
from warrantydesk.reports.restated import is_restated, restated
from warrantydesk.reports.tables import (
    COUNT,
    DAYS,
    MONEY,
    MONTH,
    NUMBER,
    PERCENT,
    TEXT,
    Column,
    Money,
    Row,
    Table,
    Words,
)

NOTHING = "–"
_SMALL = ' class="is-small"'


@dataclass(frozen=True, slots=True)
class ShownRow:
    """`url` leads to the cases behind the row."""

    cells: list[str]
    url: str
    small: bool
    restated: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A table ready for the page."""

    table: Table
    heads: list[tuple[Words, bool]]
    rows: list[ShownRow]
    total: list[str]
    restated: list[str]

    @property
    def drawing(self) -> SafeString | str:
        return drawn(self.table.chart, self.table.title) if self.table.chart else ""

    @property
    def body(self) -> SafeString:
        """The rows as the page has them: a template for each of some hundred cells is most of what a page costs."""
        few, changed = escape(_("few")), escape(_("restated"))
        return mark_safe("".join(_line(row, few, changed) for row in self.rows))  # noqa: S308 - escaped in _line


def _line(row: ShownRow, few: str, changed: str) -> str:
    first, *others = map(escape, row.cells)
    words = f'<a href="{escape(row.url)}">{first}</a>' if row.url else first
    words += f' <span class="few">{few}</span>' if row.small else ""
    words += f' <span class="few restated-week">{changed}</span>' if row.restated else ""
    cells = "".join(f'<td class="cell-num">{cell}</td>' for cell in others)
    return f'<tr{_SMALL if row.small else ""}><th scope="row">{words}</th>{cells}</tr>'


def shown(
    table: Table,
    name: str,
    asked: Asked,
    frozen: FrozenWeek | None = None,
    kept: Mapping[date, FrozenWeek] | None = None,
) -> Shown:
    """`frozen` are the figures kept when the week asked for was over: what differs from them is told. `kept` are those
    of all finished weeks among the days: a row of such a week that differs is marked."""
    heads = [(column.heading, column.kind != TEXT) for column in table.columns]
    rows = [
        ShownRow(written(table, row), _url(table, row, name, asked), row.small, is_restated(table, row, kept or {}))
        for row in table.rows
    ]
    total = written(table, table.total) if table.total and table.rows else []
    return Shown(table, heads, rows, total, restated(table, frozen))


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


def _number(value: float, kind: str) -> str:
    if kind == PERCENT:
        return _percent(value)
    places = {DAYS: 1, NUMBER: 2}.get(kind, 0)
    return formats.number_format(round(value, places), decimal_pos=places, use_l10n=True, force_grouping=True)


def _percent(share: float) -> str:
    """12.3 %; a share that is not nothing is never written as nothing."""
    hundredths = 100 * share
    if 0 < hundredths < 0.05:
        return "< " + _("%(n)s %%") % {"n": formats.number_format(0.1, decimal_pos=1)}
    return _("%(n)s %%") % {"n": formats.number_format(round(hundredths, 1), decimal_pos=1)}


def _url(table: Table, row: Row, name: str, asked: Asked) -> str:
    numbers = [cell for cell, column in zip(row.cells, table.columns, strict=False) if column.kind == COUNT]
    nothing_behind = bool(numbers) and not any(numbers)
    if not row.key or table.cases is None or nothing_behind:
        return row.url
    return f"{reverse('reports:cases', args=[name, table.code, row.key])}?{asked.query()}"
