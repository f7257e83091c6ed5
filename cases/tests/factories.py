"""Cases to test with, brought wherever a test needs them by the verbs of the desk: no state is ever set by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import factory
from django.contrib.auth.models import Group

from cases.actors import Actor
from cases.evidence.storage import StoredFile
from cases.models import Case, ClaimedPart
from cases.services import deciding, opening, quoting, repairing
from cases.services.opening import NewCase
from cases.services.quoting import QuoteLineData
from cases.services.repairing import Proof
from products.models import CoveredPart
from products.tests.factories import CoveredPartFactory, CustomerFactory
from products.tests.factories import StaffFactory as PlainStaffFactory

RECEIVED_AT = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)  # inside the cover of everything bought on BOUGHT_ON
REVIEWED_AT = RECEIVED_AT + dt.timedelta(hours=1)
DECIDED_AT = RECEIVED_AT + dt.timedelta(hours=2)

ARRIVED = Proof("staff", "Handed in at the workshop.", dt.date(2025, 11, 10))
DELIVERED = Proof("staff", "Collected at the workshop by the customer.", dt.date(2025, 11, 20))
TRACKED = Proof("tracked", on=dt.date(2025, 11, 20), shipment_ids=(1,))
NOTHING_SENT = Proof("nothing_sent", "The customer never sent it in.")


class StaffFactory(PlainStaffFactory):
    """A colleague with a role: viewer, support, reviewer, manager or administrator; `role=""` for none."""

    class Meta:
        skip_postgeneration_save = True

    @factory.post_generation
    def role(self: Any, create: bool, role: str | None, **_kwargs: Any) -> None:
        if create and role != "":
            self.groups.add(Group.objects.get(name=role or "support"))


def staff(role: str = "support", **fields: Any) -> Actor:
    """A new colleague of that role, ready to act."""
    return Actor.staff(StaffFactory(role=role, **fields))


def photo(number: int = 1, **fields: Any) -> StoredFile:
    """A file as `store_file` hands it on; the same number is the same content. Nothing lies in the storage."""
    return StoredFile(
        **{
            "name": f"photo-{number}.jpg",
            "claimed_type": "image/jpeg",
            "content_type": "image/jpeg",
            "size": 120_000 + number,
            "sha256": hashlib.sha256(f"photo {number}".encode()).hexdigest(),
            "key": f"evidence/test/photo-{number}",
            **fields,
        }
    )


def refused_file(name: str = "setup.exe") -> StoredFile:
    return StoredFile(name, "image/jpeg", "", 512, "", "", "This kind of file is not taken.")


class CaseFactory(factory.Factory):
    """A case, opened by `open_case` and led to `state` by the verbs of the desk.

    `part` (or `parts`) is what it claims: by default a product sold singly, matched, so that the case is complete and
    under review. `files=()` leaves the evidence out, `matched=False` the purchase; either leaves it `submitted`.
    `resolution` of covered parts and `reviewer` (an Actor) matter from `approved` on.
    """

    class Meta:
        model = Case

    customer = factory.SubFactory(CustomerFactory)
    source = "mail"
    subject = "[Warranty Request] It stopped"
    description = "The motor makes a noise and then stops."
    received_at = RECEIVED_AT

    @classmethod
    def _create(cls, model_class: type[Case], *args: Any, **given: Any) -> Case:
        state = given.pop("state", "")
        reviewer = given.pop("reviewer", None)
        resolution = given.pop("resolution", ClaimedPart.Resolution.REPAIR)
        case = open_for_test(**given)
        if state:
            lead_to(case, state, reviewer=reviewer or staff("reviewer"), resolution=resolution)
        return Case.objects.get(pk=case.pk)


def open_for_test(
    *,
    customer: Any,
    part: CoveredPart | None = None,
    parts: Sequence[CoveredPart] | None = None,
    matched: bool = True,
    files: Sequence[StoredFile] | None = None,
    actor: Actor | None = None,
    acknowledge: bool = False,
    **given: Any,
) -> Case:
    if parts is None:
        parts = [part or CoveredPartFactory(customer=customer)]
    unit = parts[0].unit if matched and parts else None
    new = NewCase(
        customer_id=customer.pk,
        **{
            "invoice_id": unit.line.invoice_id if unit else None,
            "unit_id": unit.pk if unit else None,
            "part_ids": [one.pk for one in parts] if matched else [],
            "sender_name": customer.name,
            "sender_address": customer.email,
            **given,
        },
    )
    return opening.open_case(
        new,
        files=[photo()] if files is None else files,
        actor=actor or Actor.customer(),
        now=given["received_at"],
        acknowledge=acknowledge,
    )


def judge(claim: ClaimedPart, reviewer: Actor, *, now: dt.datetime = REVIEWED_AT, deny: str = "", **given: Any) -> None:
    """Record what was seen and decide one part: covered, or denied for the reason given."""
    if deny:
        deciding.decide_part(claim.pk, verdict="denied", reason_code=deny, actor=reviewer, now=now, **given)
        return
    deciding.record_finding(claim.pk, cause_code="none", actor=reviewer, now=now)
    deciding.decide_part(claim.pk, verdict="covered", actor=reviewer, now=now, **{"resolution": "repair", **given})


def judge_all(case: Case, reviewer: Actor, *, now: dt.datetime = REVIEWED_AT, **given: Any) -> None:
    for claim in case.claimed_parts.filter(verdict="undecided"):
        judge(claim, reviewer, now=now, **given)


def quote(case: Case, amount: str = "35.00", *, answer: str = "", now: dt.datetime = DECIDED_AT) -> None:
    """Write and send a quote of one line, and answer it where an answer is given."""
    by = staff("support")
    quoting.write_quote(case.pk, lines=[QuoteLineData("repair", "Labour", Decimal(amount))], actor=by, now=now)
    quoting.send_quote(case.pk, actor=by, now=now)
    if answer:
        quoting.answer_quote(case.pk, answer=answer, through="the portal", actor=Actor.customer(), now=now)  # type: ignore[arg-type]


def record_serials(case: Case, actor: Actor, *, now: dt.datetime = DECIDED_AT) -> None:
    """A new serial number for every part of the case that is to be replaced and is no lot."""
    for claim in case.claimed_parts.filter(resolution="replacement", part__is_lot=False):
        repairing.record_replacement(claim.pk, new_serial=f"NEW-{claim.pk}", actor=actor, now=now)


def lead_to(case: Case, state: str, *, reviewer: Actor, resolution: str = "repair") -> None:
    """Lead a case that was just opened to `state`, along the shortest way of the policy."""
    _WAYS[state](case, reviewer, resolution)


def _to_submitted(case: Case, reviewer: Actor, resolution: str) -> None:
    if Case.objects.get(pk=case.pk).state == "evidence_review":
        deciding.request_information(
            case.pk, missing=["evidence"], words="A sharper photo, please.", actor=reviewer, now=REVIEWED_AT
        )


def _to_review(case: Case, reviewer: Actor, resolution: str) -> None:
    if Case.objects.get(pk=case.pk).state == "submitted":
        deciding.begin_review(case.pk, why="Told on the phone.", actor=reviewer, now=REVIEWED_AT)


def _to_approved(case: Case, reviewer: Actor, resolution: str) -> None:
    _to_review(case, reviewer, resolution)
    judge_all(case, reviewer, resolution=resolution)
    deciding.approve(case.pk, actor=reviewer, now=DECIDED_AT)


def _to_denied(case: Case, reviewer: Actor, resolution: str) -> None:
    _to_review(case, reviewer, resolution)
    judge_all(case, reviewer, deny="improper_use")
    deciding.deny(case.pk, actor=reviewer, now=DECIDED_AT)


def _to_repair(case: Case, reviewer: Actor, resolution: str) -> None:
    _to_approved(case, reviewer, resolution)
    repairing.start_repair(case.pk, proof=ARRIVED, actor=Actor.system(), now=DECIDED_AT + dt.timedelta(days=3))


def _to_returned(case: Case, reviewer: Actor, resolution: str) -> None:
    later = DECIDED_AT + dt.timedelta(days=12)
    if resolution == "repair":
        _to_repair(case, reviewer, resolution)
        repairing.send_back(case.pk, proof=DELIVERED, actor=Actor.system(), now=later)
        return
    _to_approved(case, reviewer, resolution)
    record_serials(case, reviewer)
    repairing.deliver_replacement(case.pk, proof=DELIVERED, actor=Actor.system(), now=later)


def _to_withdrawn(case: Case, reviewer: Actor, resolution: str) -> None:
    deciding.withdraw(case.pk, why="Found the loose screw.", actor=Actor.customer(), now=REVIEWED_AT)


_WAYS: dict[str, Callable[[Case, Actor, str], None]] = {
    "submitted": _to_submitted,
    "evidence_review": _to_review,
    "approved": _to_approved,
    "denied": _to_denied,
    "in_repair": _to_repair,
    "returned": _to_returned,
    "withdrawn": _to_withdrawn,
}
