"""What held mail adds to the side of the desk: how many mails wait for a person, and whether one waits too long."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.written_once import WrittenOnce
from warrantydesk.faces.counting import count_in_words, first_rows
from warrantydesk.faces.navigation import WORK, Group, Item
from warrantydesk.intake.held import ALARM_AFTER, mail_of_before, unsettled_mail


def mail_side(user: Any, current: str) -> list[Group]:
    if not user.has_perm("intake.view_incomingmail"):
        return []
    link = Item(label=_("Held mail"), url=reverse("intake:mail"), count=_HELD.ask(), current=current == "mail")
    link["late"], link["alarm"] = _LATE.ask(moment=timezone.now() - ALARM_AFTER), _waiting
    return [Group(title=str(WORK), items=[link])]


_HELD = WrittenOnce(lambda: first_rows(unsettled_mail()), keep_plan=True)
_LATE = WrittenOnce(lambda moment: first_rows(mail_of_before(moment)), keep_plan=True, moment=datetime)


def _waiting(late: int) -> str:
    words = ngettext("%(n)s waits for more than a day", "%(n)s wait for more than a day", late)
    return words % {"n": count_in_words(late)}
