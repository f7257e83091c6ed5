"""Making a request complete: which purchase, which parts, what happened. Possible until the parts are decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, CaseEvent, ClaimedPart
from cases.models.case import State
from cases.rules.deadlines import submission_day
from cases.services._transition import allow, begin_review_if_complete, locked_case, require_state, save, tell
from cases.services.assigning import assign_new_by_product
from cases.services.covering import keep_cover_end
from cases.services.speaking import language_for
from products.models import CoveredPart, Invoice, SoldUnit

EDITABLE = (State.SUBMITTED, State.EVIDENCE_REVIEW)


@transaction.atomic
def set_purchase(case_id: int, *, invoice_id: int | None, unit_id: int | None, actor: Actor, now: datetime) -> Case:
    """Match the case to what was sold. A unit without an invoice brings its own.

    The submission day is read again, since the invoice's country may tell its zone (policy 1.10). Guesses of parts
    that are not on the invoice go; a product sold singly is its one part. From now on the customer is written to in
    the language of the invoice's country, unless they chose one. Refused once a part is decided.
    """
    allow(actor)
    case = locked_case(case_id)
    require_state(case, EDITABLE, doing="set_purchase")
    _refuse_if_decided(case)
    unit = SoldUnit.objects.select_related("line__invoice", "line__product").get(pk=unit_id) if unit_id else None
    invoice = _invoice_for(invoice_id, unit)
    if (case.invoice_id, case.unit_id) == (invoice and invoice.pk, unit_id):
        raise Stale(_("The case is matched to this purchase already."), field="unit_id", code="unchanged")
    day = submission_day(case.received_at, case.customer.time_zone, str(invoice.country) if invoice else "")
    save(
        case,
        now,
        invoice=invoice,
        unit=unit,
        product=unit.line.product if unit else None,
        submitted_on=day.on,
        submitted_zone=day.zone,
        submitted_zone_found=day.found,
        language=language_for(case.customer, invoice, case.language),
    )
    data = {
        "invoice": invoice.pk if invoice else None,
        "unit": unit_id,
        "submitted_on": day.on.isoformat(),
        "zone": day.zone,
        "dropped": _drop_guesses_elsewhere(case, invoice, unit),
        "language": case.language,
    }
    tell(case, CaseEvent.Kind.DETAILS, "purchase_set", actor=actor, now=now, data=data)
    _claim_the_only_part(case, unit, actor, now)
    keep_cover_end([case.pk])  # the day it is judged as of may be another one, too
    assign_new_by_product(case, now)
    begin_review_if_complete(case, now)
    return case


@transaction.atomic
def describe(case_id: int, *, description: str, actor: Actor, now: datetime) -> Case:
    """Say, or say better, what happened. The customer may until the review begins, staff until the decision."""
    allow(actor, customer=True)
    case = locked_case(case_id)
    _require_editable(case, actor, doing="describe")
    text = description.strip()
    if not text:
        raise NotPossible(_("Please say what happened."), field="description", code="empty")
    if text == case.description:
        raise Stale(_("The description says this already."), field="description", code="unchanged")
    save(case, now, description=text)
    tell(case, CaseEvent.Kind.DETAILS, "described", actor=actor, now=now)
    begin_review_if_complete(case, now)
    return case


@transaction.atomic
def claim_parts(case_id: int, *, part_ids: Sequence[int], actor: Actor, now: datetime) -> Case:
    """Name parts the request is about; a guess among them becomes sure. A customer names parts of their product only.

    Staff may name any part: one that is not on the invoice is proposed as not ours (policy 3.1).
    """
    allow(actor, customer=True)
    case = locked_case(case_id)
    _require_editable(case, actor, doing="claim_parts")
    wanted = _known_parts(case, part_ids, actor)
    there = {claim.part_id: claim.confirmed for claim in case.claimed_parts.all()}
    changed = [part_id for part_id in wanted if not there.get(part_id)]
    if not changed:
        raise Stale(_("These parts are claimed already."), field="part_ids", code="unchanged")
    case.claimed_parts.filter(part_id__in=changed).update(confirmed=True)
    ClaimedPart.objects.bulk_create(
        ClaimedPart(case=case, part_id=part_id, product_id=wanted[part_id])
        for part_id in changed
        if part_id not in there
    )
    keep_cover_end([case.pk])
    data = {"parts": changed, "confirmed": True}
    tell(case, CaseEvent.Kind.PART, "claimed", actor=actor, now=now, data=data)
    begin_review_if_complete(case, now)
    return case


@transaction.atomic
def confirm_claims(
    case_id: int, *, part_ids: Sequence[int], drop_others: bool = False, actor: Actor, now: datetime
) -> Case:
    """Make guesses sure. With `drop_others` the guesses not named go: "it is these, and nothing else"."""
    allow(actor, customer=True)
    case = locked_case(case_id)
    _require_editable(case, actor, doing="confirm_claims")
    claims = {claim.part_id: claim for claim in case.claimed_parts.all()}
    if not part_ids or not set(part_ids) <= claims.keys():
        raise NotPossible(_("Choose among the parts named in this case."), field="part_ids", code="not_claimed")
    guesses = {part_id for part_id, claim in claims.items() if not claim.confirmed}
    chosen = sorted(guesses & set(part_ids))
    dropped = sorted(guesses - set(part_ids)) if drop_others else []
    if not chosen and not dropped:
        raise Stale(_("These parts are confirmed already."), field="part_ids", code="unchanged")
    case.claimed_parts.filter(part_id__in=chosen).update(confirmed=True)
    case.claimed_parts.filter(part_id__in=dropped).delete()
    if dropped:
        keep_cover_end([case.pk])
        tell(case, CaseEvent.Kind.PART, "dropped", actor=actor, now=now, data={"parts": dropped})
    if chosen:
        tell(case, CaseEvent.Kind.PART, "confirmed", actor=actor, now=now, data={"parts": chosen})
    begin_review_if_complete(case, now)
    return case


@transaction.atomic
def drop_claim(case_id: int, *, part_id: int, actor: Actor, now: datetime) -> Case:
    """Take a part out of the request again, as long as it is not decided."""
    allow(actor, customer=True)
    case = locked_case(case_id)
    _require_editable(case, actor, doing="drop_claim")
    claim = case.claimed_parts.filter(part_id=part_id).first()
    if claim is None:
        raise Stale(_("This part is not named in the case any more."), field="part_id", code="not_claimed")
    if claim.verdict != ClaimedPart.Verdict.UNDECIDED:
        raise NotPossible(_("This part is decided already: clear its verdict first."), field="part_id", code="decided")
    claim.delete()
    keep_cover_end([case.pk])
    tell(case, CaseEvent.Kind.PART, "dropped", actor=actor, now=now, data={"parts": [part_id]})
    begin_review_if_complete(case, now)
    return case


def _require_editable(case: Case, actor: Actor, *, doing: str) -> None:
    """Staff may put a request right until it is decided, its customer until somebody looks at it."""
    if actor.kind == "customer" and case.state != State.SUBMITTED:
        raise NotPossible(
            _("We are looking at your request already, so this cannot be changed. Please write us a message instead."),
            code="state",
        )
    require_state(case, EDITABLE, doing=doing)


def _refuse_if_decided(case: Case) -> None:
    if case.claimed_parts.exclude(verdict=ClaimedPart.Verdict.UNDECIDED).exists():
        raise NotPossible(
            _("A part is decided already, on the purchase as it is: clear the verdicts first."), code="decided"
        )


def _invoice_for(invoice_id: int | None, unit: SoldUnit | None) -> Invoice | None:
    if invoice_id is None:
        return unit.line.invoice if unit else None
    if unit and unit.line.invoice_id != invoice_id:
        raise NotPossible(_("This product was not sold on that invoice."), field="unit_id", code="unit_not_on_invoice")
    return Invoice.objects.get(pk=invoice_id)


def _drop_guesses_elsewhere(case: Case, invoice: Invoice | None, unit: SoldUnit | None) -> list[int]:
    """Guesses made before the purchase was known, and not of it: of the unit where known, else of the invoice."""
    guesses = case.claimed_parts.filter(confirmed=False)
    if unit:
        guesses = guesses.exclude(part__unit=unit)
    elif invoice:
        guesses = guesses.exclude(part__unit__line__invoice=invoice)
    dropped = sorted(guesses.values_list("part_id", flat=True))
    case.claimed_parts.filter(part_id__in=dropped, confirmed=False).delete()
    return dropped


def _claim_the_only_part(case: Case, unit: SoldUnit | None, actor: Actor, now: datetime) -> None:
    """A product sold singly is one part, so naming the product named the part (policy 1.1)."""
    parts = list(unit.parts.values_list("pk", "product_id")[:2]) if unit else []
    if len(parts) == 1 and not case.claimed_parts.filter(confirmed=True).exists():
        [(part_id, product_id)] = parts
        known = {"confirmed": True, "product_id": product_id}
        ClaimedPart.objects.update_or_create(case=case, part_id=part_id, defaults=known)
        data = {"parts": [part_id], "confirmed": True}
        tell(case, CaseEvent.Kind.PART, "claimed", actor=actor, now=now, data=data)


def _known_parts(case: Case, part_ids: Sequence[int], actor: Actor) -> dict[int, int]:
    """The parts chosen, in the order of their ids, each with its product."""
    parts = CoveredPart.objects.filter(pk__in=part_ids)
    if actor.kind == "customer":
        parts = parts.filter(unit_id=case.unit_id) if case.unit_id else parts.none()
    known = dict(parts.order_by("pk").values_list("pk", "product_id"))
    if not part_ids or set(known) != set(part_ids):
        raise NotPossible(_("Choose among the parts of the product."), field="part_ids", code="unknown_part")
    return known
