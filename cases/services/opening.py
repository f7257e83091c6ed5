"""A request becomes a case: its purchase, its submission day, its first message, its files (policy 1.10 and 3)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any, Literal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases import notifications
from cases.actors import Actor
from cases.errors import NotPossible
from cases.models import Case, CaseEvent, ClaimedPart, Message
from cases.reference import new_reference
from cases.rules.deadlines import submission_day
from cases.services._evidence import keep_files, record_files
from cases.services._facts import missing_of
from cases.services._transition import allow, begin_review_if_complete, record
from cases.services.claiming import claim_parts, confirm_claims, describe, drop_claim, set_purchase
from cases.services.proving import add_evidence
from products.models import Customer, Invoice, SoldUnit

if TYPE_CHECKING:
    from cases.evidence.storage import StoredFile

__all__ = [
    "NewCase",
    "add_evidence",
    "claim_parts",
    "confirm_claims",
    "describe",
    "drop_claim",
    "missing_of",
    "open_case",
    "set_purchase",
]

log = logging.getLogger(__name__)
ATTEMPTS = 20
_random: Random = SystemRandom()


def draw_references_from(random: Random) -> None:
    """Draw the references of this process from `random`, so that a demo gets the same ones from the same seed."""
    global _random  # noqa: PLW0603 - one source of chance for the whole process is what is meant
    _random = random


@dataclass(frozen=True, slots=True)
class NewCase:
    """A request as it reached us. `part_ids` are sure, `proposed_part_ids` wait for a person to confirm them.

    `words` is what was written where that is not the description: a list of numbers describes nothing, and is kept.
    """

    customer_id: int
    source: Literal["mail", "portal", "staff", "api"]
    subject: str
    description: str
    received_at: datetime
    language: str = "en"
    invoice_as_given: str = ""
    serial_as_given: str = ""
    invoice_id: int | None = None
    unit_id: int | None = None
    part_ids: Sequence[int] = ()
    proposed_part_ids: Sequence[int] = ()
    sender_name: str = ""
    sender_address: str = ""
    follows_id: int | None = None
    words: str = ""


@transaction.atomic
def open_case(
    new: NewCase,
    *,
    files: Sequence[StoredFile] = (),
    actor: Actor,
    now: datetime,
    acknowledge: bool = True,
    in_reply_to: str = "",
) -> Case:
    """Open a case for a request. Its review begins by itself when nothing is missing.

    With `acknowledge` the customer is told the reference, what was kept, and what is still missing. NotPossible where
    the unit is not on the invoice.
    """
    allow(actor, customer=True)
    case = _create(new, now)
    message = _first_message(case, new)
    claims = [(part_id, True) for part_id in new.part_ids] + [(part_id, False) for part_id in new.proposed_part_ids]
    sure = dict(reversed(claims))  # a part both sure and guessed is sure
    ClaimedPart.objects.bulk_create(
        ClaimedPart(case=case, part_id=part_id, confirmed=confirmed) for part_id, confirmed in sorted(sure.items())
    )
    kept = keep_files(case, files, message, now)
    event = record(case, CaseEvent.Kind.OPENED, "opened", actor=actor, now=now, data=_opened(case, new, acknowledge))
    record_files(case, kept, actor=actor, now=now)
    if acknowledge:
        notifications.notify(event, in_reply_to=in_reply_to)
    begin_review_if_complete(case, now)
    return case


def _opened(case: Case, new: NewCase, acknowledge: bool) -> dict[str, Any]:
    follows = case.follows.reference if case.follows else ""
    return {"source": new.source, "missing": missing_of(case), "acknowledge": acknowledge, "follows": follows}


def _create(new: NewCase, now: datetime) -> Case:
    invoice = Invoice.objects.get(pk=new.invoice_id) if new.invoice_id else None
    unit = SoldUnit.objects.select_related("line").get(pk=new.unit_id) if new.unit_id else None
    if invoice and unit and unit.line.invoice_id != invoice.pk:
        raise NotPossible(_("This product was not sold on that invoice."), field="unit_id", code="unit_not_on_invoice")
    customer = Customer.objects.get(pk=new.customer_id)
    day = submission_day(new.received_at, customer.time_zone, str(invoice.country) if invoice else "")
    fields = {
        "source": new.source,
        "customer": customer,
        "subject": _cut(Case, "subject", new.subject),
        "description": new.description.strip(),
        "language": new.language,
        "invoice_as_given": _cut(Case, "invoice_as_given", new.invoice_as_given),
        "serial_as_given": _cut(Case, "serial_as_given", new.serial_as_given),
        "invoice": invoice,
        "unit": unit,
        "product_id": unit.line.product_id if unit else None,
        "received_at": new.received_at,
        "submitted_on": day.on,
        "submitted_zone": day.zone,
        "submitted_zone_found": day.found,
        "follows_id": new.follows_id,
        "changed_at": now,
    }
    return _create_with_reference(fields)


def _create_with_reference(fields: dict[str, Any]) -> Case:
    """A case with a fresh reference: another one is tried, longer in time, while the one drawn is taken."""
    for attempt in range(ATTEMPTS):
        reference = new_reference(_random, attempt)
        try:
            with transaction.atomic():
                return Case.objects.create(reference=reference, **fields)
        except IntegrityError:
            # Anything else the database refuses is no collision, and drawing again would hide it.
            if not Case.objects.filter(reference=reference).exists():
                raise
            log.info("reference %s is taken, drawing another", reference)
    raise RuntimeError(f"no free case reference in {ATTEMPTS} draws")


def _first_message(case: Case, new: NewCase) -> Message:
    return Message.objects.create(
        case=case,
        direction=Message.Direction.IN,
        sender_name=_cut(Message, "sender_name", new.sender_name),
        sender_address=_cut(Message, "sender_address", new.sender_address),
        subject=case.subject,
        text=(new.words or new.description).strip(),
        at=new.received_at,
    )


def _cut(model: Any, field: str, text: str) -> str:
    """What a column holds of a text from outside: an endless subject line is no reason to lose a case."""
    return text.strip()[: model._meta.get_field(field).max_length]
