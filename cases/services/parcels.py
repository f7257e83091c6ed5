"""What the storey above tells about parcels and clocks: rows of the timeline, and the mail when the product is back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from cases.actors import Actor
from cases.models import CaseEvent
from cases.services._transition import allow, locked_case, tell
from cases.services.covering import keep_cover_end
from products.models import ClockChange


@transaction.atomic
def note_shipment(
    case_id: int, *, name: str, data: Mapping[str, Any], actor: Actor, now: datetime, why: str = ""
) -> CaseEvent:
    """Put something that happened to a parcel into the timeline of its case. `data`: ids and codes only."""
    allow(actor, customer=True)
    case = locked_case(case_id)
    return tell(case, CaseEvent.Kind.SHIPMENT, name, actor=actor, now=now, why=why, data=data)


@transaction.atomic
def tell_clock(
    case_id: int,
    *,
    changes: Sequence[ClockChange | Mapping[str, Any]],
    returned: bool,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """Note that last covered days moved; with `returned` the customer is told how long the clock stood (policy 2.11).

    A mapping has part, label, paused_days, before and after (dates, ISO dates or None). Told once: the same again
    is the row that is there, and no second mail.
    """
    allow(actor)
    case = locked_case(case_id)
    keep_cover_end([case.pk])
    name, data = "returned" if returned else "moved", {"changes": [_told(change) for change in changes]}
    latest = case.events.filter(kind=CaseEvent.Kind.CLOCK).order_by("id").last()
    if latest is not None and (latest.name, latest.data) == (name, data):
        return latest
    return tell(case, CaseEvent.Kind.CLOCK, name, actor=actor, now=now, data=data)


def _told(change: ClockChange | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(change, ClockChange):
        return {
            "part": change.part_id,
            "label": change.part.label,
            "paused_days": change.after.get("extended_days"),
            "before": change.before.get("covered_through"),
            "after": change.after.get("covered_through"),
        }
    told = {key: change.get(key) for key in ("part", "label", "paused_days", "before", "after")}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in told.items()}
