"""The case page, and the one way every verb of it goes: form, service, back to the page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from cases.models import Case
from products.errors import Refused
from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import SEE_CASES, View, desk_page, desk_verb
from warrantydesk.staff.bench import bench_context
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.case_page import CasePage, context_of, panel_with
from warrantydesk.staff.forms.base import VerbForm
from warrantydesk.staff.meanwhile import news_since, read_as_of
from warrantydesk.staff.verb import Doing, Verb
from warrantydesk.staff.views.on_desk import case_on_desk

UNPROCESSABLE = 422
MOST_OPEN = 60  # forms one address may ask for


@desk_page(SEE_CASES)
@vary_on_headers("HX-Request")
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """`?open=` names what is to be shown open. htmx, which takes only that, gets the panel it stands in and no more."""
    opened = request.GET.getlist("open")[:MOST_OPEN]
    page = CasePage(case_on_desk(request, reference), opened=opened)
    panel = panel_with(opened[0]) if len(opened) == 1 and request.headers.get("HX-Request") else None
    if panel is not None:
        return render(request, f"staff/case/{panel.template}.html", context_of(page, panel.asks))
    return desk_response(request, "staff/case/page.html", context_of(page))


def verb_view(verb: Verb) -> View:
    """The address of one verb: POST only. Done leads back to the page; refused shows the page with what was typed."""

    @desk_verb(verb.permission)
    def do_verb(request: HttpRequest, reference: str, about_id: int | None = None) -> HttpResponse:
        on_desk = case_on_desk(request, reference)
        about = _about(verb, on_desk, about_id)
        form = verb.form_for(on_desk, about, request.POST, request.FILES)
        # A form that says as of when it was looked at is not sent over what somebody else did since.
        news = news_since(on_desk, read_as_of(request.POST.get("as_of", "")))
        if news or not _done(verb, Doing(on_desk, about, form)):
            return _refused(request, reference, form)
        if verb.said:  # some things are seen at once
            messages.success(request, str(verb.said))
        return _to_page(request, on_desk.case, _anchor(verb, about))

    return do_verb


def _about(verb: Verb, on_desk: CaseOnDesk, about_id: int | None) -> Any:
    """The part or parcel meant. One of another case is as unknown as one that never was."""
    about = verb.find(on_desk, about_id)
    if verb.about and about is None:
        raise Http404
    return about


def _done(verb: Verb, doing: Doing) -> bool:
    """Whether the service did it. A refusal is an answer for the person, written into the form."""
    if not doing.form.is_valid():
        return False
    try:
        verb.do(doing)
    except Refused as refused:
        doing.form.refuse(refused)
        return False
    return True


def _refused(request: HttpRequest, reference: str, form: VerbForm) -> HttpResponse:
    """The page as it is now, fetched anew: what the refused verb had read may be what was out of date.

    It tells what others did since the person looked, and keeps what was typed; sent again, it is sent knowing that.
    """
    on_desk = case_on_desk(request, reference)
    news = news_since(on_desk, read_as_of(request.POST.get("as_of", "")))
    if news and not form.errors:
        form.add_error(None, _("The case changed while you were looking. Send it again if it still holds."))
    if _is_from_bench(request):
        return desk_response(request, "staff/bench.html", bench_context(on_desk, form), status=UNPROCESSABLE)
    context = context_of(CasePage(on_desk, form, news))
    return desk_response(request, "staff/case/page.html", context, status=UNPROCESSABLE)


def _is_from_bench(request: HttpRequest) -> bool:
    """Whether the form stood on the workshop's page of the case: that is where its answer goes."""
    return request.POST.get("from") == "bench"


def _to_page(request: HttpRequest, found: Case, anchor: str) -> HttpResponse:
    page = reverse("staff:bench" if _is_from_bench(request) else "staff:case", args=[found.reference])
    # 303: whatever the method was, the page is fetched with GET.
    return HttpResponseRedirect(f"{page}#{anchor}" if anchor else page, status=303)


def _anchor(verb: Verb, about: Any) -> str:
    """Where on the page the eye was: the part, or the panel."""
    return f"part-{about.pk}" if verb.about == "claim" and not verb.anchor else verb.anchor
