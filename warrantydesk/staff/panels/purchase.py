"""What was bought and by whom, whether the request is complete, and what came before."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.rules.lifecycle import MATERIAL
from cases.services.claiming import EDITABLE
from products.models import CoveredPart, Customer
from warrantydesk.staff.case_beside import Before
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.case_rows import Related

MOST_EARLIER = 8
SAME_REQUEST_WITHIN = timedelta(days=14)
CHECKS: dict[str, tuple[Promise, Promise]] = {
    "invoice": (_("Invoice matched"), _("No invoice matched yet")),
    "serial": (_("Product matched by its serial number"), _("No product matched yet")),
    "part": (_("Part named"), _("Which part is not confirmed yet")),
    "description": (_("Description"), _("What happened is not described")),
    "evidence": (_("Photo or video"), _("Photo or video missing")),
}


@dataclass(frozen=True)
class Check:
    ok: bool
    words: Any


@dataclass(frozen=True)
class PurchasePanel:
    """`can_change`: purchase, parts and description may still change, as the services see it. Later the forms would
    only be in the way; whether a change happens is theirs to say all the same."""

    checks: list[Check]
    holder: Customer | None
    earlier: list[Related]
    can_change: bool
    suspects: list[Related]
    record: list["Serviced"]


def purchase_panel(on_desk: CaseOnDesk) -> PurchasePanel:
    missing = set(on_desk.missing)
    checks = [Check(code not in missing, CHECKS[code][code in missing]) for code in MATERIAL]
    case, earlier = on_desk.case, on_desk.related_cases[:MOST_EARLIER]
    suspects = [other for other in earlier if _perhaps_the_same(case, other)]
    return PurchasePanel(
        checks, _other_holder(case), earlier, case.state in EDITABLE, suspects, service_record(on_desk)
    )


def _perhaps_the_same(case: Case, other: Related) -> bool:
    """Whether the two may be one request sent twice: the same customer or product, days apart, both still open.

    Two products of one customer, both known, are two requests.
    """
    if not (case.is_open and other.is_open) or abs(case.received_at - other.received_at) > SAME_REQUEST_WITHIN:
        return False
    return case.unit_id is None or other.unit_id is None or case.unit_id == other.unit_id


@dataclass(frozen=True)
class Serviced:
    """One claimed part that has a past: the serials it carried, oldest first, and what was decided about it before."""

    label: str
    serials: str
    before: list[Before]


def service_record(on_desk: CaseOnDesk) -> list[Serviced]:
    """What was done to the very parts of this case before, by the chain of their serials."""
    parts, before = [claim.part for claim in on_desk.claims], on_desk.beside.before
    lines = [Serviced(part.label, _chain(part), before.get(part.pk, [])[:MOST_EARLIER]) for part in parts]
    return [line for line in lines if line.before or line.serials]


def _chain(part: CoveredPart) -> str:
    """Every serial the part carried, "" where it never changed."""
    changes = sorted(part.serial_changes.all(), key=lambda change: change.pk)
    return " → ".join([*(change.old_serial for change in changes), part.serial]) if changes else ""


def _other_holder(case: Case) -> Customer | None:
    """Whoever the invoice is made out to, where that is not who wrote. Staff see it; the sender never does."""
    if case.invoice is None or case.invoice.customer_id == case.customer_id:
        return None
    return case.invoice.customer
