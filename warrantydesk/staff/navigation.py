"""What the staff's pages add to the side of the desk: the views of the queue, and the parcels."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.written_once import WrittenOnce
from shipments.queries import parcels_on_the_road
from warrantydesk.faces.counting import first_rows, remembered_counts
from warrantydesk.faces.navigation import WORK, Group, Item, managers_page
from warrantydesk.staff.access import DECIDE_CASES, SEE_CASES, SEE_PARCELS
from warrantydesk.staff.parcels_board import BOARDS
from warrantydesk.staff.saved_views import VIEWS, Looking, count_of

# The tabs that are somebody's job.
ON_THE_ROAD = WrittenOnce(lambda: first_rows(parcels_on_the_road()), keep_plan=True)
CALLING = {"silent": gettext_lazy("Silent parcels"), "review": gettext_lazy("Parcels to review")}


def cases_side(user: Any, current: str) -> list[Group]:
    """The saved views with the cases in each, to be counted. `current` is the code of the view shown."""
    if not user.has_perm(SEE_CASES):
        return []
    looking, queue = Looking(user, timezone.now()), reverse("staff:queue")
    items = []
    for code, view in VIEWS.items():
        count = count_of(view, looking) if view.counted else None
        item = Item(label=str(view.label), url=f"{queue}?view={code}", count=count, current=code == current)
        if code == "overdue":
            item["alarm"] = _("later than we promised")
        items.append(item)
    return [Group(title="", items=items)]


def parcels_side(user: Any, current: str) -> list[Group]:
    """The board of parcels, and those of its tabs that call for somebody, to be counted."""
    if not user.has_perm(SEE_PARCELS):
        return []
    now, pages = timezone.now(), {f"parcels-{code}" for code in BOARDS.keys() - CALLING.keys()} | {"carriers"}
    board = Item(label=_("Parcels"), url=reverse("staff:parcels"), count=ON_THE_ROAD.ask(), current=current in pages)
    workshop = Item(label=_("Workshop"), url=reverse("staff:workshop"), count=None, current=current == "workshop")
    counts = remembered_counts("parcels", lambda: [BOARDS[code].holds(now) for code in CALLING])
    calling = [_calling(code, count, current) for code, count in zip(CALLING, counts, strict=True)]
    return [Group(title=str(WORK), items=[board, workshop, *calling])]


def _calling(code: str, count: int, current: str) -> Item:
    label, url = CALLING[code], f"{reverse('staff:parcels')}?show={code}"
    item = Item(label=str(label), url=url, count=count, current=current == f"parcels-{code}")
    if code == "silent" and count:
        item["alarm"] = str(BOARDS[code].says)
    return item


# The decisions a corrected clock has overtaken. Not counted: that would ask every decision again.
replay_side = managers_page("replay", gettext_lazy("Decisions overtaken"), DECIDE_CASES, url="staff:replay")
