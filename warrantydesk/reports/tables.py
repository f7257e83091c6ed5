"""What a report is made of: tables with their meaning, their chart and the way to the very cases behind a number.

A figure is kept as what it is (a number, a day, money) and written only by the face that shows it: the page, a file, a
letter. `None` is "there is no such figure", which is not zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from warrantydesk.reports.charts import Drawing

Words = str | Promise
Value = str | int | float | Decimal | date | None | Promise
# How a column is written. A `money` cell is a Money; every other kind is what its name says.
TEXT, COUNT, NUMBER, DAYS, PERCENT, MONEY, DAY, MONTH = (
    "text", "count", "number", "days", "percent", "money", "day", "month",
)  # fmt: skip
FEW = 5  # fewer cases than this say nothing about the rest


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


@dataclass(frozen=True, slots=True)
class Column:
    heading: Words
    kind: str = TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """`key` leads to the cases behind the row (empty: there are none to show), `url` to whatever else is behind it;
    `small` marks a number too small to draw conclusions from. `code` is what a row without a key is called in kept
    figures, whatever its words become."""

    cells: tuple[Any, ...]
    key: str = ""
    small: bool = False
    url: str = ""
    code: str = ""


Drill = Callable[[str], "QuerySet[Any] | None"]


@dataclass(frozen=True)
class Table:
    """`meaning` says in words what is counted, `formula` how; `cases` gives the cases of a row's key."""

    code: str
    title: Words
    columns: Sequence[Column]
    rows: Sequence[Row]
    meaning: Words
    formula: Words
    chart: Drawing | None = None
    total: Row | None = None
    note: Words = ""
    empty: Words = ""
    cases: Drill | None = field(default=None, compare=False)
    wide: bool = False
    about_now: bool = False  # whatever days are chosen: such figures change by themselves

    @property
    def is_empty(self) -> bool:
        return not self.rows
