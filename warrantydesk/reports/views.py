"""The managers' pages: looked at only, with figures whose meaning is one click away."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from warrantydesk.faces.access import desk_page
from warrantydesk.faces.navigation import desk_response
from warrantydesk.reports.forms import RangeForm
from warrantydesk.reports.overview import Overview, range_in_words
from warrantydesk.reports.spreadsheet import written_csv

SEE_REPORTS = "cases.see_reports"
UNPROCESSABLE = 422


@desk_page(SEE_REPORTS)
def overview(request: HttpRequest) -> HttpResponse:
    """Days that cannot be answered are said, and the usual weeks shown: the page still answers with 200."""
    form = RangeForm(request.GET, today())
    figures = Overview.of(form.range, timezone.get_default_timezone())
    context = {
        "form": form,
        "overview": figures,
        "days": range_in_words(form.range),
        "file": reverse("reports:overview_csv", query={"from": figures.range.first, "to": figures.range.last}),
    }
    return desk_response(request, "reports/overview.html", context, current="reports")


@desk_page(SEE_REPORTS)
def overview_csv(request: HttpRequest) -> HttpResponse:
    """The same tables as a file. A wrong day is an error here: nobody may take other days for those they asked for."""
    form = RangeForm(request.GET, today())
    if form.is_bound and not form.is_valid():
        lines = [f"{field}: {error}" for field, errors in form.errors.items() for error in errors]
        return HttpResponse("\n".join(lines), status=UNPROCESSABLE, content_type="text/plain; charset=utf-8")
    figures = Overview.of(form.range, timezone.get_default_timezone())
    # The mark at the beginning tells spreadsheets that this is UTF-8.
    response = HttpResponse("\ufeff" + written_csv(figures.rows()), content_type="text/csv; charset=utf-8")
    name = f"overview-{figures.range.first}-{figures.range.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def today() -> date:
    """The desk's own day."""
    return timezone.localdate(timezone=timezone.get_default_timezone())
