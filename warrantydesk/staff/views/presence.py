"""Who else looks at a case, and whether it changed meanwhile: asked by its page now and then."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from warrantydesk.staff.access import SEE_CASES, desk_page
from warrantydesk.staff.meanwhile import news_since, read_as_of
from warrantydesk.staff.presence import note_presence
from warrantydesk.staff.views.on_desk import case_on_desk


@desk_page(SEE_CASES)
def presence(request: HttpRequest, reference: str) -> HttpResponse:
    """A fragment of the case page. `?as_of=` is what the page shows."""
    on_desk = case_on_desk(request, reference)
    as_of = read_as_of(request.GET.get("as_of", ""))
    context = {
        "case": on_desk.case,
        "as_of": as_of,
        "others": note_presence(on_desk.case.pk, request.user, on_desk.now),
        "changed": bool(news_since(on_desk, as_of)),
    }
    response = render(request, "staff/case/presence.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
