"""A report as JSON, and as a table for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from warrantydesk.reports.answer import Answer, Told, nobody
from warrantydesk.reports.cells import lines_of, plain
from warrantydesk.reports.letters import breadth
from warrantydesk.reports.tables import TEXT, Row, Table
from warrantydesk.reports.wording import written


def json_lines(answer: Answer, told: Told = nobody) -> Iterator[str]:
    """One JSON document, table by table."""
    head = {
        "report": answer.report.name,
        "from": answer.asked.range.first.isoformat(),
        "to": answer.asked.range.last.isoformat(),
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "tables": ['
    for number, table in enumerate(answer.tables):
        yield (",\n" if number else "\n") + json.dumps(_table(table, answer.restated(table)), ensure_ascii=False)
        told(len(table.rows))
    yield "\n]}\n"


def _table(table: Table, restated: list[str]) -> dict[str, object]:
    return {
        "code": table.code,
        "title": str(table.title),
        "meaning": str(table.meaning),
        "formula": str(table.formula),
        "columns": [str(column.heading) for column in table.columns],
        "rows": [_cells(table, row) for row in table.rows],
        "total": _cells(table, table.total) if table.total and table.rows else None,
        "restated": restated,
    }


def _cells(table: Table, row: Row) -> list[object]:
    return [plain(cell, column) for cell, column in zip(row.cells, table.columns, strict=False)]


def text_lines(answer: Answer, told: Told = nobody) -> Iterator[str]:
    """Every table with its title, its columns below each other."""
    for table in answer.tables:
        yield f"{table.title}\n"
        if not table.rows:
            yield f"  {table.empty or '–'}\n\n"
            continue
        yield from _aligned(table)
        yield from (f"  ! {words}\n" for words in answer.restated(table))
        told(len(table.rows))
        yield "\n"


def _aligned(table: Table) -> Iterator[str]:
    lines = [[str(column.heading) for column in table.columns], *(written(table, row) for row in lines_of(table))]
    widths = [max(breadth(line[place]) for line in lines if place < len(line)) for place in range(len(table.columns))]
    for line in lines:
        cells = (
            _padded(cell, width, right=column.kind != TEXT)
            for cell, width, column in zip(line, widths, table.columns, strict=False)
        )
        yield f"  {'  '.join(cells).rstrip()}\n"


def _padded(cell: str, width: int, *, right: bool) -> str:
    gap = " " * (width - breadth(cell))
    return gap + cell if right else cell + gap
