"""The page on which administrators see every limit: its numbers, who runs into it how often, and the caps on mail."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.outbox.caps import automatic_mail_now
from warrantydesk.faces.access import desk_page
from warrantydesk.faces.limits import DAY, HOUR, limits
from warrantydesk.faces.models import LimitCount
from warrantydesk.faces.navigation import MANAGERS, Group, Item, desk_response

SEE_LIMITS = "faces.view_limitcount"
_MAIL_CAPS: dict[str, Promise] = {
    "hour": gettext_lazy("Automatic mails an hour, to everybody together"),
    "domain": gettext_lazy("Automatic mails an hour, to the domain that gets the most"),
    "address": gettext_lazy("Automatic mails a day, to the address that gets the most"),
}


@desk_page(SEE_LIMITS)
def limits_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {"rows": _rows(now), "caps": _caps(now)}
    return desk_response(request, "faces/limits.html", context, current="limits")


def limits_side(user: Any, current: str) -> list[Group]:
    if not user.has_perm(SEE_LIMITS):
        return []
    link = Item(label=_("Limits"), url=reverse("limits"), count=None, current=current == "limits")
    return [Group(title=str(MANAGERS), items=[link])]


def _rows(now: datetime) -> list[dict[str, Any]]:
    """Every limit in force with what its running windows hold; one query for all."""
    running = LimitCount.objects.filter(ends_at__gt=now).order_by()
    counted: dict[str, dict[str, Any]] = {
        row["limit"]: {**row}
        for row in running.values("limit").annotate(
            keys=Count("pk"), refusals=Sum("refused"), held=Count("pk", filter=Q(refused__gt=0))
        )
    }
    nothing = {"keys": 0, "refusals": 0, "held": 0}
    return [
        {"name": name, "says": limit.says, "most": limit.most, "within": period(limit.seconds)}
        | {key: counted.get(name, nothing)[key] for key in nothing}
        for name, limit in limits().items()
    ]


def _caps(now: datetime) -> list[dict[str, Any]]:
    return [
        {"says": _MAIL_CAPS[name], "used": used, "most": most} for name, (used, most) in automatic_mail_now(now).items()
    ]


def period(seconds: int) -> str:
    """`3600` → "an hour", in the reader's language."""
    if seconds == DAY:
        return _("a day")
    if seconds == HOUR:
        return _("an hour")
    if seconds == 60:
        return _("a minute")
    if seconds % 60 == 0:
        return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}
    return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
