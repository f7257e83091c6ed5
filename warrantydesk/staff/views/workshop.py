"""The workshop: a scanner's field, what is expected, what is on the bench, and the bench page of a case."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import SEE_PARCELS, desk_page
from warrantydesk.staff.bench import bench_context, expected, find_by_code, on_the_bench
from warrantydesk.staff.search import tidied
from warrantydesk.staff.views.on_desk import case_on_desk

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
    context = bench_context(case_on_desk(request, reference))
    return desk_response(request, "staff/bench.html", context, current=CURRENT)
