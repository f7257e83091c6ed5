"""The parcels of the case: where each is, what it carries, what its carrier said, and the forms about it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shipments.carriers.registry import offered_carriers
from shipments.models import RepairShipment, TrackingEvent
from warrantydesk.staff.case_on_desk import CaseOnDesk
from warrantydesk.staff.event_words import listed
from warrantydesk.staff.forms.base import VerbForm

if TYPE_CHECKING:
    from warrantydesk.staff.case_page import Forms

ABOUT_PARCELS = ("confirm_parcel", "cancel_parcel", "enter_scan", "repack_parcel")


@dataclass(frozen=True)
class ParcelPanel:
    parcel: RepairShipment
    carrier: str
    carries: str
    scans: list[TrackingEvent]
    forms: dict[str, VerbForm]

    @property
    def is_refused(self) -> bool:
        return any(form.is_bound for form in self.forms.values())


def parcels_panel(on_desk: CaseOnDesk, forms: "Forms") -> list[ParcelPanel]:
    carriers = {code: carrier.name for code, carrier in offered_carriers().items()}
    return [
        ParcelPanel(
            parcel,
            carriers.get(parcel.carrier, parcel.carrier),
            listed([line.part.label for line in parcel.packed_parts.all()], most=3),
            # Newest first, as a carrier's own page has it.
            list(parcel.tracking_events.all())[::-1],
            {name: forms.of(name, parcel) for name in ABOUT_PARCELS},
        )
        for parcel in on_desk.parcels
    ]
