"""A request becomes a case: its purchase, its submission day, its first message, its files (policy 1.10 and 3)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases import notifications
from cases.actors import Actor
from cases.errors import NotPossible
from cases.models import Case, CaseEvent, ClaimedPart, Message
from cases.reference import new_reference
from cases.rules.deadlines import submission_day
from cases.rules.facts import CaseFacts
from cases.services._evidence import rows_for, told_of
from cases.services._facts import lacking, missing_of
from cases.services._response import start_response_clock
from cases.services._transition import allow, event_row, put_event_on_record, review_begun
from cases.services.assigning import assign_new_by_product
from cases.services.claiming import claim_parts, confirm_claims, describe, drop_claim, set_purchase
from cases.services.covering import cover_end_of
from cases.services.proving import add_evidence
from products.models import CoveredPart, Customer, Invoice, SoldUnit
from products.sent_together import give_keys
from products.storing import insert
from products.written_once import WrittenOnce

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
Named = TypeVar("Named", Customer, Invoice, SoldUnit)  # by a request
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


@dataclass(frozen=True, slots=True)
class Purchase:
    """The rows a `NewCase` names by their keys, where the caller has just read them: they are not read again."""

    customer: Customer
    invoice: Invoice | None = None
    unit: SoldUnit | None = None
    parts: Sequence[CoveredPart] = ()


@transaction.atomic
def open_case(
    new: NewCase,
    *,
    files: Sequence[StoredFile] = (),
    actor: Actor,
    now: datetime,
    acknowledge: bool = True,
    in_reply_to: str = "",
    purchase: Purchase | None = None,
) -> Case:
    """Open a case for a request. Its review begins by itself when nothing is missing.

    With `acknowledge` the customer is told the reference, what was kept, and what is still missing. NotPossible where
    the unit is not on the invoice.
    """
    return open_case_with_words(
        new,
        files=files,
        actor=actor,
        now=now,
        acknowledge=acknowledge,
        in_reply_to=in_reply_to,
        purchase=purchase or _purchase(new),
    )[0]


def open_case_with_words(
    new: NewCase,
    *,
    files: Sequence[StoredFile],
    actor: Actor,
    now: datetime,
    acknowledge: bool,
    in_reply_to: str,
    purchase: Purchase,
) -> tuple[Case, Message]:
    """`open_case`, and the message its conversation begins with. Call it in a transaction."""
    allow(actor, customer=True)
    # All rows are made first and then stored, a table at a time: nobody else can see this case yet, so nothing that
    # was just written is read again or written a second time.
    case = _new_case(new, purchase, now)
    message = _first_message(case, new)
    claims = _claims(case, new, purchase)
    kept = rows_for(case, files, message, now)
    part_is_sure = bool(claims) and all(claim.confirmed for claim in claims)
    missing = lacking(case, part_is_sure=part_is_sure, evidence=any(row.is_kept for row in kept.rows))
    data = {"source": new.source, "missing": missing, "acknowledge": acknowledge, "follows": _reference(case.follows)}
    opened = event_row(case, CaseEvent.Kind.OPENED, "opened", actor=actor, now=now, data=data)
    start_response_clock(case)
    begun = review_begun(case, now, CaseFacts(state=case.state, missing=tuple(missing)))
    came = [event_row(case, CaseEvent.Kind.EVIDENCE, "", actor=actor, now=now)] if kept.new else []
    events = [opened, *came, *begun]

    give_keys([case, message, *claims, *kept.new, *events])
    _store_with_reference(case)
    insert([message])
    insert(claims)
    insert(kept.new)
    if told := told_of(kept):  # it names the files by their keys
        came[0].name, came[0].data = told.name, dict(told.data)
    insert(events)
    for event in events:
        put_event_on_record(event)
    assign_new_by_product(case, now)
    if acknowledge:
        # Last, for the caps are counted under a lock that others who write mail wait for.
        known = {"claims": claims, "evidence": kept.rows, "is_first": True}
        notifications.notify(opened, in_reply_to=in_reply_to, extra=known)
    return case, message


def _reference(case: Case | None) -> str:
    return case.reference if case else ""


def _purchase(new: NewCase) -> Purchase:
    invoice = _one(Invoice, new.invoice_id) if new.invoice_id else None
    unit = _one(SoldUnit, new.unit_id) if new.unit_id else None
    wanted = sorted({*new.part_ids, *new.proposed_part_ids})
    parts = _PARTS.ask(keys=wanted).fetched() if wanted else []
    return Purchase(_one(Customer, new.customer_id), invoice, unit, parts)


def _one(model: type[Named], key: int) -> Named:
    found: list[Named] = _NAMED[model].ask(key=key).fetched()
    if not found:
        raise model.DoesNotExist(f"no {model._meta.verbose_name} {key}")
    return found[0]


def _by_key(rows: QuerySet[Any]) -> WrittenOnce:
    return WrittenOnce(lambda key: rows.filter(pk=key).order_by(), keep_plan=True, key=int)


_NAMED: dict[Any, WrittenOnce] = {
    Customer: _by_key(Customer.objects.all()),
    Invoice: _by_key(Invoice.objects.all()),
    SoldUnit: _by_key(SoldUnit.objects.select_related("line__product")),
}
_PARTS = WrittenOnce(lambda keys: CoveredPart.objects.select_related("product").filter(pk__in=keys), keys=[int])


def _claims(case: Case, new: NewCase, purchase: Purchase) -> list[ClaimedPart]:
    claims = [(part_id, True) for part_id in new.part_ids] + [(part_id, False) for part_id in new.proposed_part_ids]
    sure = dict(reversed(claims))  # a part both sure and guessed is sure
    rows = {part.pk: part for part in purchase.parts}
    return [
        ClaimedPart(case=case, part=rows[part_id], product_id=rows[part_id].product_id, confirmed=confirmed)
        for part_id, confirmed in sorted(sure.items())
    ]


def _new_case(new: NewCase, purchase: Purchase, now: datetime) -> Case:
    customer, invoice, unit = purchase.customer, purchase.invoice, purchase.unit
    if invoice and unit and unit.line.invoice_id != invoice.pk:
        raise NotPossible(_("This product was not sold on that invoice."), field="unit_id", code="unit_not_on_invoice")
    day = submission_day(new.received_at, customer.time_zone, str(invoice.country) if invoice else "")
    return Case(
        source=new.source,
        customer=customer,
        subject=_cut(Case, "subject", new.subject),
        description=new.description.strip(),
        language=new.language,
        invoice_as_given=_cut(Case, "invoice_as_given", new.invoice_as_given),
        serial_as_given=_cut(Case, "serial_as_given", new.serial_as_given),
        invoice=invoice,
        unit=unit,
        product_id=unit.line.product_id if unit else None,
        received_at=new.received_at,
        submitted_on=day.on,
        cover_ends_on=cover_end_of(purchase.parts, day.on),
        submitted_zone=day.zone,
        submitted_zone_found=day.found,
        follows_id=new.follows_id,
        changed_at=now,
    )


def _store_with_reference(case: Case) -> None:
    """Under a fresh reference: another one is tried, longer in time, while the one drawn is taken."""
    for attempt in range(ATTEMPTS):
        case.reference = new_reference(_random, attempt)
        if insert([case], unless_there=True):
            return
        log.info("reference %s is taken, drawing another", case.reference)
    raise RuntimeError(f"no free case reference in {ATTEMPTS} draws")


def _first_message(case: Case, new: NewCase) -> Message:
    return Message(
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
