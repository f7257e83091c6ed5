"""What the staff's pages add to the side of the desk: the views of the queue, and the parcels."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from warrantydesk.faces.navigation import MANAGERS, WORK, Group, Item
from warrantydesk.staff.access import DECIDE_CASES, SEE_CASES, SEE_PARCELS
from warrantydesk.staff.parcels_board import BOARDS, parcels_on
from warrantydesk.staff.saved_views import VIEWS, Looking, count_views


def cases_side(user: Any, current: str) -> list[Group]:
    """The saved views with their counts, in one query. `current` is the code of the view shown."""
    if not user.has_perm(SEE_CASES):
        return []
    counts = count_views(Looking(user, timezone.localdate()))
    queue = reverse("staff:queue")
    items = [
        Item(label=str(view.label), url=f"{queue}?view={code}", count=counts.get(code), current=code == current)
        for code, view in VIEWS.items()
    ]
    return [Group(title="", items=items)]


def parcels_side(user: Any, current: str) -> list[Group]:
    """The boards of parcels with their counts, a query each."""
    if not user.has_perm(SEE_PARCELS):
        return []
    now, url = timezone.now(), reverse("staff:parcels")
    items = [
        Item(
            label=str(label),
            url=f"{url}?show={code}",
            count=parcels_on(code, now).count(),
            current=current == f"parcels-{code}",
        )
        for code, label in BOARDS.items()
    ]
    return [Group(title=str(WORK), items=items)]


def replay_side(user: Any, current: str) -> list[Group]:
    """The decisions a corrected clock has overtaken. Not counted: that would ask every decision again."""
    if not user.has_perm(DECIDE_CASES):
        return []
    link = Item(label=_("Decisions overtaken"), url=reverse("staff:replay"), count=None, current=current == "replay")
    return [Group(title=str(MANAGERS), items=[link])]
