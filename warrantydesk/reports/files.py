"""Reports as downloads, and the list of the cases behind a number as one that is written while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from cases.models import Case
from warrantydesk.faces.paper import NoPaper, pdf_response
from warrantydesk.reports.answer import Answer
from warrantydesk.reports.exports.case_lines import case_lines
from warrantydesk.reports.exports.csv_file import csv_lines
from warrantydesk.reports.exports.pdf_file import report_html, report_pdf
from warrantydesk.reports.exports.text_files import json_lines
from warrantydesk.reports.exports.xlsx_file import write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_file(answer: Answer) -> Any:
    return _streamed(csv_lines(answer), "text/csv; charset=utf-8", f"{answer.name}.csv")


def json_file(answer: Answer) -> Any:
    return _streamed(json_lines(answer), "application/json", f"{answer.name}.json")


def xlsx_file(answer: Answer) -> Any:
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(answer, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{answer.name}.xlsx", content_type=XLSX)


def pdf_file(answer: Answer) -> Any:
    """The PDF, or the same page for the browser's printer where none can be written."""
    try:
        return pdf_response(report_pdf([answer]), f"{answer.name}.pdf")
    except NoPaper:
        return HttpResponse(report_html([answer], for_paper=False, no_pdf=True))


FILES: dict[str, Callable[[Answer], Any]] = {
    "csv": csv_file, "xlsx": xlsx_file, "pdf": pdf_file, "json": json_file,
}  # fmt: skip


def case_file(cases: QuerySet[Case], name: str) -> Any:
    """Every case of the list, in constant memory however many there are."""
    return _streamed(case_lines(cases), "text/csv; charset=utf-8", f"{name}.csv")


def _streamed(lines: Iterator[str], kind: str, name: str) -> Any:
    response = StreamingHttpResponse(lines, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
