"""What is done with many cases at once, and the views a person keeps: each through the services, one by one."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.actors import Actor
from cases.models import Case, QueueView
from cases.queries import cases_visible_to
from cases.services import assigning
from cases.services.tagging import tag_case
from products.errors import Refused
from warrantydesk.staff.access import HANDLE_CASES, SEE_CASES, desk_verb
from warrantydesk.staff.choices import colleagues
from warrantydesk.staff.paging import PAGE_SIZE

MOST_VIEWS = 30
# What is chosen in the place of a person.
BY_RULE = {"least-busy": assigning.assign_least_busy, "by-product": assigning.assign_by_product}


@desk_verb(HANDLE_CASES)
def assign_many(request: HttpRequest) -> HttpResponse:
    """Give every ticked case to one person, or each to whoever the rules name."""
    chosen = request.POST.get("user", "")
    if chosen in BY_RULE:
        given = _each(request, lambda case, by: BY_RULE[chosen](case.pk, **by))
        _tell(request, ngettext("%(n)s case was given away.", "%(n)s cases were given away.", given), given)
    else:
        person = _chosen_person(chosen)
        given = _each(request, lambda case, by: assigning.assign(case.pk, user=person, **by))
        words = ngettext("%(n)s case is now with %(who)s.", "%(n)s cases are now with %(who)s.", given)
        _tell(request, words, given, who=person or _("nobody"))
    return redirect(_back(request))


@desk_verb(HANDLE_CASES)
def tag_many(request: HttpRequest) -> HttpResponse:
    """Put one tag on every ticked case."""
    name = request.POST.get("tag", "")
    tagged = _each(request, lambda case, by: tag_case(case.pk, name=name, **by))
    words = ngettext("%(n)s case carries “%(tag)s” now.", "%(n)s cases carry “%(tag)s” now.", tagged)
    _tell(request, words, tagged, tag=name.strip())
    return redirect(_back(request))


@desk_verb(SEE_CASES)
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters in force as a view of one's own; a name used before is given to the new filters."""
    name = " ".join(request.POST.get("name", "").split())[:60]
    asked = _back(request).partition("?")[2][:500]
    if not name or "\x00" in name:
        messages.error(request, _("The view was not kept: give it a name."))
        return redirect(_back(request))
    owner = cast("Any", request.user)
    mine = QueueView.objects.filter(owner=owner)
    known = mine.filter(name__iexact=name).first()
    if known is None and mine.count() >= MOST_VIEWS:
        messages.error(request, _("The view was not kept: thirty of your own are enough. Remove one first."))
        return redirect(_back(request))
    view = known or QueueView(owner=owner)
    view.name, view.asked = name, asked
    view.save()
    messages.success(request, _("“%(name)s” is among your views now.") % {"name": name})
    return redirect(_back(request))


@desk_verb(SEE_CASES)
def drop_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Remove one of one's own views; 404 for somebody else's."""
    dropped, _more = QueueView.objects.filter(owner=cast("Any", request.user), pk=view_id).delete()
    if not dropped:
        raise Http404
    messages.success(request, _("The view is removed. The cases in it are where they were."))
    return redirect(reverse("staff:queue"))


def _each(request: HttpRequest, do: Callable[[Case, dict[str, Any]], Any]) -> int:
    """Do it to each ticked case the person may see; a refusal is said with its case, and stops no other."""
    ticked = cases_visible_to(request.user).filter(reference__in=request.POST.getlist("case")[:PAGE_SIZE])
    actor, done = Actor.staff(cast("Any", request.user)), 0
    for case in ticked.order_by("pk"):
        try:
            do(case, {"actor": actor, "now": timezone.now()})
        except Refused as refused:
            messages.error(request, f"{case.reference}: {refused}")
        else:
            done += 1
    return done


def _tell(request: HttpRequest, words: str, done: int, **given: Any) -> None:
    if done:
        messages.success(request, words % {"n": done, **given})
    else:
        messages.info(request, _("Nothing was changed. Tick the cases first."))


def _chosen_person(written: str) -> Any:
    """The colleague of that id, None for nobody; 404 for somebody who cannot look after cases."""
    if not written:
        return None
    person = colleagues().filter(pk=written).first() if written.isdigit() and len(written) < 19 else None
    if person is None:
        raise Http404
    return person


def _back(request: HttpRequest) -> str:
    """The queue as it was, filters and all; never an address outside this desk."""
    back = request.POST.get("back", "")
    known = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(reverse("staff:queue"))
    return back if known else reverse("staff:queue")
