"""What held mail adds to the side of the desk: how many mails wait for a person, and whether one waits too long."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from warrantydesk.faces.counting import count_in_words
from warrantydesk.faces.navigation import WORK, Group, Item
from warrantydesk.intake.held import late_mail, unsettled_mail


def mail_side(user: Any, current: str) -> list[Group]:
    if not user.has_perm("intake.view_incomingmail"):
        return []
    held = unsettled_mail()
    link = Item(label=_("Held mail"), url=reverse("intake:mail"), count=held, current=current == "mail")
    link["late"], link["alarm"] = late_mail(timezone.now()), _waiting
    return [Group(title=str(WORK), items=[link])]


def _waiting(late: int) -> str:
    words = ngettext("%(n)s waits for more than a day", "%(n)s wait for more than a day", late)
    return words % {"n": count_in_words(late)}
