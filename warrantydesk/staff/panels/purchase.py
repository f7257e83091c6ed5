"""What was bought and by whom, whether the request is complete, and what came before."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.queries import cases_visible_to
from cases.rules.lifecycle import MATERIAL
from cases.services.claiming import EDITABLE
from products.models import Customer
from warrantydesk.staff.case_on_desk import CaseOnDesk

MOST_EARLIER = 8
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
    earlier: list[Case]
    can_change: bool

    @property
    def is_complete(self) -> bool:
        return all(check.ok for check in self.checks)


def purchase_panel(on_desk: CaseOnDesk) -> PurchasePanel:
    missing = set(on_desk.missing)
    checks = [Check(code not in missing, CHECKS[code][code in missing]) for code in MATERIAL]
    return PurchasePanel(checks, _other_holder(on_desk.case), list(_earlier(on_desk)), on_desk.case.state in EDITABLE)


def _other_holder(case: Case) -> Customer | None:
    """Whoever the invoice is made out to, where that is not who wrote. Staff see it; the sender never does."""
    if case.invoice is None or case.invoice.customer_id == case.customer_id:
        return None
    return case.invoice.customer


def _earlier(on_desk: CaseOnDesk) -> QuerySet[Case]:
    """Other cases of this unit, of this customer, and the one this fault came back after; newest first."""
    case = on_desk.case
    related = Q(customer=case.customer_id)
    if case.unit_id:
        related |= Q(unit=case.unit_id)
    if case.follows_id:
        related |= Q(pk=case.follows_id)
    others = cases_visible_to(on_desk.user).filter(related | Q(follows=case.pk)).exclude(pk=case.pk)
    return others.order_by("-received_at", "-pk")[:MOST_EARLIER]
