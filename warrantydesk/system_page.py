"""/desk/system/: the lights, the sweeps, the carriers and the versions, for administrators."""

import platform
from datetime import timedelta
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shipments.queries import carrier_health
from warrantydesk.faces.access import desk_page
from warrantydesk.faces.formats import age_in_words
from warrantydesk.faces.navigation import desk_response, managers_page
from warrantydesk.lights import Light, lights
from warrantydesk.metrics import Figures
from warrantydesk.sweeps import sweeps

SEE_SYSTEM = "accounts.view_user"  # administrators, and they alone
ICONS = {"ok": "check", "warn": "clock", "bad": "alert"}


@desk_page(SEE_SYSTEM)
def system_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    figures = figures_now(now)
    context = {
        "lights": [_light(one) for one in lights(figures)],
        "sweeps": [_sweep(one, now) for one in sweeps()],
        "queues": sorted(_queues(now).items()),
        "carriers": carrier_health(now),
        "versions": _versions(),
    }
    return desk_response(request, "faces/system.html", context, current="system")


system_side = managers_page("system", gettext_lazy("System"), SEE_SYSTEM)


def figures_now(now: Any) -> dict[str, float]:
    """Every figure of /metrics by its name without the first word; of several the highest; the outbox by its status."""
    found: dict[str, float] = {}
    for family in Figures(now).collect():
        name = family.name.removeprefix("warrantydesk_")
        for sample in family.samples:
            found[name] = max(found.get(name, sample.value), sample.value)
            if name == "outbox":
                found[f"outbox_{sample.labels['status']}"] = sample.value
    return found


def _queues(now: Any) -> dict[str, int]:
    from warrantydesk.queues import queue_lengths

    return queue_lengths() or {}


def _light(light: Light) -> dict[str, Any]:
    value: Any = f"{light.value:,.0f}"
    if light.watch.seconds:
        known = light.value < 10**9
        value = age_in_words(timedelta(seconds=light.value)) if known else _("never")
    return {
        "tone": light.tone,
        "icon": ICONS[light.tone],
        "label": light.watch.label,
        "value": value,
        "do": light.watch.do if light.tone != "ok" else "",
        "figure": light.watch.figure,
    }


def _sweep(sweep: Any, now: Any) -> dict[str, Any]:
    tone = "bad" if sweep.failed else "warn" if sweep.is_late(now) or sweep.ended_at is None else "ok"
    return {
        "name": sweep.name,
        "task": sweep.task,
        "every": age_in_words(timedelta(seconds=sweep.every)),
        "ago": age_in_words(now - sweep.ended_at) if sweep.ended_at else "",
        "failed": sweep.failed,
        "tone": tone,
        "icon": ICONS[tone],
    }


def _versions() -> list[tuple[str, str]]:
    told: Any = connection  # what it can say of itself differs by its kind
    if connection.vendor == "postgresql":
        database = f"PostgreSQL {told.pg_version // 10_000}.{told.pg_version % 10_000}"
    else:
        database = f"SQLite {told.Database.sqlite_version}"
    return [
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        (_("Database"), database),
        (_("Broker"), "Redis" if settings.REDIS_URL else _("files")),
        (_("Files"), _("S3-compatible store") if settings.S3_BUCKET else _("local files")),
        (_("Mail leaves by"), "SMTP" if settings.EMAIL_HOST else _("files")),
    ]
