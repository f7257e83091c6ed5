"""The customer's own hand in a parcel: a number they gave can be put right, or taken back, until a carrier has it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.models import Case
from cases.services import repairing
from cases.services._transition import allow
from products.errors import Refused
from shipments.models import EventKind, RepairShipment
from shipments.services.booking import book
from shipments.services.receipts import pass_on_receipts
from shipments.services.settling import lock_shipment, look_around, packed_part_ids, settle

# What is known of a parcel no carrier has in its hands yet.
NOT_SEEN = (EventKind.LABEL, EventKind.PICKUP_FAILED)


def may_be_corrected(shipment: RepairShipment) -> bool:
    """Whether its customer may still change this number: it came from them, and no carrier has scanned the parcel."""
    if shipment.booked_by_id is not None or shipment.cancelled_at is not None:
        return False
    return all(scan.kind in NOT_SEEN for scan in shipment.tracking_events.all())


def take_back(shipment_id: int, *, actor: Actor, now: datetime) -> RepairShipment:
    """The number was a mistake of its customer's: it is kept and counts for nothing any more.

    Refused for a number staff booked, one taken back before, and one whose parcel a carrier has scanned.
    """
    allow(actor, customer=True)
    with transaction.atomic():
        case, shipment = lock_shipment(shipment_id)
        return _taken_back(case, shipment, actor=actor, now=now)


def correct_number(
    shipment_id: int, *, carrier: str, tracking_number: str, actor: Actor, now: datetime
) -> RepairShipment:
    """The same parcel under its right number, once more only proposed; its receipts go with it.

    Refused as `take_back` and `book` refuse; then the number stays what it was.
    """
    allow(actor, customer=True)
    with transaction.atomic():
        case, wrong = lock_shipment(shipment_id)
        _taken_back(case, wrong, actor=actor, now=now)
        right = book(
            case.pk,
            direction=wrong.direction,
            carrier=carrier,
            tracking_number=tracking_number,
            proposed=True,
            actor=actor,
            now=now,
        )
        pass_on_receipts(case, wrong.pk, right.pk, actor=actor, now=now)
    return right


def _taken_back(case: Case, shipment: RepairShipment, *, actor: Actor, now: datetime) -> RepairShipment:
    if shipment.cancelled_at is not None:
        raise Refused(_("This number is taken back already."), field="shipment", code="stale")
    if not may_be_corrected(shipment):
        raise Refused(
            _("This parcel is on its way, or we entered it ourselves: write to us if something about it is wrong."),
            field="shipment",
            code="scanned",
        )
    before = look_around(case, now)
    shipment.cancelled_at, shipment.next_look_at, shipment.look_claimed_at = now, None, None
    shipment.save(update_fields=["cancelled_at", "next_look_at", "look_claimed_at"])
    data = {"shipment": shipment.pk, "number": shipment.tracking_number}
    repairing.note_shipment(case.pk, name="taken_back", data=data, actor=actor, now=now)
    cause = _("taken back %(parcel)s") % {"parcel": shipment}
    settle(before, packed_part_ids(shipment.pk), cause=cause, actor=actor, now=now)
    shipment.refresh_from_db()
    return shipment
