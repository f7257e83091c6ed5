"""Repair, replacement and the way home. What parcels prove is handed in as `proof`: nothing is looked up here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, CaseEvent, ClaimedPart
from cases.models.case import State
from cases.rules.lifecycle import Given, Unmet
from cases.services._facts import quote_standing
from cases.services._timeline import unrepaired_plan
from cases.services._transition import allow, locked_case, locked_claim, move, refuse, require_state, tell
from cases.services.parcels import note_shipment, tell_clock
from products import services as products
from products.models import SerialChange

__all__ = [
    "Proof",
    "close_on_delivery",
    "deliver_replacement",
    "drop_unrepaired_return",
    "note_shipment",
    "plan_unrepaired_return",
    "record_replacement",
    "reopen_return",
    "return_unrepaired",
    "send_back",
    "start_repair",
    "tell_clock",
    "unrepaired_plan",
]


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves an arrival or a delivery. `tracked` names its shipments, `staff` says in `text` how it is known,
    `nothing_sent` that no parcel of ours was ever on the way. `on` is the local day, where it is known."""

    kind: Literal["tracked", "staff", "nothing_sent"]
    text: str = ""
    on: date | None = None
    shipment_ids: tuple[int, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it says what its kind has to say."""
        return bool(self.shipment_ids) if self.kind == "tracked" else bool(self.text.strip())

    def data(self) -> dict[str, Any]:
        on = self.on.isoformat() if self.on else None
        return {"proof": {"kind": self.kind, "on": on, "shipments": list(self.shipment_ids)}}


@transaction.atomic
def start_repair(case_id: int, *, proof: Proof, actor: Actor, now: datetime) -> Case:
    """The parcel is in the workshop and work may begin: a part to repair, the quote cleared, the arrival proved."""
    return _prove(locked_case(case_id), "start_repair", proof, actor, now)


@transaction.atomic
def send_back(case_id: int, *, proof: Proof, actor: Actor, now: datetime) -> Case:
    """The repaired product reached its customer, by proof."""
    return _prove(locked_case(case_id), "send_back", proof, actor, now)


@transaction.atomic
def deliver_replacement(case_id: int, *, proof: Proof, actor: Actor, now: datetime) -> Case:
    """The replacement reached the customer; nothing was to be repaired, and the new serial numbers are recorded."""
    return _prove(locked_case(case_id), "deliver_replacement", proof, actor, now)


@transaction.atomic
def return_unrepaired(
    case_id: int, *, proof: Proof, why: str = "", beyond_repair: bool = False, actor: Actor, now: datetime
) -> Case:
    """The product is home unrepaired, or was never sent: the quote declined, or the product beyond repair.

    A standing plan (`plan_unrepaired_return`) carries the reason already.
    """
    return _return_unrepaired(locked_case(case_id), proof, why, beyond_repair, actor, now)


@transaction.atomic
def close_on_delivery(case_id: int, *, proof: Proof, actor: Actor, now: datetime) -> Case:
    """What a final delivery to the customer means for this case: repaired, replaced, or home unrepaired."""
    case = locked_case(case_id)
    unrepaired = unrepaired_plan(case) is not None or quote_standing(case) == "declined"
    if unrepaired and case.state in (State.APPROVED, State.IN_REPAIR):
        return _return_unrepaired(case, proof, "", False, actor, now)
    name = "deliver_replacement" if case.state == State.APPROVED else "send_back"
    return _prove(case, name, proof, actor, now)


@transaction.atomic
def reopen_return(case_id: int, *, why: str, actor: Actor, now: datetime) -> Case:
    """The delivery turned out not to be final: the product is away again."""
    case = locked_case(case_id)
    return move(case, "reopen_return", actor=actor, now=now, why=why, given=Given(why=why))


@transaction.atomic
def plan_unrepaired_return(case_id: int, *, why: str, beyond_repair: bool = False, actor: Actor, now: datetime) -> Case:
    """Decide that the product goes home unrepaired; the case closes when it is delivered (policy 5)."""
    allow(actor)
    case = locked_case(case_id)
    require_state(case, (State.APPROVED, State.IN_REPAIR), doing="plan_unrepaired_return")
    if not why.strip():
        raise NotPossible(_("A reason is needed."), field="why", code="reason")
    if not beyond_repair and quote_standing(case) != "declined":
        words = "The quote is not declined, and nobody has said that the product is beyond repair"
        refuse(case, "plan_unrepaired_return", (Unmet("repair_not_ended", words),))
    if unrepaired_plan(case) is not None:
        raise Stale(_("It is planned already that the product goes home unrepaired."), code="unchanged")
    data = {"beyond_repair": beyond_repair}
    tell(case, CaseEvent.Kind.DETAILS, "unrepaired_return_planned", actor=actor, now=now, why=why, data=data)
    return case


@transaction.atomic
def drop_unrepaired_return(case_id: int, *, why: str, actor: Actor, now: datetime) -> Case:
    """The product is to be repaired after all."""
    allow(actor)
    case = locked_case(case_id)
    if not why.strip():
        raise NotPossible(_("A reason is needed."), field="why", code="reason")
    if unrepaired_plan(case) is None:
        raise Stale(_("No return without repair is planned."), code="unchanged")
    tell(case, CaseEvent.Kind.DETAILS, "unrepaired_return_dropped", actor=actor, now=now, why=why)
    return case


@transaction.atomic
def record_replacement(claim_id: int, *, new_serial: str, actor: Actor, now: datetime) -> SerialChange:
    """Note the serial number of the piece that takes a part's place; its clock goes on as it was (policy 1.7)."""
    allow(actor)
    case, claim = locked_claim(claim_id)
    require_state(case, (State.APPROVED, State.IN_REPAIR, State.RETURNED), doing="record_replacement")
    if claim.resolution != ClaimedPart.Resolution.REPLACEMENT:
        raise NotPossible(_("This part is not to be replaced."), code="not_to_be_replaced")
    _refuse_same_serial(case, claim, new_serial)
    change = products.replace_part(
        claim.part_id, new_serial=new_serial, case_reference=case.reference, actor=actor.user, now=now
    )
    data = {"claim": claim.pk, "part": claim.part_id, "serial_change": change.pk}
    tell(case, CaseEvent.Kind.PART, "replaced", actor=actor, now=now, data=data)
    return change


def _refuse_same_serial(case: Case, claim: ClaimedPart, new_serial: str) -> None:
    recorded = claim.part.serial_changes.filter(case_reference=case.reference).last()
    if recorded is not None and recorded.new_serial == new_serial.strip():
        raise Stale(_("This serial number is recorded already."), field="new_serial", code="unchanged")


def _prove(case: Case, name: str, proof: Proof, actor: Actor, now: datetime, given: Given | None = None) -> Case:
    given = given or Given(proof=_kind(proof))
    why = " ".join(part for part in (given.why.strip(), proof.text.strip()) if part)
    return move(case, name, actor=actor, now=now, why=why, given=given, data=proof.data())


def _return_unrepaired(case: Case, proof: Proof, why: str, beyond_repair: bool, actor: Actor, now: datetime) -> Case:
    plan = unrepaired_plan(case)
    reason = why.strip() or (plan.why if plan else "")
    given = Given(why=reason, proof=_kind(proof), beyond_repair=beyond_repair)
    return _prove(case, "return_unrepaired", proof, actor, now, given)


def _kind(proof: Proof) -> Literal["", "tracked", "staff", "nothing_sent"]:
    return proof.kind if proof.holds else ""
