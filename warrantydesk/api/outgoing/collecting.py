"""What happened becomes events to tell, and a delivery for each system that wants to hear of it.

The timeline of the cases and the changes of the clocks are the truth; this only follows them. Keys are given before
rows are committed, so the follower looks again at the last minutes: an event is told once, by the row it came from.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet

from cases.models import CaseEvent
from products.models import ClockChange
from warrantydesk.api.models import HookCursor, HookDelivery, HookEndpoint, HookEvent

SETTLED_AFTER = dt.timedelta(minutes=10)  # no transaction of ours is open for longer
AT_ONCE = 500


def collect(now: dt.datetime) -> int:
    """Take up to so many new events from each source; how many were new."""
    endpoints = list(HookEndpoint.objects.filter(disabled_at__isnull=True))
    return sum(_follow(name, model, endpoints, now) for name, model in (("case", CaseEvent), ("clock", ClockChange)))


def old_events(now: dt.datetime) -> QuerySet[HookEvent]:
    """What happened long ago; the log of who was told goes with it."""
    return HookEvent.objects.filter(at__lt=now - dt.timedelta(days=settings.WEBHOOK_LOG_KEEP_DAYS)).order_by("pk")


def _follow(name: str, model: Any, endpoints: list[HookEndpoint], now: dt.datetime) -> int:
    with transaction.atomic():
        cursor, is_new = HookCursor.objects.select_for_update().get_or_create(name=name)
        if is_new or not endpoints:
            # Nobody listened so far: the past is not told.
            cursor.seen = model.objects.aggregate(last=Max("pk"))["last"] or 0
            cursor.save()
            return 0
        reads = ("case",) if name == "case" else ("part__unit__line__invoice",)
        rows = list(model.objects.select_related(*reads).filter(pk__gt=cursor.seen).order_by("pk")[:AT_ONCE])
        known = set(
            HookEvent.objects.filter(source__in=[f"{name}:{row.pk}" for row in rows]).values_list("source", flat=True)
        )
        fresh = [row for row in rows if f"{name}:{row.pk}" not in known]
        _tell(list(_events(name, fresh)), endpoints, now)
        settled = [row.pk for row in rows if row.at < now - SETTLED_AFTER]
        if settled or len(rows) == AT_ONCE:
            cursor.seen = max(settled or [row.pk for row in rows])
            cursor.save()
    return len(fresh)


def _events(name: str, rows: Iterable[Any]) -> Iterator[HookEvent]:
    for row in rows:
        topic, data = _case_said(row) if name == "case" else _clock_said(row)
        yield HookEvent(source=f"{name}:{row.pk}", topic=topic, at=row.at, data=data)


def _case_said(event: CaseEvent) -> tuple[str, dict[str, Any]]:
    """No personal data: whoever may know more asks the API for the case."""
    data = {"case": event.case.reference, "name": event.name, "by": event.actor_kind}
    if event.from_state or event.to_state:
        data |= {"from": event.from_state, "to": event.to_state}
    return f"case.{event.kind}", data


def _clock_said(change: ClockChange) -> tuple[str, dict[str, Any]]:
    data = {
        "part": change.part_id, "invoice": change.part.unit.line.invoice_id, "before": change.before,
        "after": change.after,
    }  # fmt: skip
    return "clock.moved", data


def _tell(events: list[HookEvent], endpoints: list[HookEndpoint], now: dt.datetime) -> None:
    made = HookEvent.objects.bulk_create(events)
    HookDelivery.objects.bulk_create(
        HookDelivery(endpoint=endpoint, event=event, next_try_at=now)
        for event in made
        for endpoint in endpoints
        if endpoint.wants(event.topic)
    )
