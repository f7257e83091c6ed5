"""The managers' pages: looked at only, with figures whose meaning is one click away, and the way to the very cases."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from cases.queries import cases_visible_to
from warrantydesk.faces.access import desk_page
from warrantydesk.faces.formats import day
from warrantydesk.faces.navigation import desk_response
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.case_list import case_page, case_row
from warrantydesk.reports.counting.fresh import bring_up_to_date
from warrantydesk.reports.forms import AskedForm
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.registry import REPORTS, Report
from warrantydesk.reports.shown import shown, written
from warrantydesk.reports.tables import Table

SEE_REPORTS = "cases.see_reports"
UNPROCESSABLE = 422


@dataclass(frozen=True)
class Question:
    """A report with what was asked of it; `form` has what was wrong with that."""

    report: Report
    form: AskedForm
    asked: Asked

    @property
    def is_wrong(self) -> bool:
        return self.form.is_bound and not self.form.is_valid()

    @property
    def problems(self) -> str:
        return "\n".join(f"{field}: {error}" for field, errors in self.form.errors.items() for error in errors)


def question_of(request: HttpRequest, name: str) -> Question:
    """404 for a report nobody knows."""
    if name not in REPORTS:
        raise Http404(name)
    report, now, zone = REPORTS[name], timezone.now(), timezone.get_default_timezone()
    form = AskedForm(request.GET, now.astimezone(zone).date(), report.filters)
    return Question(report, form, form.asked(now, zone))


@desk_page(SEE_REPORTS)
def report(request: HttpRequest, name: str = "overview") -> HttpResponse:
    """What cannot be answered is said, and the usual weeks shown: the page still answers with 200."""
    question = question_of(request, name)
    waiting = bring_up_to_date()
    asked = question.asked
    tables = question.report.tables(asked)
    context = {
        "report": question.report,
        "reports": REPORTS.values(),
        "form": question.form,
        "is_wrong": question.is_wrong,
        "days": range_in_words(asked.range),
        "tables": [shown(table, name, asked) for table in tables],
        "is_empty": all(table.is_empty for table in tables),
        "waiting": waiting,
        "query": asked.query(),
    }
    return desk_response(request, "reports/report.html", context, current="reports")


@desk_page(SEE_REPORTS)
def cases(request: HttpRequest, name: str, table: str, key: str) -> HttpResponse:
    """The very cases behind one number, newest first."""
    question = question_of(request, name)
    found = table_of(question, table)
    row = next((row for row in found.rows if row.key == key), None)
    behind = found.cases(key) if found.cases else None
    if behind is None:
        raise Http404(key)
    visible = cases_visible_to(request.user).filter(pk__in=behind.order_by().values("pk"))
    page = case_page(visible, request.GET.get("before", ""))
    context = {
        "report": question.report,
        "table": found,
        "label": written(found, row)[0] if row else key,
        "page": page,
        "rows": [case_row(case) for case in page.cases],
        "number": visible.count(),
        "days": range_in_words(question.asked.range),
        "back": f"{reverse('reports:report', args=[name])}?{question.asked.query()}",
    }
    return desk_response(request, "reports/cases.html", context, current="reports")


def table_of(question: Question, code: str) -> Table:
    """404 for a table this report has not."""
    found = next((one for one in question.report.tables(question.asked) if one.code == code), None)
    if found is None or question.is_wrong:
        raise Http404(code)
    return found


def range_in_words(chosen: Range) -> str:
    return f"{day(chosen.first)} – {day(chosen.last)}"
