"""The box on the workshop's table: who has it in hand proves that it arrived, whatever its carrier says or forgets."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case
from shipments.carriers.manual import ANY
from shipments.models import EventKind, RepairShipment
from shipments.services.booking import book, confirm
from shipments.services.entering import enter_scan
from shipments.services.recording import HANDLE


@transaction.atomic
def receive_parcel(shipment_id: int, *, actor: Actor, now: datetime) -> RepairShipment:
    """Somebody in the workshop has this parcel in hand: a delivery, entered with its proof; the repair begins where it
    may. A parcel that was only proposed is confirmed by it. Stale where it arrived before."""
    actor.require(HANDLE)
    shipment = RepairShipment.objects.get(pk=shipment_id)
    _refuse_what_cannot_arrive(shipment)
    if shipment.proposed:
        shipment = confirm(shipment_id, actor=actor, now=now)
    # With the workshop's own offset: the day is that of the place (policy 2.4).
    here = timezone.localtime(now)
    proof = _("Scanned in the workshop by %(person)s.") % {"person": actor.user}
    enter_scan(shipment_id, kind=EventKind.DELIVERED, proof=proof, occurred_at=here, actor=actor, now=now)
    shipment.refresh_from_db()
    return shipment


@transaction.atomic
def receive_unannounced(case_id: int, *, actor: Actor, now: datetime) -> RepairShipment:
    """A parcel nobody told us of: it is booked as one followed by hand, under a number of our own, and has arrived."""
    actor.require(HANDLE)
    reference = Case.objects.values_list("reference", flat=True).get(pk=case_id)
    number = f"{reference.replace('-', '')}{timezone.localtime(now):%y%m%d}"
    if RepairShipment.objects.filter(case=case_id, carrier=ANY, tracking_number=number).exists():
        raise Stale(_("A parcel without a number is received for this case today already."), code="unchanged")
    booked = book(case_id, direction="to_workshop", carrier=ANY, tracking_number=number, actor=actor, now=now)
    return receive_parcel(booked.pk, actor=actor, now=now)


def _refuse_what_cannot_arrive(shipment: RepairShipment) -> None:
    if shipment.direction != RepairShipment.Direction.TO_WORKSHOP:
        raise NotPossible(_("This parcel goes to the customer: it cannot arrive here."), code="direction")
    if shipment.cancelled_at is not None:
        raise NotPossible(_("This parcel was given up: book it again, then receive it."), code="cancelled")
    if shipment.arrived_at is not None:
        day = date_format(timezone.localtime(shipment.arrived_at), "DATE_FORMAT")
        raise Stale(_("This parcel arrived on %(day)s already.") % {"day": day}, code="arrived")
