"""The queue: a view of it, its filters, a search, one page of rows."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django_countries import countries

from cases.models.case import State
from cases.queries import cases_visible_to
from warrantydesk.faces.navigation import desk_response
from warrantydesk.faces.statuses import status_of
from warrantydesk.staff.access import HANDLE_CASES, SEE_CASES, desk_page
from warrantydesk.staff.choices import Choices, beside
from warrantydesk.staff.filters import AGES, NOBODY, Filters, address_of, order_for
from warrantydesk.staff.listed import page_listed
from warrantydesk.staff.options import options
from warrantydesk.staff.ordering import ORDERS
from warrantydesk.staff.paging import Asked
from warrantydesk.staff.rows import rows_of
from warrantydesk.staff.saved_views import FIRST_VIEW, VIEWS, Looking
from warrantydesk.staff.search import MOST_PEOPLE, reference_in, tidied, too_many_people


@desk_page(SEE_CASES)
def queue(request: HttpRequest) -> HttpResponse:
    given, written = request.GET.dict(), tidied(request.GET.get("q", ""))
    if (reference := reference_in(written)) and cases_visible_to(request.user).filter(reference=reference).exists():
        return redirect("staff:case", reference)
    looking = Looking(request.user, timezone.now())
    # Somebody who searches wants the case wherever it is, not only among their own.
    view = VIEWS["all"] if written else VIEWS.get(given.get("view", ""), VIEWS[FIRST_VIEW])
    filters = Filters.read(given)
    sort = given.get("sort", "")
    order = order_for(sort, filters, view.order)
    page = page_listed(looking, view, filters, order, Asked.read(given), written)
    choosing = "choose" in given
    found = beside(request.user, [case.pk for case in page.cases], filters, choosing=choosing)
    choices = found.choices
    address = address_of(view.code, filters, sort)
    can_handle = request.user.has_perm(HANDLE_CASES)
    context = {
        "view": view,
        "page": page,
        "rows": rows_of(page.cases, found, looking.now, can_handle=can_handle),
        "can_handle": can_handle,
        "written": written,
        # Said where it may matter: there is more than a page of what was found.
        "most_people": MOST_PEOPLE,
        "too_many_people": bool(written and (page.next or page.previous)) and too_many_people(written),
        "filters": filters,
        "chips": _chips(view.code, filters, sort, choices),
        "order": order,
        "orders": options(((one.code, one.label) for one in ORDERS.values()), order.code),
        "people": options(choices.people.items(), str(request.user.pk)),
        "tags": options((name, "") for name in choices.tags.values()),
        "choosing": choosing,
        "fields": _fields(filters, choices) if choosing else [],
        "address": address,
        "own_views": _own_views(choices, address),
        "can_keep": bool(filters.chosen or sort in ORDERS) and not written,
    }
    return desk_response(request, "staff/queue.html", context, current=view.code)


def _chips(view: str, filters: Filters, sort: str, choices: Choices) -> list[dict[str, str]]:
    """Each filter in force: what it says, and the address of the list without it."""
    without = {name: replace(filters, **{name: ""}) for name in filters.chosen}
    return [
        {"words": _words(name, value, choices), "url": f"?{address_of(view, without[name], sort)}"}
        for name, value in filters.chosen.items()
    ]


def _words(name: str, value: str, choices: Choices) -> str:
    if name == "state":
        return str(status_of(value, "case").word())
    if name == "country":
        return str(countries.name(value))
    if name == "age":
        return str(AGES[value][0])
    if value == NOBODY:
        return _("Nobody looks after it")
    known = {"product": choices.products, "part": choices.products, "assignee": choices.people, "tag": choices.tags}
    label = known[name].get(int(value), _("unknown"))
    frames = {"part": _("claimed: %(name)s"), "assignee": _("with %(name)s"), "tag": _("tag: %(name)s")}
    return frames.get(name, "%(name)s") % {"name": label}


def _fields(filters: Filters, found: Choices) -> list[dict[str, Any]]:
    """The filters as select boxes: name, label, options."""
    states = [(code, status_of(code, "case").word()) for code in State.values]
    people = [(NOBODY, _("Nobody")), *found.people.items()]
    offered: dict[str, tuple[str, Iterable[tuple[Any, str | Promise]]]] = {
        "state": (_("State"), states),
        "product": (_("Product"), found.products.items()),
        "part": (_("Claimed part"), found.products.items()),
        "country": (_("Country"), list(countries)),
        "age": (_("Age"), [(code, words) for code, (words, _younger, _older) in AGES.items()]),
        "assignee": (_("Looked after by"), people),
        "tag": (_("Tag"), found.tags.items()),
    }
    return [
        {"name": name, "label": label, "options": options(choices, getattr(filters, name))}
        for name, (label, choices) in offered.items()
    ]


def _own_views(choices: Choices, address: str) -> list[dict[str, Any]]:
    queue_url = reverse("staff:queue")
    return [
        {"pk": pk, "name": name, "url": f"{queue_url}?{asked}", "current": asked == address}
        for pk, (name, asked) in choices.views.items()
    ]
