"""What the managers' pages add to the side of the desk."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from warrantydesk.faces.navigation import MANAGERS, Group, Item
from warrantydesk.reports.allowed import SEE_REPORTS


def reports_side(user: Any, current: str) -> list[Group]:
    if not user.has_perm(SEE_REPORTS):
        return []
    link = Item(label=_("Reports"), url=reverse("reports:overview"), count=None, current=current == "reports")
    return [Group(title=str(MANAGERS), items=[link])]
