"""The side of every desk page. Each face says by itself what it has to offer, so that no face knows another.

A provider is `(user, current) -> list[Group]`; `current` is the code of the page shown ("mail", "reports", a view of
the queue), given to `desk_response`. A face registers its provider in its AppConfig.ready().
"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.written_once import Asked
from warrantydesk.faces.counting import bounded_counts
from warrantydesk.faces.side import Group, Item

WORK = gettext_lazy("Mail and parcels")
MANAGERS = gettext_lazy("Managers")
__all__ = [
    "MANAGERS",
    "WORK",
    "Group",
    "Item",
    "administration",
    "desk_nav",
    "desk_response",
    "managers_page",
    "register",
]


Provider = Callable[[Any, str], list[Group]]
_providers: dict[Provider, int] = {}


def register(provider: Provider, *, place: int) -> None:
    """Let `provider` speak for its face; a lower `place` stands further up. Once, however often it is said."""
    _providers[provider] = place


def desk_nav(request: HttpRequest, current: str = "") -> list[Group]:
    """Every group this person may open, from the top down. Whoever may open nothing gets an empty side."""
    groups: dict[str, Group] = {}
    for provider in sorted(_providers, key=lambda one: _providers[one]):
        for group in provider(request.user, current):
            groups.setdefault(group["title"], Group(title=group["title"], items=[]))["items"].extend(group["items"])
    shown = [group for group in groups.values() if group["items"]]
    _count([item for group in shown for item in group["items"]])
    return shown


def _count(items: list[Item]) -> None:
    """Count whatever is still to be counted, all of it in one query, and let ring what has a reason to."""
    asked = [
        (item, key, rows)
        for item in items
        for key, rows in (("count", item["count"]), ("late", item.get("late")))
        if isinstance(rows, QuerySet | Asked)
    ]
    counts = bounded_counts([rows for _item, _key, rows in asked])
    late = {}
    for (item, key, _rows), count in zip(asked, counts, strict=True):
        if key == "count":
            item["count"] = count
        else:
            late[id(item)] = count
            del item["late"]
    for item in items:
        _settle_alarm(item, late.get(id(item), 0))


def _settle_alarm(item: Item, late: int) -> None:
    alarm = item.pop("alarm", "")
    if callable(alarm):
        alarm = alarm(late) if late else ""
    if alarm and item["count"]:
        item["alarm"] = alarm


def desk_response(
    request: HttpRequest, template: str, context: dict[str, Any], *, current: str = "", status: int = 200
) -> HttpResponse:
    """A page of the desk with its side. `current` is the code of the page: a view of the queue, "mail", "reports"."""
    return render(request, template, {"nav": desk_nav(request, current), **context}, status=status)


def managers_page(page: str, label: Promise, permission: str, *, url: str = "") -> Provider:
    """The provider of a single page for managers: its link, for those with `permission`. `url` names the view where
    that is not the code of the page."""

    def link(user: Any, current: str) -> list[Group]:
        if not user.has_perm(permission):
            return []
        item = Item(label=str(label), url=reverse(url or page), count=None, current=current == page)
        return [Group(title=str(MANAGERS), items=[item])]

    return link


def administration(user: Any, current: str) -> list[Group]:
    """The way to the master data and accounts, for those who may change them."""
    if not (user.is_superuser or user.has_perm("products.change_product")):
        return []
    link = Item(label=_("Administration"), url=reverse("admin:index"), count=None, current=False)
    return [Group(title=str(MANAGERS), items=[link])]
