"""What each manager keeps for themselves: filters under a name, and the weekly mail."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from warrantydesk.faces.access import desk_verb
from warrantydesk.reports.allowed import SEE_REPORTS
from warrantydesk.reports.asked import EVERY_FILTER
from warrantydesk.reports.kept import SavedFilter, Subscription
from warrantydesk.reports.registry import REPORTS

KNOWN = ("from", "to", *EVERY_FILTER[1:])
MOST_SAVED = 20


def _page(arguments: dict[str, Any]) -> str:
    return reverse("reports:report", args=[arguments["name"]])


def _start(_arguments: dict[str, Any]) -> str:
    return reverse("reports:overview")


@desk_verb(SEE_REPORTS, _page)
def save_filter(request: HttpRequest, name: str) -> HttpResponse:
    """Keep the filters of a report under a name; the same name again takes the new ones."""
    if name not in REPORTS:
        raise Http404(name)
    called = "".join(char for char in request.POST.get("called", "") if char.isprintable()).strip()[:60]
    query = tidied(request.POST.get("query", ""))
    own = SavedFilter.objects.filter(user=request.user.pk, report=name)
    if not called:
        messages.error(request, _("Give the filter a name to find it by."))
    elif own.exclude(name=called).count() >= MOST_SAVED:
        messages.error(request, _("There are 20 saved filters already: drop one first."))
    else:
        SavedFilter.objects.update_or_create(
            user=cast("Any", request.user),
            report=name,
            name=called,
            defaults={"query": query},
            create_defaults={"query": query, "created_at": timezone.now()},
        )
        messages.success(request, _("Saved as “%(name)s”.") % {"name": called})
    return redirect(f"{_page({'name': name})}?{query}")


@desk_verb(SEE_REPORTS, _page)
def drop_filter(request: HttpRequest, name: str, filter_id: int) -> HttpResponse:
    """Somebody else's filter is none."""
    if not SavedFilter.objects.filter(pk=filter_id, user=request.user.pk, report=name).delete()[0]:
        raise Http404
    messages.success(request, _("The saved filter is gone."))
    return redirect(_page({"name": name}))


@desk_verb(SEE_REPORTS, _start)
def subscribe(request: HttpRequest) -> HttpResponse:
    """The weekly mail, on or off."""
    if request.POST.get("wanted") == "yes":
        Subscription.objects.get_or_create(user=cast("Any", request.user), defaults={"since": timezone.now()})
        messages.success(request, _("The reports of each finished week will come to you by mail on Monday morning."))
    else:
        Subscription.objects.filter(user=request.user.pk).delete()
        messages.success(request, _("No weekly mail will come to you any more."))
    return redirect("reports:overview")


def tidied(written: str) -> str:
    """Only what a report reads of an address, whatever was posted."""
    read = QueryDict(written[:2000])
    kept = QueryDict(mutable=True)
    for name in KNOWN:
        if read.get(name):
            kept[name] = read[name][:40]
    return kept.urlencode()
