"""A report as XLSX: a sheet a table, written row by row, and one with what everything means."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from products.spreadsheet import DANGEROUS
from warrantydesk.reports.answer import Answer, Told, nobody
from warrantydesk.reports.cells import lines_of
from warrantydesk.reports.tables import DAY, DAYS, MONEY, MONTH, NUMBER, PERCENT, Column, Money

if TYPE_CHECKING:  # the library is as large as the rest of the reports: loaded where the first file is written
    from openpyxl import Workbook

FORMATS = {PERCENT: "0.0%", DAYS: "0.0", NUMBER: "0.00", DAY: "yyyy-mm-dd", MONTH: "yyyy-mm", MONEY: "#,##0.00"}
NO_TITLE = re.compile(r"[\[\]:*?/\\]")
# What no XML file may hold.
NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_xlsx(answer: Answer, file: IO[bytes] | Path, told: Told = nobody) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    titles: set[str] = set()
    for table in answer.tables:
        sheet = book.create_sheet(_title(str(table.title), titles))
        sheet.append([_bold(sheet, str(column.heading)) for column in table.columns])
        for row in lines_of(table):
            sheet.append([_cell(sheet, cell, column) for cell, column in zip(row.cells, table.columns, strict=False)])
            told(1)
    _explain(book, answer)
    book.save(file)


def _explain(book: Workbook, answer: Answer) -> None:
    sheet = book.create_sheet(_("What is counted"))
    heads = (_("Table"), _("Meaning"), _("Formula"), _("Restated since the week was over:"))
    sheet.append([_bold(sheet, head) for head in heads])
    for table in answer.tables:
        told = (table.title, table.meaning, table.formula, "\n".join(answer.restated(table)))
        sheet.append([_text(sheet, str(words)) for words in told])


def _title(wanted: str, taken: set[str]) -> str:
    """A name of a sheet: at most 31 letters, none twice."""
    plain = NO_TITLE.sub(" ", wanted).strip("' ") or "-"
    name, number = plain[:31], 1
    while name.casefold() in taken:
        number += 1
        name = f"{plain[:27]} {number}"
    taken.add(name.casefold())
    return name


def _cell(sheet: Any, value: Any, column: Column) -> Any:
    if isinstance(value, Money):
        return _number(sheet, value.amount, f'#,##0.00 "{value.currency}"')
    if isinstance(value, str | Promise):
        return _text(sheet, str(value))
    if isinstance(value, date) or column.kind in FORMATS:
        return _number(sheet, value, FORMATS.get(column.kind, "General"))
    return value


def _number(sheet: Any, value: Any, written: str) -> Any:
    cell = _empty(sheet, value)
    cell.number_format = written
    return cell


def _empty(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    return WriteOnlyCell(sheet, value)


def _text(sheet: Any, words: str) -> Any:
    """Words, and never a formula: the type says so, and an apostrophe for whoever copies them into another file."""
    words = NO_TEXT.sub(" ", words)
    cell = _empty(sheet, f"'{words}" if words.startswith(DANGEROUS) else words)
    cell.data_type = "s"
    return cell


def _bold(sheet: Any, words: str) -> Any:
    from openpyxl.styles import Font

    cell = _text(sheet, words)
    cell.font = Font(bold=True)
    return cell
