"""The page on which administrators see every limit: its numbers, who runs into it how often, and the caps on mail."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.outbox.caps import automatic_mail_now
from warrantydesk.faces.access import desk_page, desk_verb
from warrantydesk.faces.limits import DAY, HOUR, lift, limits, nearest
from warrantydesk.faces.models import LimitCount
from warrantydesk.faces.navigation import desk_response, managers_page

SEE_LIMITS, LIFT_LIMITS = "faces.view_limitcount", "faces.delete_limitcount"
MOST_NEAR = 20
_MAIL_CAPS: dict[str, Promise] = {
    "hour": gettext_lazy("Automatic mails an hour, to everybody together"),
    "domain": gettext_lazy("Automatic mails an hour, to the domain that gets the most"),
    "address": gettext_lazy("Automatic mails a day, to the address that gets the most"),
}


@desk_page(SEE_LIMITS)
def limits_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "rows": _rows(now), "caps": _caps(now), "near": _near(now), "may_lift": request.user.has_perm(LIFT_LIMITS),
    }  # fmt: skip
    return desk_response(request, "faces/limits.html", context, current="limits")


@desk_verb(LIFT_LIMITS, page=lambda _arguments: reverse("limits"))
def lift_limit(request: HttpRequest, count_id: int) -> HttpResponse:
    """Let somebody go on at once, whoever it is: only a keyed hash is known of them."""
    if not lift(count_id):
        raise Http404("There is no such count.")
    messages.success(request, _("Lifted: they may go on at once."))
    return HttpResponseRedirect(reverse("limits"), status=303)


limits_side = managers_page("limits", gettext_lazy("Limits"), SEE_LIMITS)


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


def _near(now: datetime) -> list[dict[str, Any]]:
    """Who comes nearest to a limit, or is held back by it; one query."""
    known = limits()
    return [
        {
            "pk": row.pk, "name": row.limit, "says": known[row.limit].says, "who": row.key[:8], "used": row.used,
            "most": known[row.limit].most, "refused": row.refused, "ends_at": row.ends_at,
            "is_full": row.used >= known[row.limit].most,
        }
        for row in nearest(now, MOST_NEAR)
        if row.limit in known
    ]  # fmt: skip


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
