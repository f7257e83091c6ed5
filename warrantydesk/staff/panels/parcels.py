"""The parcels of the case: where each is, what it carries, what its carrier said, and the forms about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse

from cases.models import Evidence
from cases.queries import cases_visible_to
from products.models import PauseWindow
from shipments.carriers.registry import offered_carriers
from shipments.models import EventKind, RepairShipment, TrackingEvent
from shipments.services.receipts import receipts_in
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.event_words import listed
from warrantydesk.staff.folds import Fold, More

if TYPE_CHECKING:
    from warrantydesk.staff.case_page import Forms

FEW_SCANS = 4
ABOUT_PARCELS = ("confirm_parcel", "cancel_parcel", "enter_scan", "repack_parcel", "mark_lost", "close_lost")


@dataclass(frozen=True)
class ScanLine:
    """`proof_url` where staff attached the paper to what they entered."""

    scan: TrackingEvent
    proof_url: str


@dataclass(frozen=True)
class Receipt:
    name: str
    url: str


@dataclass(frozen=True)
class ParcelPanel:
    """`shared_with` are the other cases that have this very parcel; `handed_in_on` is the customer's own word.
    `lost` is "next" where another parcel has to go out, "close" where a clock waits for a person, else empty."""

    parcel: RepairShipment
    carrier: str
    carries: str
    scans: list[ScanLine]
    forms: dict[str, Fold]
    receipts: list[Receipt]
    handed_in_on: date | None
    shared_with: list[str]
    lost: str
    more_scans: More

    @property
    def is_refused(self) -> bool:
        return any(fold.is_open for fold in self.forms.values())


def parcels_panel(on_desk: CaseOnDesk, forms: "Forms") -> list[ParcelPanel]:
    """Two queries more than the parcels themselves, however many there are."""
    carriers = {code: carrier.name for code, carrier in offered_carriers().items()}
    receipts, shared, holding = receipts_in(on_desk.events), _shared(on_desk), _holding_clocks(on_desk)
    return [
        ParcelPanel(
            parcel=parcel,
            carrier=carriers.get(parcel.carrier, parcel.carrier),
            carries=listed([line.part.label for line in parcel.packed_parts.all()], most=3),
            # Newest first, as a carrier's own page has it.
            scans=[_line(on_desk, scan) for scan in list(parcel.tracking_events.all())[::-1]],
            forms=forms.folds(ABOUT_PARCELS, parcel),
            receipts=_receipts(on_desk, receipts.get(parcel.pk, ())),
            handed_in_on=_handed_in_on(receipts.get(parcel.pk, ())),
            shared_with=shared.get(_same(parcel), []),
            lost=_lost(on_desk, parcel, holding),
            more_scans=forms.more(f"scans-{parcel.pk}", open_anyway=len(parcel.tracking_events.all()) < FEW_SCANS),
        )
        for parcel in on_desk.parcels
    ]


def _line(on_desk: CaseOnDesk, scan: TrackingEvent) -> ScanLine:
    has_file = scan.heard == TrackingEvent.Heard.STAFF and "proof_file" in scan.raw
    return ScanLine(scan, reverse("staff:scan_proof", args=[on_desk.case.reference, scan.pk]) if has_file else "")


def _receipts(on_desk: CaseOnDesk, told: Sequence[Mapping[str, Any]]) -> list[Receipt]:
    wanted = {pk for one in told for pk in one.get("evidence", ())}
    return [Receipt(file.name, _url(on_desk, file)) for file in on_desk.evidence if file.pk in wanted and file.is_kept]


def _url(on_desk: CaseOnDesk, file: Evidence) -> str:
    return reverse("staff:file", args=[on_desk.case.reference, file.pk, "web" if file.web else "original"])


def _handed_in_on(told: Sequence[Mapping[str, Any]]) -> date | None:
    days = [one["handed_in_on"] for one in told if one.get("handed_in_on")]
    return date.fromisoformat(days[-1]) if days else None


def _same(parcel: RepairShipment) -> tuple[str, str, str]:
    return parcel.carrier, parcel.tracking_number, parcel.direction


def _shared(on_desk: CaseOnDesk) -> dict[tuple[str, str, str], list[str]]:
    """The other cases this person may see that have a parcel of ours, under its number."""
    ours = Q()
    for carrier, number, direction in {_same(parcel) for parcel in on_desk.parcels}:
        ours |= Q(carrier=carrier, tracking_number=number, direction=direction)
    if not ours:
        return {}
    theirs = RepairShipment.objects.filter(ours, cancelled_at=None, case__in=cases_visible_to(on_desk.user))
    found: dict[tuple[str, str, str], list[str]] = {}
    rows = theirs.exclude(case=on_desk.case).select_related("case").order_by("case__reference")
    for one in rows[:50]:
        found.setdefault(_same(one), []).append(one.case.reference)
    return found


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
