"""What parcels do to the lifecycle of their case, by themselves (policy 5): start the repair, end it, take that back.

A parcel of a case in any other state travels and moves nothing (policy 2.8). Where the rules do not allow a move yet
(the quote is not answered), the case says so in its timeline and is tried again when something has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.errors import NotPossible, Refused
from cases.models import Case, CaseEvent, ClaimedPart
from cases.models.case import State
from cases.services import repairing
from cases.services._transition import locked_case
from cases.services.repairing import Proof
from shipments.models import RepairShipment
from shipments.scans import Event
from shipments.services.legs import CaseParcel, parcels_of_case

WAITS = "waits"
_RETURNS = ("send_back", "deliver_replacement", "return_unrepaired")
# After one of these a move that had to wait may have become possible.
_WEIGHTY = (
    CaseEvent.Kind.TRANSITION,
    CaseEvent.Kind.QUOTE,
    CaseEvent.Kind.VERDICT,
    CaseEvent.Kind.PART,
    CaseEvent.Kind.DETAILS,
    CaseEvent.Kind.SHIPMENT,
)


@dataclass
class History:
    """What the timeline says about the round under way: since the last approval."""

    approved_id: int = 0
    approved_at: datetime | None = None
    repair_began_on: date | None = None
    return_proof: dict[str, Any] = field(default_factory=dict)
    booked: dict[int, int] = field(default_factory=dict)
    latest: str = ""

    def is_of_this_round(self, shipment_id: int, scan: Event) -> bool:
        """Booked after the approval, whatever its dates, or scanned since: an older parcel has had its effect."""
        if self.approved_at is None or self.booked.get(shipment_id, 0) > self.approved_id:
            return True
        if scan.occurred_at is not None:
            return scan.occurred_at >= self.approved_at
        return scan.day >= self.approved_at.date()


def follow_parcels(case: Case, parcels: Sequence[CaseParcel], *, now: datetime) -> Case:
    """Every move these parcels prove, one after the other; the case as it is afterwards. The case is locked."""
    counting = [one for one in parcels if one.counts and one.parcel and one.parcel.first_physical]
    if case.state not in (State.APPROVED, State.IN_REPAIR, State.RETURNED):
        return case
    case = _take_back_return(case, parcels, now)
    case = _start_repair(case, counting, now)
    return _close(case, counting, now)


def try_waiting_moves(now: datetime, limit: int = 200) -> int:
    """Try again what had to wait, where something has changed since; how many cases moved."""
    moved = 0
    for case_id in _cases_to_try(limit):
        with transaction.atomic():
            case = locked_case(case_id)
            state = case.state
            moved += follow_parcels(case, parcels_of_case(case_id, now), now=now).state != state
    return moved


def _cases_to_try(limit: int) -> list[int]:
    arrived = RepairShipment.objects.filter(
        case=OuterRef("pk"), arrived_at__isnull=False, cancelled_at__isnull=True, proposed=False
    )
    to_repair = ClaimedPart.objects.filter(case=OuterRef("pk"), resolution=ClaimedPart.Resolution.REPAIR)
    inbound = Exists(arrived.filter(direction=RepairShipment.Direction.TO_WORKSHOP))
    outbound = Exists(arrived.filter(direction=RepairShipment.Direction.TO_CUSTOMER))
    may_move = Q(Exists(to_repair) & inbound, state=State.APPROVED) | Q(
        outbound, state__in=(State.APPROVED, State.IN_REPAIR)
    )
    latest = CaseEvent.objects.filter(case=OuterRef("pk"), kind__in=_WEIGHTY).order_by("-id").values("name")[:1]
    cases = Case.objects.filter(may_move).annotate(latest=latest).exclude(latest=WAITS)
    return list(cases.order_by("changed_at", "pk").values_list("pk", flat=True)[:limit])


def _take_back_return(case: Case, parcels: Sequence[CaseParcel], now: datetime) -> Case:
    """A return that tracking proved and that turned out not to be final (policy 5, `reopen_return`)."""
    if case.state != State.RETURNED:
        return case
    proof = _history(case).return_proof
    final = {one.shipment.pk for one in parcels if one.counts and one.arrival}
    undone = [one.shipment for one in parcels if one.shipment.pk in set(proof.get("shipments", ())) - final]
    if proof.get("kind") != "tracked" or not undone:
        return case
    why = _("The delivery of %(parcel)s was not final.") % {"parcel": undone[0]}
    return _attempt(
        case,
        "reopen_return",
        lambda: repairing.reopen_return(case.pk, why=why, actor=Actor.system(), now=now),
        undone,
        now,
    )


def _start_repair(case: Case, parcels: Sequence[CaseParcel], now: datetime) -> Case:
    """The product is in the workshop, and there is something to repair."""
    if case.state != State.APPROVED or not _has_repair(case):
        return case
    inbound = [one for one in parcels if one.shipment.direction == RepairShipment.Direction.TO_WORKSHOP]
    if any(_is_travelling(one) for one in inbound):
        return case
    arrived = [(one, one.arrival) for one in inbound if one.arrival]
    history = _history(case)
    outbound = [one for one in parcels if one.shipment.direction == RepairShipment.Direction.TO_CUSTOMER]
    here = [(one, at) for one, at in arrived if history.is_of_this_round(one.shipment.pk, at) or _stays(at, outbound)]
    if not here or history.latest == WAITS:
        return case
    proof = _proof(here, _("delivered to the workshop"))
    return _attempt(
        case,
        "start_repair",
        lambda: repairing.start_repair(case.pk, proof=proof, actor=Actor.system(), now=now),
        [one.shipment for one, _at in here],
        now,
    )


def _close(case: Case, parcels: Sequence[CaseParcel], now: datetime) -> Case:
    """Everything sent to the customer in this round has finally arrived (policy 2.3)."""
    if case.state not in (State.APPROVED, State.IN_REPAIR):
        return case
    outbound = [one for one in parcels if one.shipment.direction == RepairShipment.Direction.TO_CUSTOMER]
    if not outbound:
        return case
    history = _history(case)
    sent = [one for one in outbound if _belongs(one, history, case.state)]
    awaited = [one for one in sent if not _is_superseded(one, sent)]
    home = [(one, one.arrival) for one in awaited if one.arrival]
    if not home or len(home) < len(awaited) or history.latest == WAITS:
        return case
    proof = _proof(home, _("delivered to the customer"))
    return _attempt(
        case,
        "close_on_delivery",
        lambda: repairing.close_on_delivery(case.pk, proof=proof, actor=Actor.system(), now=now),
        [one.shipment for one, _at in home],
        now,
    )


def _attempt(
    case: Case, move: str, act: Callable[[], Case], shipments: Sequence[RepairShipment], now: datetime
) -> Case:
    """The case after the move; where the rules refuse it, the case as it was, with the reasons in its timeline."""
    try:
        with transaction.atomic():
            return act()
    except Refused as refusal:
        unmet = [reason.code for reason in refusal.unmet] if isinstance(refusal, NotPossible) else [refusal.code]
        data = {"move": move, "unmet": unmet, "shipments": sorted(one.pk for one in shipments)}
        repairing.note_shipment(case.pk, name=WAITS, data=data, actor=Actor.system(), now=now, why=str(refusal))
        return case


def _history(case: Case) -> History:
    """One query over the rows of the timeline that carry weight here."""
    history = History()
    rows = CaseEvent.objects.filter(case=case, kind__in=_WEIGHTY).order_by("id")
    for row in rows.only("id", "at", "kind", "name", "data"):
        history.latest = row.name
        if row.kind == CaseEvent.Kind.SHIPMENT and row.name in ("booked", "confirmed"):
            history.booked[int(row.data.get("shipment", 0))] = row.pk
        elif row.kind == CaseEvent.Kind.TRANSITION:
            _note_transition(history, row)
    return history


def _note_transition(history: History, row: CaseEvent) -> None:
    proof = row.data.get("proof") or {}
    if row.name == "approve":
        history.approved_id, history.approved_at, history.repair_began_on = row.pk, row.at, None
    elif row.name == "start_repair":
        history.repair_began_on = date.fromisoformat(proof["on"]) if proof.get("on") else None
    elif row.name in _RETURNS:
        history.return_proof = proof


def _has_repair(case: Case) -> bool:
    return ClaimedPart.objects.filter(case=case, resolution=ClaimedPart.Resolution.REPAIR).exists()


def _is_travelling(one: CaseParcel) -> bool:
    """Handed over and neither here, nor lost, nor back with its sender."""
    return one.parcel is not None and one.arrival is None and not one.parcel.went_astray and not one.parcel.at_customer


def _stays(arrival: Event, outbound: Sequence[CaseParcel]) -> bool:
    """Nothing has set out to the customer since: what arrived is still here."""
    return all(_set_out(one).is_dated_before(arrival) for one in outbound)


def _belongs(one: CaseParcel, history: History, state: str) -> bool:
    """Sent in this round, and in a repair not before the product was there: a replacement may travel ahead."""
    set_out = _set_out(one)
    if not history.is_of_this_round(one.shipment.pk, set_out):
        return False
    return state != State.IN_REPAIR or history.repair_began_on is None or set_out.day >= history.repair_began_on


def _is_superseded(one: CaseParcel, others: Sequence[CaseParcel]) -> bool:
    """Sent back or lost, and followed by another: nothing waits for it (policy 2.3)."""
    astray = one.parcel is not None and one.arrival is None and one.parcel.went_astray
    return astray and any(_set_out(one).is_dated_before(_set_out(other)) for other in others)


def _set_out(one: CaseParcel) -> Event:
    assert one.parcel is not None  # noqa: S101 - follow_parcels keeps only what has set out
    scan = one.parcel.first_physical
    assert scan is not None  # noqa: S101 - or it had not set out
    return scan


def _proof(arrived: Sequence[tuple[CaseParcel, Event]], words: str) -> Proof:
    last = max(at.day for _one, at in arrived)
    named = ", ".join(str(one.shipment) for one, _at in arrived)
    return Proof(
        kind="tracked",
        text=f"{named}: {words}",
        on=last,
        shipment_ids=tuple(sorted(one.shipment.pk for one, _at in arrived)),
    )
