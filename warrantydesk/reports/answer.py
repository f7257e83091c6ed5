"""One report with what was asked of it and what was counted: what the page and every file are written from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.kept import FrozenWeek
from warrantydesk.reports.registry import Report
from warrantydesk.reports.restated import kept_weeks_of, restated
from warrantydesk.reports.tables import Table

Told = Callable[[int], None]


def nobody(_rows: int) -> None:
    """Nobody is told how far it is."""


@dataclass(frozen=True)
class Answer:
    """`kept` are the figures kept of all finished weeks among the days, by their Mondays."""

    report: Report
    asked: Asked
    tables: list[Table]
    kept: Mapping[date, FrozenWeek] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the file, without its ending."""
        return f"{self.report.name}-{self.asked.range.first}-{self.asked.range.last}"

    @property
    def rows(self) -> int:
        return sum(len(table.rows) for table in self.tables)

    @property
    def frozen(self) -> FrozenWeek | None:
        """The figures kept when exactly the week asked for was over."""
        days = self.asked.range
        return self.kept.get(days.first) if days.last - days.first == timedelta(days=6) else None

    def restated(self, table: Table) -> list[str]:
        """What is not any more as it was when the week was over, in sentences."""
        return restated(table, self.frozen)


def answered(report: Report, asked: Asked) -> Answer:
    """Count the report, and find what was kept of its weeks."""
    return Answer(report, asked, report.tables(asked), kept_weeks_of(report.name, asked))
