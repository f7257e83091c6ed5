"""What happens at the bench: each turn a report, each spare part built in a row of its own (policy 5, in repair)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Case, CaseEvent, ClaimedPart, RepairReport, UsedPart
from cases.models.case import State
from cases.services._transition import allow, locked_case, locked_claim, require_state, tell
from products.identifiers import normalise_identifier
from products.models import Product
from products.services.checking import checked_serial

MOST_PIECES = 1000


@transaction.atomic
def report_repair(
    claim_id: int, *, found: str, test: str, done: str = "", measured: str = "", actor: Actor, now: datetime
) -> RepairReport:
    """One turn at the bench: what was found and done, and whether the part passed its test.

    Refused without a finding, without a word on the test, and for a part that is not in repair. The same report again
    is one form sent twice.
    """
    case, claim = _at_the_bench(claim_id, actor, "report_repair")
    said = {"found": found.strip(), "done": done.strip(), "test": test, "measured": measured.strip()}
    if not said["found"]:
        raise NotPossible(_("Say what was found, even if it is nothing."), field="found", code="found")
    if test not in RepairReport.Test.values:
        raise NotPossible(_("Say whether it was tested, and how that went."), field="test", code="test")
    if test == RepairReport.Test.PASSED and not said["done"]:
        raise NotPossible(_("It runs again: say what was done."), field="done", code="done")
    latest = claim.repair_reports.last()
    if latest is not None and said == {name: getattr(latest, name) for name in said}:
        raise Stale(_("This is reported already."), code="unchanged")
    report = RepairReport.objects.create(claim=claim, reported_by=_person(actor), reported_at=now, **said)
    _tell(case, "repair_reported", claim, actor, now, {"report": report.pk, "test": test})
    return report


@transaction.atomic
def use_part(
    claim_id: int, *, article: str, quantity: int = 1, serial: str = "", actor: Actor, now: datetime
) -> UsedPart:
    """A spare part was built in. `article` is its article number; a piece with a serial number is used once, ever."""
    case, claim = _at_the_bench(claim_id, actor, "use_part")
    product = Product.objects.filter(sku__iexact=article.strip()).first() if article.strip() else None
    if product is None or product.kind == Product.Kind.KIT:
        raise NotPossible(_("There is no part with this article number."), field="article", code="article")
    if not 1 <= quantity <= MOST_PIECES:
        raise NotPossible(_("Between 1 and 1000 pieces."), field="quantity", code="quantity")
    number = checked_serial(serial, "serial")
    if number and quantity != 1:
        raise NotPossible(_("A serial number stands for one piece."), field="quantity", code="one_piece")
    _refuse_used(product, number, case)
    used = UsedPart.objects.create(
        claim=claim,
        product=product,
        quantity=quantity,
        serial=number,
        serial_fold=normalise_identifier(number),
        used_by=_person(actor),
        used_at=now,
    )
    _tell(case, "part_used", claim, actor, now, {"used": used.pk, "product": product.pk, "quantity": quantity})
    return used


@transaction.atomic
def take_back_part(used_id: int, *, actor: Actor, now: datetime) -> None:
    """It was not built in after all: the row goes, the timeline keeps that it was there."""
    allow(actor)
    case = locked_case(UsedPart.objects.values_list("claim__case_id", flat=True).get(pk=used_id))
    require_state(case, (State.IN_REPAIR,), doing="take_back_part")
    used = UsedPart.objects.select_related("claim").filter(pk=used_id).first()
    if used is None:
        raise Stale(_("This part is taken back already."), code="unchanged")
    data = {"used": used.pk, "product": used.product_id, "quantity": used.quantity}
    used.delete()
    _tell(case, "part_taken_back", used.claim, actor, now, data)


def _at_the_bench(claim_id: int, actor: Actor, doing: str) -> tuple[Case, ClaimedPart]:
    allow(actor)
    case, claim = locked_claim(claim_id)
    require_state(case, (State.IN_REPAIR,), doing=doing)
    if claim.verdict != ClaimedPart.Verdict.COVERED:
        raise NotPossible(_("This part is not covered: the workshop leaves it as it is."), code="not_covered")
    return case, claim


def _person(actor: Actor) -> Any:
    """Who stood at the bench. The desk itself never does."""
    if actor.user is None:
        raise NotAllowed(_("A person of the workshop has to say this."), code="who")
    return actor.user


def _refuse_used(product: Product, serial: str, case: Case) -> None:
    if not serial:
        return
    same = UsedPart.objects.filter(product=product, serial_fold=normalise_identifier(serial))
    before = same.select_related("claim__case").first()
    if before is None:
        return
    if before.claim.case_id == case.pk:
        raise Stale(_("This piece is recorded already."), field="serial", code="unchanged")
    raise NotPossible(
        _("This piece was built in for %(case)s. Read the label again.") % {"case": before.claim.case},
        field="serial",
        code="serial_used",
    )


def _tell(case: Case, name: str, claim: ClaimedPart, actor: Actor, now: datetime, data: dict[str, Any]) -> None:
    about = {"claim": claim.pk, "part": claim.part_id, **data}
    tell(case, CaseEvent.Kind.PART, name, actor=actor, now=now, data=about)
