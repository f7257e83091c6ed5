"""A parcel to the workshop that was lost: no scan will ever end its absence, so a person does, with a day and proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actors import Actor
from products.errors import Refused
from products.models import ClockChange, PauseWindow
from shipments.models import EventKind, RepairShipment
from shipments.services.pausing import CONFIRM, confirm_pause
from shipments.services.settling import lock_shipment


def open_windows_of(shipment_id: int) -> dict[date, list[int]]:
    """The parts whose clocks stand still because this parcel left, by the day they left. One query."""
    still_away = PauseWindow.objects.filter(
        part__packed__shipment=shipment_id, source=PauseWindow.Source.TRACKING, back_on=None
    )
    found: dict[date, list[int]] = defaultdict(list)
    for left_on, part_id, proof in still_away.order_by("left_on", "part_id").values_list("left_on", "part_id", "proof"):
        if proof.get("left") == shipment_id:
            found[left_on].append(part_id)
    return dict(found)


def close_lost(
    shipment_id: int,
    *,
    back_on: date,
    reason: str,
    proof: Mapping[str, Any],
    proof_file: str = "",
    actor: Actor,
    now: datetime,
) -> list[ClockChange]:
    """End the absence that a lost parcel to the workshop began, for every part in it (policy 2.6).

    Refused as `confirm_pause` refuses, for a parcel that is not lost, and where no clock stands still because of it.
    """
    actor.require(CONFIRM)
    with transaction.atomic():
        case, shipment = lock_shipment(shipment_id)
        if shipment.latest_kind != EventKind.LOST or shipment.direction != RepairShipment.Direction.TO_WORKSHOP:
            raise Refused(_("Only a parcel to the workshop that is lost is closed in this way."), code="not_lost")
        waiting = open_windows_of(shipment.pk)
        if not waiting:
            raise Refused(_("No clock stands still because of this parcel."), code="nothing_open")
        if back_on < max(waiting):
            raise Refused(_("This day lies before the parcel left."), field="back_on", code="before_left")
        changes: list[ClockChange] = []
        for left_on, part_ids in waiting.items():
            changes += confirm_pause(
                part_ids,
                left_on=left_on,
                back_on=back_on,
                reason=reason,
                proof=proof,
                proof_file=proof_file,
                overrules=[left_on],
                case_id=case.pk,
                actor=actor,
                now=now,
            )
    return changes
