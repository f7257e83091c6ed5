"""docs/figures.md from the reports themselves, so that what a figure means is written once."""

import datetime as dt
from collections.abc import Iterator

from django.utils import translation

from warrantydesk.faces.formats import day
from warrantydesk.management.docs_page import DocsPageCommand
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.registry import REPORTS, Report
from warrantydesk.reports.tables import Table

# What a figure means does not depend on the day: the page must say the same tomorrow.
SOME_DAY = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)

HEAD = """# Every figure

What each table of the [reports](reports.md) counts, in words and as a formula; the pages say the same behind
"What is counted, and how". Days are the desk's own, from midnight to midnight; `[from, to]` are the days
that were asked for. This page is made from the code by `make docs`.
"""


def figures_page() -> str:
    """The page's text: every report in the order of the side, every table in the order of its page."""
    with translation.override("en"):
        asked = Asked(Range(SOME_DAY.date(), SOME_DAY.date()), SOME_DAY, dt.UTC)
        page = HEAD + "".join(_report(report, asked) for report in REPORTS.values())
        return page.replace(day(SOME_DAY.date()), "the day it is asked for")


def _report(report: Report, asked: Asked) -> str:
    tables = "".join("".join(_table(table)) for table in report.tables(asked))
    return f"\n## {report.title}\n\n*{report.answers}* (`{report.name}`)\n{tables}"


def _table(table: Table) -> Iterator[str]:
    yield f"\n### {table.title}\n\n{table.meaning}\n"
    if table.formula:
        yield f"\n> {table.formula}\n"
    if table.about_now:
        yield "\nAs of now, whatever days are asked for.\n"


class Command(DocsPageCommand):
    help = "Writes docs/figures.md from the reports; with --check only says whether it is stale."
    page = "figures.md"

    def fresh(self, _old: str) -> str:
        return figures_page()
