"""The workshop: a scanner's field, what is expected, what is on the bench, and the bench page of a case."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from cases.models import Case
from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import SEE_PARCELS, desk_page
from warrantydesk.staff.bench import bench_context, expected, find_by_code, on_the_bench
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.search import tidied

CURRENT = "workshop"


@desk_page(SEE_PARCELS)
def workshop(request: HttpRequest) -> HttpResponse:
    """With `?code=`, what a scanner typed: the bench page of its case, or a choice where it is of several."""
    code = tidied(request.GET.get("code", ""))
    found = find_by_code(request.user, code) if code else []
    if len(found) == 1:
        return redirect("staff:bench", reference=found[0].reference)
    context = {"code": code, "found": found, "expected": expected(request.user), "cases": on_the_bench(request.user)}
    return desk_response(request, "staff/workshop.html", context, current=CURRENT)


@desk_page(SEE_PARCELS)
def bench(request: HttpRequest, reference: str) -> HttpResponse:
    try:
        on_desk = CaseOnDesk.fetch(request.user, reference, timezone.now())
    except Case.DoesNotExist as missing:
        raise Http404 from missing
    return desk_response(request, "staff/bench.html", bench_context(on_desk), current=CURRENT)
