"""What this face has to offer on the side of every desk page."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from products.importing.runs import IMPORT
from warrantydesk.faces.navigation import WORK, Group, Item


def sales_side(user: Any, current: str) -> list[Group]:
    if not user.has_perm(IMPORT):
        return []
    packing = Item(label=_("Packing"), url=reverse("sales:packing"), count=None, current=current == "packing")
    imports = Item(label=_("Imports"), url=reverse("sales:imports"), count=None, current=current == "imports")
    return [Group(title=str(WORK), items=[packing, imports])]
