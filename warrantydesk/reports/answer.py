"""One report with what was asked of it and what was counted: what every file is written from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.registry import Report
from warrantydesk.reports.tables import Table

Told = Callable[[int], None]


def nobody(_rows: int) -> None:
    """Nobody is told how far it is."""


@dataclass(frozen=True)
class Answer:
    report: Report
    asked: Asked
    tables: list[Table]

    @property
    def name(self) -> str:
        """The name of the file, without its ending."""
        return f"{self.report.name}-{self.asked.range.first}-{self.asked.range.last}"

    @property
    def rows(self) -> int:
        return sum(len(table.rows) for table in self.tables)
