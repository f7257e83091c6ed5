"""What a later count makes of a finished week whose figures were kept: each difference as a sentence.

Kept is what `cells.plain` makes of each row, by a name of the row that stays when a product, a part or a reason gets
other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from products.written_once import WrittenOnce
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.cells import lines_of, plain
from warrantydesk.reports.kept import FrozenWeek
from warrantydesk.reports.tables import DAY, Row, Table
from warrantydesk.reports.wording import said_again, written

MOST_TOLD, TOTAL = 5, "="
Kept = dict[str, Any]  # "words": how the row began, "cells": what followed
Figures = dict[str, dict[str, Kept]]


def kept_weeks_of(report: str, asked: Asked) -> dict[date, FrozenWeek]:
    """The kept figures of the weeks that lie in the days whole; none where something narrows the report."""
    if asked.is_narrowed:
        return {}
    whole = _WEEKS.ask(report=report, first=asked.range.first, last=asked.range.last - timedelta(days=6))
    return {one.monday: one for one in whole.fetched()}


_WEEKS = WrittenOnce(
    lambda report, first, last: FrozenWeek.objects.filter(report=report, monday__gte=first, monday__lte=last),
    report=str, first=date, last=date,
)  # fmt: skip


def figures_of(tables: Sequence[Table]) -> Figures:
    """Every figure of the tables that are about the chosen days, by table and row. What is about now is not kept."""
    return {
        table.code: {
            _name(table, row, {}): {"words": _words(table, row), "cells": _cells(table, row)} for row in lines_of(table)
        }
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
    if week is None:
        return False
    before = week.figures.get(table.code, {})
    name = _name(table, row, before)
    return name in before and before[name]["cells"] != _cells(table, row)


def _differences(table: Table, before: Mapping[str, Kept]) -> Iterator[str]:
    now = {_name(table, row, before): row for row in lines_of(table)}
    for name, row in now.items():
        words = _words(table, row)
        if name not in before:
            yield _("%(row)s is new") % {"row": words}
            continue
        cells = zip(table.columns[1:], _cells(table, row), before[name]["cells"], strict=False)
        for column, value, old in cells:
            if value != old:
                yield _("%(row)s, %(column)s: %(new)s, was %(old)s") % {
                    "row": words,
                    "column": column.heading,
                    "new": said_again(value, column),
                    "old": said_again(old, column),
                }
    for name, kept in before.items():
        if name not in now:
            yield _("%(row)s was there and is not any more") % {"row": kept["words"]}


def _name(table: Table, row: Row, before: Mapping[str, Kept]) -> str:
    """The same for the same row in every count; its words where it has no other name, or was kept by them."""
    words = _words(table, row)
    name = TOTAL if row is table.total else row.key or row.code or words
    return words if words in before and name not in before else name


def _words(table: Table, row: Row) -> str:
    """A row by its words, and by its currency where it has one: two rows of a table may begin alike."""
    told = written(table, row)
    return " ".join(told[:2]) if isinstance(row.cells[1], str) else told[0]


def _cells(table: Table, row: Row) -> list[Any]:
    return [plain(cell, column) for cell, column in zip(row.cells[1:], table.columns[1:], strict=False)]
