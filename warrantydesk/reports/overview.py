"""The figures of the overview with their words: what is counted, and the exact meaning of every number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from warrantydesk.faces.formats import day, short_day
from warrantydesk.faces.statuses import status_of
from warrantydesk.reports import charts
from warrantydesk.reports.queries import cases_by_state, moves_of_range, requests_by_week
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.spreadsheet import Cell
from warrantydesk.reports.stages import DECISION, REPAIR, WAY_IN, WHOLE, Figure, stage_figures

STAGE_WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    DECISION: (
        gettext_lazy("Request to decision"),
        gettext_lazy(
            "From the moment the request reached us to the decision, the time we waited for answers included."
        ),
    ),
    WAY_IN: (
        gettext_lazy("Decision to repair"),
        gettext_lazy("From the approval to the start of the repair: quote, answer and the parcel to us."),
    ),
    REPAIR: (
        gettext_lazy("Repair to return"),
        gettext_lazy("From the start of the repair until the product is back with the customer."),
    ),
    WHOLE: (
        gettext_lazy("Request to return"),
        gettext_lazy(
            "From the moment the request reached us until the product, repaired or not, or its replacement is with the "
            "customer. Denied and withdrawn cases have no return and are not in it."
        ),
    ),
}


@dataclass(frozen=True)
class StageRow:
    name: str | Promise
    meaning: str | Promise
    figure: Figure


@dataclass(frozen=True)
class Overview:
    """Everything the page shows and the file holds, counted once."""

    range: Range
    states: dict[str, int]
    weeks: dict[date, int]
    figures: list[Figure]

    @classmethod
    def of(cls, chosen: Range, zone: tzinfo) -> "Overview":
        start, end = chosen.instants(zone)
        return cls(
            chosen,
            cases_by_state(chosen, zone),
            requests_by_week(chosen, zone),
            stage_figures(moves_of_range(chosen, zone), start, end),
        )

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def is_empty(self) -> bool:
        return not self.total and not any(figure.runs for figure in self.figures)

    @property
    def state_chart(self) -> charts.Chart:
        return charts.rows([(self.state_name(code), count) for code, count in self.states.items()])

    @property
    def week_chart(self) -> charts.Chart:
        return charts.columns([(short_day(monday), count) for monday, count in self.weeks.items()])

    @property
    def week_rows(self) -> list[tuple[date, int]]:
        return list(self.weeks.items())

    @property
    def stages(self) -> list[StageRow]:
        return [StageRow(*STAGE_WORDS[figure.stage], figure) for figure in self.figures]

    @staticmethod
    def state_name(code: str) -> str:
        return str(status_of(code, "case").staff)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The tables of the page one below the other, as one table with a heading."""
        yield _("Table"), _("Row"), _("Number"), _("Median days")
        for code, count in self.states.items():
            yield _("Requests by state"), self.state_name(code), count, None
        for monday, count in self.weeks.items():
            yield _("Requests by week"), monday.isoformat(), count, None
        for row in self.stages:
            median = row.figure.median_days
            yield _("Days per stage"), str(row.name), row.figure.runs, None if median is None else round(median, 2)


def range_in_words(chosen: Range) -> str:
    return f"{day(chosen.first)} – {day(chosen.last)}"
