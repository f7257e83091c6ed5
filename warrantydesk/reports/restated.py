"""What a later count makes of a finished week whose figures were kept: each difference as a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from warrantydesk.reports.cells import lines_of, plain
from warrantydesk.reports.models import FrozenWeek
from warrantydesk.reports.tables import DAY, Row, Table

MOST_TOLD = 5
Figures = dict[str, dict[str, list[Any]]]


def figures_of(tables: Sequence[Table]) -> Figures:
    """Every figure of the tables that are about the chosen days, by table and row. What is about now is not kept."""
    return {
        table.code: {_name(row): _cells(table, row) for row in lines_of(table)}
        for table in tables
        if not table.about_now
    }


def restated(table: Table, frozen: FrozenWeek | None) -> list[str]:
    """What differs from the kept figures, as sentences; nothing where all is as it was, or nothing was kept."""
    if frozen is None or table.code not in frozen.figures:
        return []
    told = list(_differences(table, frozen.figures[table.code]))
    more = len(told) - MOST_TOLD
    return [*told[:MOST_TOLD], _("… and %(n)s more") % {"n": more}] if more > 0 else told


def is_restated(table: Table, row: Row, kept: Mapping[date, FrozenWeek]) -> bool:
    """Whether a row of a finished week is not any more what was kept when that week was over."""
    week = kept.get(row.cells[0]) if isinstance(row.cells[0], date) and table.columns[0].kind == DAY else None
    before = week.figures.get(table.code) if week else None
    return before is not None and before.get(_name(row)) != _cells(table, row)


def _differences(table: Table, before: dict[str, list[Any]]) -> Iterator[str]:
    now = {_name(row): _cells(table, row) for row in lines_of(table)}
    for name in dict.fromkeys([*now, *before]):
        was, is_now = before.get(name), now.get(name)
        if was is None or is_now is None:
            words = _("%(row)s is new") if was is None else _("%(row)s was there and is not any more")
            yield words % {"row": name}
            continue
        for column, old, new in zip(table.columns[1:], was, is_now, strict=False):
            if old != new:
                yield _("%(row)s, %(column)s: %(new)s, was %(old)s") % {
                    "row": name, "column": column.heading, "new": _said(new), "old": _said(old),
                }  # fmt: skip


def _said(value: Any) -> str:
    return "–" if value is None else str(value)


def _name(row: Row) -> str:
    """A row by its words, and by its currency where it has one: two rows of a table may begin alike."""
    return " ".join(str(cell) for cell in row.cells[:2]) if isinstance(row.cells[1], str) else str(row.cells[0])


def _cells(table: Table, row: Row) -> list[Any]:
    return [plain(cell, column) for cell, column in zip(row.cells[1:], table.columns[1:], strict=False)]
