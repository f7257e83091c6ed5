"""What held mail adds to the side of the desk: how many mails wait for a person, and whether one waits too long."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from warrantydesk.faces.navigation import WORK, Group, Item
from warrantydesk.intake.held import late_mail, unsettled_mail


def mail_side(user: Any, current: str) -> list[Group]:
    if not user.has_perm("intake.view_incomingmail"):
        return []
    held = unsettled_mail().order_by().count()
    link = Item(label=_("Held mail"), url=reverse("intake:mail"), count=held, current=current == "mail")
    late = late_mail(timezone.now()) if held else 0
    if late:
        words = ngettext("%(n)d waits for more than a day", "%(n)d wait for more than a day", late)
        link["alarm"] = words % {"n": late}
    return [Group(title=str(WORK), items=[link])]
