"""A report on paper: the page of the screen without its links, as HTML for the PDF writer and for the printer."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from warrantydesk.faces.formats import span
from warrantydesk.faces.paper import write_pdf
from warrantydesk.reports.answer import Answer
from warrantydesk.reports.shown import shown

SHEETS = (
    "css/tokens.css", "css/base.css", "css/document.css", "css/components/table.css", "css/components/chart.css",
    "css/pages/report-paper.css",
)  # fmt: skip
MOST_ROWS = 40  # of a table on paper: the files hold all of them
SECONDS = 60


def report_html(answers: Sequence[Answer], *, for_paper: bool = True, no_pdf: bool = False) -> str:
    chosen = answers[0].asked.range
    pages = [(answer.report, [shown(table, answer) for table in answer.tables]) for answer in answers]
    context = {
        "pages": pages,
        "days": span(chosen.first, chosen.last),
        "maker": settings.MAKER_NAME,
        "sheets": SHEETS,
        "for_paper": for_paper,
        "no_pdf": no_pdf,
        "most": MOST_ROWS,
        "language": get_language() or "en",
    }
    return render_to_string("reports/paper.html", context)


def report_pdf(answers: Sequence[Answer]) -> bytes:
    """The reports as one PDF. NoPaper where none can be written here. Takes seconds."""
    return write_pdf(report_html(answers), SHEETS, seconds=SECONDS)
