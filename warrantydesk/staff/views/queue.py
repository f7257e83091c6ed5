"""The queue: saved views, search, a filter by state, the table itself, and giving cases to somebody."""

from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.actors import Actor
from cases.models import Case, ClaimedPart
from cases.models.case import State
from cases.queries import cases_visible_to
from cases.services.talking import assign
from products.errors import Refused
from warrantydesk.faces.formats import age_in_words
from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import HANDLE_CASES, SEE_CASES, desk_page, desk_verb
from warrantydesk.staff.paging import PAGE_SIZE, queue_page
from warrantydesk.staff.saved_views import FIRST_VIEW, VIEWS, Looking, SavedView, cases_in
from warrantydesk.staff.search import matching, reference_in, tidied


@desk_page(SEE_CASES)
def queue(request: HttpRequest) -> HttpResponse:
    written = tidied(request.GET.get("q", ""))
    exact = cases_visible_to(request.user).filter(reference=reference_in(written)).first() if written else None
    if exact:
        return redirect("staff:case", exact.reference)
    # Somebody who searches wants the case wherever it is, not only among their own.
    view = VIEWS["all"] if written else VIEWS.get(request.GET.get("view", ""), VIEWS[FIRST_VIEW])
    state = request.GET.get("state", "")
    page = queue_page(_chosen(request, view, written, state), request.GET.get("before", ""))
    _add_words(page.cases, timezone.now())
    context = {
        "view": view,
        "page": page,
        "written": written,
        "state": state if state in State.values else "",
        "states": State.choices,
        "colleagues": colleagues(),
    }
    return desk_response(request, "staff/queue.html", context, current=view.code)


@desk_verb(HANDLE_CASES)
def assign_many(request: HttpRequest) -> HttpResponse:
    """Give every ticked case to one person. Each goes through the same service as on its page, one by one."""
    person = _chosen_person(request.POST.get("user", ""))
    ticked = cases_visible_to(request.user).filter(reference__in=request.POST.getlist("case")[:PAGE_SIZE])
    given = 0
    for case in ticked.order_by("pk"):
        try:
            assign(case.pk, user=person, actor=Actor.staff(cast("Any", request.user)), now=timezone.now())
        except Refused as refused:
            messages.error(request, f"{case.reference}: {refused}")
        else:
            given += 1
    _tell_given(request, given, person)
    return redirect(_back(request))


def _tell_given(request: HttpRequest, given: int, person: Any) -> None:
    if given:
        words = ngettext("%(n)s case is now with %(who)s.", "%(n)s cases are now with %(who)s.", given)
        messages.success(request, words % {"n": given, "who": person or _("nobody")})
    else:
        messages.info(request, _("No case was given to anybody. Tick the cases first."))


def _chosen_person(written: str) -> Any:
    """The colleague of that id, None for nobody; 404 for somebody who cannot look after cases."""
    if not written:
        return None
    person = colleagues().filter(pk=written).first() if written.isdigit() else None
    if person is None:
        raise Http404
    return person


def _back(request: HttpRequest) -> str:
    """The queue as it was, filters and all; never an address outside this desk."""
    back = request.POST.get("back", "")
    known = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(reverse("staff:queue"))
    return back if known else reverse("staff:queue")


def _chosen(request: HttpRequest, view: SavedView, written: str, state: str) -> QuerySet[Case]:
    cases = cases_in(view, Looking(request.user, timezone.localdate()))
    if written:
        cases = cases.filter(matching(written))
    if state in State.values:
        cases = cases.filter(state=state)
    return with_row_data(cases)


def with_row_data(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Everything a row shows, in two queries however many rows there are."""
    claims = ClaimedPart.objects.select_related("part__product").order_by("pk")
    return cases.select_related("customer", "unit__line__product", "assignee").prefetch_related(
        Prefetch("claimed_parts", claims)
    )


def _add_words(cases: list[Case], now: datetime) -> None:
    for case in cases:
        case.age = age_in_words(now - case.received_at)  # type: ignore[attr-defined]
        case.named_part, case.more_parts = _named_parts(case)  # type: ignore[attr-defined]


def _named_parts(case: Case) -> tuple[str, int]:
    """The first claimed part, and how many more; nothing where the product is its own one part."""
    claims = case.claimed_parts.all()
    if not claims or (case.unit and claims[0].part.product_id == case.unit.line.product_id):
        return "", 0
    return claims[0].part.label, len(claims) - 1


def colleagues() -> QuerySet[Any]:
    """Everybody a case can be given to."""
    return get_user_model().objects.filter(is_active=True, is_staff=True).order_by("name")
