"""A report as CSV that a spreadsheet opens as what it is; the tables one below the other, each with its heading."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from products.spreadsheet import harmless
from warrantydesk.reports.cells import lines_of, plain
from warrantydesk.reports.exports.answer import Answer, Told, nobody

MARK = "\ufeff"  # tells spreadsheets that this is UTF-8


class Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(answer: Answer, told: Told = nobody) -> Iterator[str]:
    writer = csv.writer(Line())
    yield MARK
    for table in answer.tables:
        yield writer.writerow([harmless(str(table.title)), *(harmless(str(one.heading)) for one in table.columns)])
        for row in lines_of(table):
            cells = (plain(cell, column) for cell, column in zip(row.cells, table.columns, strict=False))
            yield writer.writerow([harmless(str(table.title)), *map(harmless, cells)])
            told(1)
