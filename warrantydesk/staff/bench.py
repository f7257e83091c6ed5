"""The workshop's page of a case: what has come in, and for each part what was found, done and built in."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from cases.models import Case, ClaimedPart, RepairReport, UsedPart
from cases.models.case import State
from cases.queries import cases_visible_to
from cases.reference import parse_reference
from shipments.models import RepairShipment
from shipments.queries import parcels_that_count
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.folds import Forms
from warrantydesk.staff.forms.base import VerbForm
from warrantydesk.staff.parcels_board import find_parcels

MOST_SHOWN = 40


@dataclass(frozen=True)
class BenchPart:
    claim: ClaimedPart
    reports: list[RepairReport]
    used: list[tuple[UsedPart, VerbForm]]
    forms: dict[str, VerbForm]
    new_serial: str

    @property
    def is_repair(self) -> bool:
        return self.claim.resolution == ClaimedPart.Resolution.REPAIR

    @property
    def stands(self) -> RepairReport | None:
        """The last report: how the part stands now."""
        return self.reports[-1] if self.reports else None


@dataclass(frozen=True)
class Arriving:
    parcel: RepairShipment
    form: VerbForm


def bench_context(on_desk: CaseOnDesk, refused: VerbForm | None = None) -> dict[str, Any]:
    forms = Forms(on_desk, refused)
    to_us = [one for one in on_desk.parcels if one.direction == RepairShipment.Direction.TO_WORKSHOP]
    counting = [one for one in to_us if one.cancelled_at is None]
    return {
        "case": on_desk.case,
        "refused": refused,
        "arriving": [Arriving(one, forms.of("receive_parcel", one)) for one in counting if one.arrived_at is None],
        "arrived": [one for one in counting if one.arrived_at is not None],
        "unannounced": forms.of("receive_unannounced"),
        "start": next((step for step in on_desk.steps if step.name == "start_repair"), None),
        "parts": _parts(on_desk, forms),
        "in_repair": on_desk.case.state == State.IN_REPAIR,
        "quote": on_desk.quote,
        "goes_home_unrepaired": on_desk.goes_home_unrepaired,
        "home_unrepaired": forms.of("plan_unrepaired_return"),
        "spares": sorted({(part.product.sku, part.product.name) for part in on_desk.unit_parts}),
    }


def find_by_code(user: Any, code: str) -> list[Case]:
    """The cases a scanner means: by the address or the reference on the packing slip, or by a parcel's number."""
    if reference := parse_reference(code):
        return list(cases_visible_to(user).filter(reference=reference))
    meant = {parcel.case_id for parcel in find_parcels(code)}
    return list(cases_visible_to(user).filter(pk__in=meant).select_related("customer").order_by("-changed_at"))


def on_the_bench(user: Any) -> QuerySet[Case]:
    """Cases in repair, those that wait longest first."""
    waiting = cases_visible_to(user).filter(state=State.IN_REPAIR).select_related("customer", "unit__line__product")
    return waiting.order_by("changed_at", "pk")[:MOST_SHOWN]


def expected(user: Any) -> list[RepairShipment]:
    """Parcels on their way to us, those that were heard of longest ago first."""
    coming = parcels_that_count().filter(direction=RepairShipment.Direction.TO_WORKSHOP, arrived_at=None)
    seen = coming.filter(case__in=cases_visible_to(user)).select_related("case__customer")
    return list(seen.order_by("latest_event_at", "pk")[:MOST_SHOWN])


def _parts(on_desk: CaseOnDesk, forms: Forms) -> list[BenchPart]:
    """Every part of the claim that is covered. Three queries, however many parts."""
    covered = [claim for claim in on_desk.claims if claim.verdict == ClaimedPart.Verdict.COVERED]
    reports = RepairReport.objects.filter(claim__in=covered).select_related("reported_by").order_by("pk")
    used = UsedPart.objects.filter(claim__in=covered).select_related("product", "used_by").order_by("pk")
    by_claim: dict[int, tuple[list[RepairReport], list[UsedPart]]] = {claim.pk: ([], []) for claim in covered}
    for report in reports:
        by_claim[report.claim_id][0].append(report)
    for one in used:
        by_claim[one.claim_id][1].append(one)
    return [_part(on_desk, forms, claim, *by_claim[claim.pk]) for claim in covered]


def _part(
    on_desk: CaseOnDesk, forms: Forms, claim: ClaimedPart, reports: list[RepairReport], used: list[UsedPart]
) -> BenchPart:
    names = ("report_repair", "use_part", "record_replacement")
    picked = [one for one in claim.part.serial_changes.all() if one.case_reference == on_desk.case.reference]
    return BenchPart(
        claim=claim,
        reports=reports,
        used=[(one, forms.of("take_back_part", one)) for one in used],
        forms={name: forms.of(name, claim) for name in names},
        new_serial=picked[-1].new_serial if picked else "",
    )
