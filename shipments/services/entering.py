"""A scan entered by hand: for carriers nobody can ask, and for what the paper says and the carrier forgot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from products.errors import Refused
from shipments.carriers.base import TrackedEvent
from shipments.models import EventKind, TrackingEvent
from shipments.parcels import EASTERNMOST
from shipments.services.proofs import KeptProof
from shipments.services.recording import HANDLE, record_events


def enter_scan(
    shipment_id: int,
    *,
    kind: str,
    proof: str,
    occurred_on: date | None = None,
    occurred_at: datetime | None = None,
    place: str = "",
    voids: str = "",
    proof_file: KeptProof | None = None,
    actor: Actor,
    now: datetime,
) -> int:
    """Staff enter one scan with what proves it; 1 if it was new, 0 if it was known. `occurred_at` carries the local
    offset of the place. `voids` is the code a correction takes back: staff's own scans have `STAFF-KIND`.
    `proof_file` was stored by `keep_proof` before, and belongs to the scan from now on.

    Refused without proof, without a day, and for a day that has not come yet.
    """
    actor.require(HANDLE)
    if kind not in EventKind.values:
        raise Refused(_("Scan: choose what happened."), field="kind", code="kind")
    if not proof.strip():
        raise Refused(_("Scan: say what proves it (a receipt, the carrier's page)."), field="proof", code="proof")
    if kind == EventKind.CORRECTION and not voids.strip():
        raise Refused(_("Correction: name the code of the scan it takes back."), field="voids", code="voids")
    _check_day(occurred_on, occurred_at, now)
    event = TrackedEvent(
        kind=kind,
        code=f"STAFF-{kind.upper()}",
        occurred_at=occurred_at,
        occurred_on=occurred_on,
        place=place,
        text=proof,
        voids=voids,
        raw={"entered_by_staff": True, "proof": proof, **_file_data(proof_file)},
    )
    return record_events(shipment_id, [event], heard=TrackingEvent.Heard.STAFF, actor=actor, now=now)


def _file_data(proof_file: KeptProof | None) -> dict[str, Any]:
    return {"proof_file": {"key": proof_file.key, **proof_file.data["file"]}} if proof_file else {}


def _check_day(occurred_on: date | None, occurred_at: datetime | None, now: datetime) -> None:
    if occurred_on is None and occurred_at is None:
        raise Refused(_("Scan: give the day it happened."), field="occurred_on", code="day")
    if occurred_at is not None and occurred_at > now:
        raise Refused(_("Scan: this moment has not come yet."), field="occurred_at", code="future")
    if occurred_on is not None and occurred_on > (now.astimezone(UTC) + EASTERNMOST).date():
        raise Refused(_("Scan: this day has not come yet."), field="occurred_on", code="future")
