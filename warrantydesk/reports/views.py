"""The managers' pages: looked at only, with figures whose meaning is one click away, and the way to the very cases."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from cases.queries import cases_visible_to
from products.auditing import put_on_record
from products.written_once import WrittenOnce
from warrantydesk.faces.access import desk_page
from warrantydesk.faces.formats import day
from warrantydesk.faces.navigation import desk_response
from warrantydesk.reports.allowed import EXPORT_DATA, SEE_REPORTS
from warrantydesk.reports.answer import answered
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.case_list import case_page, case_row
from warrantydesk.reports.counting.fresh import bring_up_to_date
from warrantydesk.reports.exports.pdf_file import report_html
from warrantydesk.reports.files import case_file
from warrantydesk.reports.forms import AskedForm
from warrantydesk.reports.kept import SavedFilter, Subscription
from warrantydesk.reports.page_parts import filters_of, sections_of, tabs_of
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.registry import REPORTS, Report
from warrantydesk.reports.shown import shown
from warrantydesk.reports.tables import Table
from warrantydesk.reports.wording import written


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


_SAVED = WrittenOnce(lambda user, report: SavedFilter.objects.filter(user=user, report=report), user=int, report=str)
_SUBSCRIBED = WrittenOnce(lambda user: Subscription.objects.filter(user=user).values_list("pk"), user=int)


@desk_page(SEE_REPORTS)
def report(request: HttpRequest, name: str = "overview") -> HttpResponse:
    """What cannot be answered is said, and the usual weeks shown: the page still answers with 200."""
    question = question_of(request, name)
    waiting = bring_up_to_date()
    answer = answered(question.report, question.asked)
    tables = [shown(table, answer) for table in answer.tables]
    context = {
        "report": question.report,
        "tabs": tabs_of(question.report),
        "form": question.form,
        "filters": filters_of(question.form),
        "is_wrong": question.is_wrong,
        "days": range_in_words(answer.asked.range),
        "headlines": question.report.headlines(answer.tables),
        "tables": tables,
        "sections": sections_of(tables),
        "is_empty": all(table.is_empty for table in answer.tables),
        "waiting": waiting,
        "frozen": answer.frozen,
        "saved": _SAVED.ask(user=request.user.pk, report=name).fetched(),
        "is_subscribed": bool(_SUBSCRIBED.ask(user=request.user.pk).rows()),
        "query": answer.asked.query(),
        "files": (("csv", "CSV"), ("xlsx", "XLSX"), ("pdf", "PDF"), ("json", "JSON")),
    }
    return desk_response(request, "reports/report.html", context, current="reports")


@desk_page(SEE_REPORTS)
def cases(request: HttpRequest, name: str, table: str, key: str) -> HttpResponse:
    """The very cases behind one number, newest first."""
    question = question_of(request, name)
    bring_up_to_date()
    found = table_of(question, table)
    row = next((row for row in found.rows if row.key == key), None)
    behind = found.cases(key) if found.cases else None
    if behind is None:
        raise Http404(key)
    visible = cases_visible_to(request.user).filter(pk__in=behind.order_by().values("pk"))
    if request.GET.get("as") == "csv":
        if not request.user.has_perm(EXPORT_DATA):
            raise PermissionDenied
        facts = {"report": name, "table": table, "key": key, "format": "csv"}
        put_on_record("export.cases", "report", None, facts=facts)
        return case_file(visible, f"{name}-{table}-{key}")
    page = case_page(visible, request.GET.get("before", ""))
    context = {
        "report": question.report,
        "table": found,
        "label": written(found, row)[0] if row else key,
        "page": page,
        "rows": [case_row(case) for case in page.cases],
        "number": visible.count(),
        "query": question.asked.query(),
        "key": key,
        "days": range_in_words(question.asked.range),
        "back": f"{reverse('reports:report', args=[name])}?{question.asked.query()}",
    }
    return desk_response(request, "reports/cases.html", context, current="reports")


@desk_page(EXPORT_DATA)
def print_page(request: HttpRequest, name: str) -> HttpResponse:
    """The report for the browser's printer, where somebody asked for a PDF and none can be written. What cannot be
    answered is an error here: nobody may take other days for those they asked for."""
    question = question_of(request, name)
    if not request.user.has_perm(SEE_REPORTS):
        raise PermissionDenied
    if question.is_wrong:
        return HttpResponse(
            question.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY, content_type="text/plain; charset=utf-8"
        )
    bring_up_to_date()
    answer = answered(question.report, question.asked)
    span = question.asked.range
    facts = {"report": name, "format": "page", "first": span.first, "last": span.last}
    put_on_record("export.report", "report", None, facts=facts)
    return HttpResponse(report_html([answer], for_paper=False, no_pdf=True))


def table_of(question: Question, code: str) -> Table:
    """404 for a table this report has not."""
    found = next((one for one in question.report.tables(question.asked) if one.code == code), None)
    if found is None or question.is_wrong:
        raise Http404(code)
    return found


def range_in_words(chosen: Range) -> str:
    return f"{day(chosen.first)} – {day(chosen.last)}"
