"""The figures of the overview that a manager reads first, from the tables beneath: nothing is counted for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from warrantydesk.reports.stages import DECISION
from warrantydesk.reports.tables import COUNT, DAYS, Column, Row, Table
from warrantydesk.reports.wording import said


@dataclass(frozen=True, slots=True)
class Headline:
    """`url` leads to the table on the same page that says it in full."""

    number: str
    label: str
    more: str
    url: str


def headlines(tables: Sequence[Table]) -> list[Headline]:
    """Those of the overview. An empty table has none."""
    by_code = {table.code: table for table in tables if table.rows}
    makers = (("weeks", _requests), ("due", _open), ("stages", _decision), ("reply", _reply))
    return [told for code, make in makers if code in by_code and (told := make(by_code[code])) is not None]


def _count(number: Any) -> str:
    return said(number, Column("", COUNT))


def _days(number: Any) -> str:
    return _("%(n)s days") % {"n": said(number, Column("", DAYS))}


def _requests(table: Table) -> Headline | None:
    if table.total is None:
        return None
    _all, came, went = table.total.cells
    return Headline(_count(came), _("requests"), _("%(n)s ended") % {"n": _count(went)}, f"#{table.code}")


def _open(table: Table) -> Headline | None:
    numbers = {row.key: row.cells[1] for row in table.rows}
    more = _("%(a)s overdue, %(b)s due today") % {"a": _count(numbers["overdue"]), "b": _count(numbers["today"])}
    return Headline(_count(sum(numbers.values())), _("open now"), more, f"#{table.code}")


def _decision(table: Table) -> Headline | None:
    rows: Mapping[str, Row] = {row.key: row for row in table.rows}
    _stage, number, median, _ninth, _before, change = rows[DECISION].cells
    if not number:
        return None
    return Headline(_days(median), _("to the decision, the median"), _than_before(change), f"#{table.code}")


def _than_before(change: float | None) -> str:
    if change is None:
        return _("nothing to compare with")
    if abs(change) < 0.05:
        return _("as before")
    words = _("%(n)s slower than before") if change > 0 else _("%(n)s quicker than before")
    return words % {"n": _days(abs(change))}


def _reply(table: Table) -> Headline | None:
    if table.total is None:
        return None
    _all, _number, median, ninth = table.total.cells
    more = _("nine in ten within %(n)s") % {"n": _days(ninth)}
    return Headline(_days(median), _("to the first answer, the median"), more, f"#{table.code}")
