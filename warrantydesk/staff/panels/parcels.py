"""The parcels of the case: where each is, what it carries, what its carrier said, and the forms about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from products.models import PauseWindow
from shipments.carriers.registry import offered_carriers
from shipments.models import EventKind, RepairShipment
from shipments.services.receipts import receipts_in
from warrantydesk.faces.conversation import FileLink
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.case_rows import Scan
from warrantydesk.staff.event_words import listed
from warrantydesk.staff.folds import Fold, Forms, More

FEW_SCANS = 4
ABOUT_PARCELS = ("confirm_parcel", "cancel_parcel", "enter_scan", "repack_parcel", "mark_lost", "close_lost")


@dataclass(frozen=True)
class ScanLine:
    """`proof_url` where staff attached the paper to what they entered."""

    scan: Scan
    proof_url: str


@dataclass(frozen=True)
class ParcelPanel:
    """`shared_with` are the other cases that have this very parcel; `handed_in_on` is the customer's own word.
    `lost` is "next" where another parcel has to go out, "close" where a clock waits for a person, else empty."""

    parcel: RepairShipment
    carrier: str
    carries: str
    scans: list[ScanLine]
    forms: dict[str, Fold]
    receipts: list[FileLink]
    handed_in_on: date | None
    shared_with: list[str]
    lost: str
    more_scans: More

    @property
    def is_refused(self) -> bool:
        return any(fold.is_open for fold in self.forms.values())


def parcels_panel(on_desk: CaseOnDesk, forms: Forms) -> list[ParcelPanel]:
    if not on_desk.parcels:
        return []
    carriers = {code: carrier.name for code, carrier in offered_carriers().items()}
    receipts, beside, holding = receipts_in(on_desk.events), on_desk.beside, _holding_clocks(on_desk)
    return [
        ParcelPanel(
            parcel=parcel,
            carrier=carriers.get(parcel.carrier, parcel.carrier),
            carries=listed(beside.packed.get(parcel.pk, []), most=3),
            # Newest first, as a carrier's own page has it.
            scans=[_line(on_desk, scan) for scan in on_desk.scans.get(parcel.pk, [])],
            forms=forms.folds(ABOUT_PARCELS, parcel),
            receipts=_receipts(on_desk, receipts.get(parcel.pk, ())),
            handed_in_on=_handed_in_on(receipts.get(parcel.pk, ())),
            shared_with=sorted(set(beside.shared.get(_same(parcel), []))),
            lost=_lost(on_desk, parcel, holding),
            more_scans=forms.more(f"scans-{parcel.pk}", open_anyway=len(on_desk.scans.get(parcel.pk, [])) < FEW_SCANS),
        )
        for parcel in on_desk.parcels
    ]


def _line(on_desk: CaseOnDesk, scan: Scan) -> ScanLine:
    args = [on_desk.case.reference, scan.pk]
    return ScanLine(scan, reverse("staff:scan_proof", args=args) if scan.has_proof else "")


def _receipts(on_desk: CaseOnDesk, told: Sequence[Mapping[str, Any]]) -> list[FileLink]:
    wanted = {pk for one in told for pk in one.get("evidence", ())}
    kept = [file for file in on_desk.evidence if file.pk in wanted and file.is_kept]
    return [FileLink(file.name, on_desk.file_url(file.pk, "web" if file.web else "original")) for file in kept]


def _handed_in_on(told: Sequence[Mapping[str, Any]]) -> date | None:
    days = [one["handed_in_on"] for one in told if one.get("handed_in_on")]
    return date.fromisoformat(days[-1]) if days else None


def _same(parcel: RepairShipment) -> tuple[str, str, str]:
    return parcel.carrier, parcel.tracking_number, parcel.direction


def _lost(on_desk: CaseOnDesk, parcel: RepairShipment, holding: set[int]) -> str:
    if not _is_lost(parcel):
        return ""
    if parcel.direction == RepairShipment.Direction.TO_WORKSHOP:
        return "close" if parcel.pk in holding else ""
    followed = [
        one.pk
        for one in on_desk.parcels
        if one.direction == parcel.direction and one.booked_at > parcel.booked_at and not one.cancelled_at
    ]
    return "" if followed else "next"


def _is_lost(parcel: RepairShipment) -> bool:
    over = parcel.cancelled_at or parcel.proposed or parcel.arrived_at
    return parcel.latest_kind == EventKind.LOST and not over


def _holding_clocks(on_desk: CaseOnDesk) -> set[int]:
    """The lost parcels because of which a clock stands still."""
    lost = [parcel.pk for parcel in on_desk.parcels if _is_lost(parcel)]
    if not lost:
        return set()
    away = PauseWindow.objects.filter(part__packed__shipment__in=lost, source=PauseWindow.Source.TRACKING, back_on=None)
    return {proof["left"] for proof in away.values_list("proof", flat=True) if proof.get("left") in lost}
