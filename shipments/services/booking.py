"""Booking a parcel, with what it carries; confirming, repacking and cancelling it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.models import Case
from cases.services import quoting, repairing
from cases.services._transition import locked_case
from cases.waking import wake
from products.errors import Refused
from products.models import CoveredPart
from products.queries import parts_of_unit
from shipments.carriers.base import Carrier
from shipments.carriers.registry import get_carrier, identify
from shipments.models import PackedPart, RepairShipment
from shipments.numbers import PROBLEMS
from shipments.services.recording import HANDLE
from shipments.services.settling import lock_shipment, look_around, packed_part_ids, settle


@dataclass(frozen=True, slots=True)
class _Packing:
    whole_product: bool
    part_ids: tuple[int, ...]


def book(
    case_id: int,
    *,
    direction: str,
    carrier: str,
    tracking_number: str,
    whole_product: bool = False,
    part_ids: Sequence[int] | None = None,
    booked_at: datetime | None = None,
    proposed: bool = False,
    actor: Actor,
    now: datetime,
) -> RepairShipment:
    """Make this number a parcel of the case. It carries the claimed parts, or `part_ids`, or with `whole_product`
    every part of the sold product. `booked_at` may lie in the past, for a parcel that is already on its way.

    `proposed` (a number out of a customer's mail) is kept but neither asked about nor counted until confirmed. A
    number that was cancelled comes back when booked again. Refused, naming the field, for a number that is none or
    is another carrier's, a number already booked, a parcel with nothing in it, and one that may not leave yet.
    """
    if not proposed:
        actor.require(HANDLE)
    way = _direction(direction)
    by = get_carrier(carrier)
    number = _number(by, tracking_number)
    booked = _booking_time(booked_at, now)
    with transaction.atomic():
        case = locked_case(case_id)
        if not proposed:
            _refuse_leaving_early(case, way)
        before = look_around(case, now)
        packing = _packing(case, whole_product=whole_product, part_ids=part_ids, may_be_empty=proposed)
        shipment = _written(case, way, by.code, number, booked_at=booked, proposed=proposed, actor=actor)
        shipment.whole_product = packing.whole_product
        shipment.next_look_at = now if by.polled and not proposed else None
        shipment.save()
        _pack(shipment, packing.part_ids)
        _note(shipment, "proposed" if proposed else "booked", packing, actor=actor, now=now)
        settle(before, packing.part_ids, cause=_("booked %(parcel)s") % {"parcel": shipment}, actor=actor, now=now)
        shipment.refresh_from_db()
        _look_soon(shipment)
    return shipment


def confirm(shipment_id: int, *, actor: Actor, now: datetime) -> RepairShipment:
    """A proposed parcel is really one of this case: from now on it is followed and counts."""
    actor.require(HANDLE)
    with transaction.atomic():
        case, shipment = lock_shipment(shipment_id)
        if not shipment.proposed:
            raise Refused(_("This parcel is confirmed already."), field="shipment", code="stale")
        _refuse_leaving_early(case, shipment.direction)
        before = look_around(case, now)
        parts = tuple(packed_part_ids(shipment.pk))
        packing = _Packing(shipment.whole_product, parts) if parts else _packing(case)
        _pack(shipment, packing.part_ids)
        shipment.proposed = False
        carrier = get_carrier(shipment.carrier)
        shipment.next_look_at = now if carrier.polled else None
        shipment.save(update_fields=["proposed", "next_look_at"])
        _note(shipment, "confirmed", packing, actor=actor, now=now)
        settle(before, packing.part_ids, cause=_("confirmed %(parcel)s") % {"parcel": shipment}, actor=actor, now=now)
        shipment.refresh_from_db()
        _look_soon(shipment)
    return shipment


def repack(
    shipment_id: int,
    *,
    whole_product: bool = False,
    part_ids: Sequence[int] | None = None,
    actor: Actor,
    now: datetime,
) -> RepairShipment:
    """Correct what a parcel carries; the pauses of what is taken out and of what is put in follow."""
    actor.require(HANDLE)
    with transaction.atomic():
        case, shipment = lock_shipment(shipment_id)
        before = look_around(case, now)
        packing = _packing(case, whole_product=whole_product, part_ids=part_ids)
        affected = {*packed_part_ids(shipment.pk), *packing.part_ids}
        shipment.packed_parts.exclude(part__in=packing.part_ids).delete()
        _pack(shipment, packing.part_ids)
        shipment.whole_product = packing.whole_product
        shipment.save(update_fields=["whole_product"])
        _note(shipment, "repacked", packing, actor=actor, now=now)
        settle(before, affected, cause=_("repacked %(parcel)s") % {"parcel": shipment}, actor=actor, now=now)
        shipment.refresh_from_db()
    return shipment


def cancel(shipment_id: int, *, why: str, actor: Actor, now: datetime) -> RepairShipment:
    """The number was none of this case's: it is kept with its scans, and counts for nothing any more."""
    actor.require(HANDLE)
    if not why.strip():
        raise Refused(_("Cancelling a parcel: say why."), field="why", code="why")
    with transaction.atomic():
        case, shipment = lock_shipment(shipment_id)
        if shipment.cancelled_at is not None:
            raise Refused(_("This parcel is cancelled already."), field="shipment", code="stale")
        before = look_around(case, now)
        shipment.cancelled_at, shipment.next_look_at, shipment.look_claimed_at = now, None, None
        shipment.save(update_fields=["cancelled_at", "next_look_at", "look_claimed_at"])
        data = {"shipment": shipment.pk}
        repairing.note_shipment(case.pk, name="cancelled", data=data, actor=actor, now=now, why=why)
        cause = _("cancelled %(parcel)s") % {"parcel": shipment}
        settle(before, packed_part_ids(shipment.pk), cause=cause, actor=actor, now=now)
        shipment.refresh_from_db()
    return shipment


def _direction(written: str) -> str:
    if written not in RepairShipment.Direction.values:
        raise Refused(
            _("Direction: choose to the workshop or to the customer."), field="direction", code="direction_unknown"
        )
    return written


def _number(carrier: Carrier, written: str) -> str:
    """The normalised number. Refused where it is none, or none of this carrier's."""
    found = identify(written)
    if carrier.recognises(found.normalised):
        return found.normalised
    raise Refused(_words_for(carrier, found.problem_code), field="tracking_number", code=found.problem_code or "other")


def _words_for(carrier: Carrier, problem_code: str) -> str:
    if not problem_code:
        return _(
            "Tracking number: %(carrier)s writes its numbers in another way. Choose the carrier it belongs to."
        ) % {"carrier": carrier.name}
    problem = _(PROBLEMS[problem_code])
    return _("Tracking number: %(problem)s Copy it from the label or the carrier's mail.") % {"problem": problem}


def _booking_time(booked_at: datetime | None, now: datetime) -> datetime:
    if booked_at is None:
        return now
    if booked_at.utcoffset() is None:
        raise ValueError("booked_at: an instant without its offset is no instant")
    if booked_at > now:
        raise Refused(_("Booked at: this moment has not come yet."), field="booked_at", code="future")
    return booked_at


def _refuse_leaving_early(case: Case, direction: str) -> None:
    """Nothing leaves us on an unanswered quote, but a product that goes home unrepaired (policy 4)."""
    if direction != RepairShipment.Direction.TO_CUSTOMER or quoting.quote_is_cleared(case):
        return
    quote = quoting.quote_in_force(case)
    if quote is None or quote.answer or repairing.unrepaired_plan(case) or case.state not in ("approved", "in_repair"):
        return
    raise Refused(
        _("The quote is not answered yet: until then nothing leaves but a product that goes home unrepaired."),
        field="direction",
        code="quote_unanswered",
    )


def _packing(
    case: Case, *, whole_product: bool = False, part_ids: Sequence[int] | None = None, may_be_empty: bool = False
) -> _Packing:
    """What the parcel carries. Refused where that is nothing, or something of another purchase."""
    if whole_product:
        if case.unit is None:
            raise Refused(
                _("The whole product: no sold product is matched to this case yet."), field="whole_product", code="unit"
            )
        return _Packing(whole_product=True, part_ids=tuple(parts_of_unit(case.unit).values_list("pk", flat=True)))
    chosen = _chosen(case, part_ids) if part_ids is not None else _claimed(case)
    if not chosen and not may_be_empty:
        raise Refused(
            _("There is nothing in this parcel: name the claimed part first, or pack the whole product."),
            field="part_ids",
            code="empty",
        )
    return _Packing(whole_product=False, part_ids=chosen)


def _claimed(case: Case) -> tuple[int, ...]:
    """The claimed parts; those nobody has confirmed only where there are no others."""
    claims = list(case.claimed_parts.order_by("part").values_list("part", "confirmed"))
    confirmed = tuple(part for part, sure in claims if sure)
    return confirmed or tuple(part for part, _sure in claims)


def _chosen(case: Case, part_ids: Sequence[int]) -> tuple[int, ...]:
    wanted = sorted(set(part_ids))
    claimed_units = case.claimed_parts.values("part__unit")
    own = CoveredPart.objects.filter(pk__in=wanted, unit__in=claimed_units)
    if case.unit_id is not None:
        own = own | CoveredPart.objects.filter(pk__in=wanted, unit=case.unit_id)
    if own.distinct().count() != len(wanted):
        raise Refused(
            _("One of these parts is not a part of the product of this case."), field="part_ids", code="part_foreign"
        )
    return tuple(wanted)


def _written(
    case: Case, direction: str, carrier: str, number: str, *, booked_at: datetime, proposed: bool, actor: Actor
) -> RepairShipment:
    """The row to write: a new one, or the cancelled one of the same number. Refused where the number is in use."""
    known = list(RepairShipment.objects.filter(case=case, carrier=carrier, tracking_number=number))
    if any(one.cancelled_at is None for one in known):
        raise Refused(
            _("Tracking number: this parcel is booked for this case already."),
            field="tracking_number",
            code="duplicate",
        )
    again = next((one for one in known if one.direction == direction), None)
    shipment = again or RepairShipment(case=case, direction=direction, carrier=carrier, tracking_number=number)
    shipment.cancelled_at, shipment.look_failures, shipment.look_problem = None, 0, ""
    shipment.booked_at, shipment.proposed, shipment.booked_by = booked_at, proposed, actor.user
    return shipment


def _pack(shipment: RepairShipment, part_ids: Sequence[int]) -> None:
    lines = [PackedPart(shipment=shipment, part_id=part_id) for part_id in part_ids]
    PackedPart.objects.bulk_create(lines, ignore_conflicts=True)


def _note(shipment: RepairShipment, name: str, packing: _Packing, *, actor: Actor, now: datetime) -> None:
    data = {
        "shipment": shipment.pk,
        "direction": shipment.direction,
        "carrier": shipment.carrier,
        "number": shipment.tracking_number,
        "whole_product": packing.whole_product,
        "parts": list(packing.part_ids),
        "booked_at": shipment.booked_at.isoformat(),
    }
    repairing.note_shipment(shipment.case_id, name=name, data=data, actor=actor, now=now)


def _look_soon(shipment: RepairShipment) -> None:
    """Wake somebody to ask the carrier."""
    if shipment.next_look_at is None:
        return
    from shipments.tasks import look  # the tasks call the services

    wake(look, shipment.pk)
