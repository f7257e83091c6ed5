"""A report as CSV that a spreadsheet opens as what it is; the tables one below the other, each with its heading."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from products.spreadsheet import Cell, written
from warrantydesk.reports.answer import Answer, Told, nobody
from warrantydesk.reports.cells import lines_of, plain


def csv_lines(answer: Answer, told: Told = nobody) -> Iterator[str]:
    return written(_rows(answer, told))


def _rows(answer: Answer, told: Told) -> Iterator[list[Cell]]:
    for table in answer.tables:
        yield [str(table.title), *(str(one.heading) for one in table.columns)]
        for row in lines_of(table):
            yield [
                str(table.title),
                *(plain(cell, column) for cell, column in zip(row.cells, table.columns, strict=False)),
            ]
            told(1)
        for words in answer.restated(table):
            yield [str(table.title), _("Restated since the week was over:"), words]
