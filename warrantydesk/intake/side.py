"""What held mail adds to the side of the desk: how many mails wait for a person."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from warrantydesk.faces.navigation import WORK, Group, Item
from warrantydesk.intake.held import unsettled_mail


def mail_side(user: Any, current: str) -> list[Group]:
    if not user.has_perm("intake.view_incomingmail"):
        return []
    held = unsettled_mail().count()
    link = Item(label=_("Held mail"), url=reverse("intake:mail"), count=held, current=current == "mail")
    return [Group(title=str(WORK), items=[link])]
