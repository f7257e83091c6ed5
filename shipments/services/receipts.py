"""Receipts of a parcel: what the counter printed, photographed by the customer.

The file is evidence of the case like any other; which parcel it belongs to stands in the timeline, once for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.models import Case, CaseEvent, Evidence
from cases.services import opening, repairing
from cases.services._transition import allow
from products.errors import Refused
from shipments.parcels import EASTERNMOST
from shipments.services.settling import lock_shipment

if TYPE_CHECKING:
    from cases.evidence.storage import StoredFile

RECEIPT = "receipt"


def attach_receipt(
    shipment_id: int,
    *,
    files: Sequence[StoredFile],
    handed_in_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> list[Evidence]:
    """Keep these files as evidence and with the parcel. `handed_in_on` is the day its sender says they handed it in:
    a word for staff to check, no scan.

    Refused for a parcel that was given up, and a day that has not come yet. A file that cannot be kept is among the
    rows with its reason.
    """
    allow(actor, customer=True)
    if handed_in_on is not None and handed_in_on > (now + EASTERNMOST).date():
        raise Refused(_("This day has not come yet."), field="handed_in_on", code="future")
    with transaction.atomic():
        case, shipment = lock_shipment(shipment_id)
        if shipment.cancelled_at is not None:
            raise Refused(_("This parcel was taken back."), field="shipment", code="stale")
        rows = opening.add_evidence(case.pk, files=files, actor=actor, now=now)
        kept = [row.pk for row in rows if row.is_kept]
        if kept or handed_in_on:
            _note(case, shipment.pk, kept, handed_in_on, actor=actor, now=now)
    return rows


def receipts_in(events: Iterable[CaseEvent]) -> dict[int, list[dict[str, Any]]]:
    """For each parcel its receipts as the timeline has them: `evidence` (ids) and `handed_in_on`, oldest first."""
    found: dict[int, list[dict[str, Any]]] = {}
    ours = [event for event in events if (event.kind, event.name) == (CaseEvent.Kind.SHIPMENT, RECEIPT)]
    for event in sorted(ours, key=lambda event: event.pk):
        found.setdefault(int(event.data.get("shipment", 0)), []).append(event.data)
    return found


def pass_on_receipts(case: Case, wrong_id: int, right_id: int, *, actor: Actor, now: datetime) -> None:
    """What was attached to a parcel under its wrong number belongs to the right one. In the caller's transaction."""
    if wrong_id == right_id:
        return
    events = case.events.filter(kind=CaseEvent.Kind.SHIPMENT, name=RECEIPT, data__shipment=wrong_id)
    for told in receipts_in(events).get(wrong_id, ()):
        handed_in_on = date.fromisoformat(told["handed_in_on"]) if told.get("handed_in_on") else None
        _note(case, right_id, told.get("evidence", []), handed_in_on, actor=actor, now=now)


def _note(
    case: Case, shipment_id: int, kept: Sequence[int], handed_in_on: date | None, *, actor: Actor, now: datetime
) -> None:
    data = {
        "shipment": shipment_id,
        "evidence": list(kept),
        "handed_in_on": handed_in_on.isoformat() if handed_in_on else None,
    }
    repairing.note_shipment(case.pk, name=RECEIPT, data=data, actor=actor, now=now)
