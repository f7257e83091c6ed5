"""Rows of one case by a query that was written once (`products.written_once`)."""

from __future__ import annotations

from typing import Any

from cases.models import Case
from products.written_once import WrittenOnce


def rows_of_case(case: Case, written: WrittenOnce, **values: Any) -> list[Any]:
    """What `written` selects of this case. Each row knows this very case, and never fetches another."""
    rows = written.ask(case=case.pk, **values).fetched()
    for row in rows:
        row.case = case
    return rows
