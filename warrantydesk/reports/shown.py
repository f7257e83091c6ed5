"""The tables of a report as a page and a paper show them, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from warrantydesk.reports.answer import Answer
from warrantydesk.reports.drawn import drawn
from warrantydesk.reports.restated import is_restated
from warrantydesk.reports.tables import COUNT, TEXT, Row, Table, Words
from warrantydesk.reports.wording import written

NUMBER_CELL = ' class="cell-num"'
_SMALL = ' class="is-small"'
KEY = "key-of-a-row"


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
    def cells(self) -> SafeString:
        """The table as the page has it: a template for each of some hundred cells is most of what a page costs."""
        few, changed = escape(_("few")), escape(_("restated"))
        kinds = ["", *(NUMBER_CELL if is_number else "" for _head, is_number in self.heads[1:])]
        heads = "".join(
            f'<th scope="col"{kind}>{escape(head)}</th>' for kind, (head, _n) in zip(kinds, self.heads, strict=True)
        )
        lines = "".join(_line(row, kinds[1:], few, changed) for row in self.rows)
        foot = f"<tfoot>{_line(ShownRow(self.total, '', small=False), kinds[1:])}</tfoot>" if self.total else ""
        return mark_safe(f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody>{foot}")  # noqa: S308 - each is escaped


def _line(row: ShownRow, kinds: Sequence[str], few: str = "", changed: str = "") -> str:
    first, *others = map(escape, row.cells)
    words = f'<a href="{escape(row.url)}">{first}</a>' if row.url else first
    words += f' <span class="few">{few}</span>' if row.small else ""
    words += f' <span class="few restated-week">{changed}</span>' if row.restated else ""
    cells = "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, others, strict=False))
    return f'<tr{_SMALL if row.small else ""}><th scope="row">{words}</th>{cells}</tr>'


def shown(table: Table, answer: Answer) -> Shown:
    """What differs from the figures kept when the week asked for was over is told; a row of a finished week that
    differs is marked."""
    heads = [(column.heading, column.kind != TEXT) for column in table.columns]
    url_of = _urls(table, answer)
    rows = [
        ShownRow(written(table, row), url_of(row), row.small, is_restated(table, row, answer.kept))
        for row in table.rows
    ]
    total = written(table, table.total) if table.total and table.rows else []
    return Shown(table, heads, rows, total, answer.restated(table))


def _urls(table: Table, answer: Answer) -> Callable[[Row], str]:
    """Where each row leads: an address is looked up once for all of them."""
    way = reverse("reports:cases", args=[answer.report.name, table.code, KEY])
    before, _key, after = way.rpartition(KEY)
    query = answer.asked.query()

    def url_of(row: Row) -> str:
        numbers = [cell for cell, column in zip(row.cells, table.columns, strict=False) if column.kind == COUNT]
        nothing_behind = bool(numbers) and not any(numbers)
        if not row.key or table.cases is None or nothing_behind:
            return row.url
        return f"{before}{row.key}{after}?{query}"

    return url_of
