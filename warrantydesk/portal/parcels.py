"""The parcels of a repair in the customer's words: who carries it, where it was last seen, and what that means."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from shipments.carriers import simulated
from shipments.carriers.manual import ANY
from shipments.carriers.registry import find_carrier
from shipments.models import RepairShipment, TrackingEvent
from warrantydesk.faces import formats
from warrantydesk.faces.statuses import status_of
from warrantydesk.portal.case_of_customer import CaseOfCustomer


@dataclass(frozen=True)
class ParcelPanel:
    """One parcel. `status` is a code of the table of statuses, empty while the carrier has said nothing."""

    direction: str
    carrier: str
    number: str
    status: str
    last_seen: str
    proposed: bool
    simulated: bool


def parcels_panel(page: CaseOfCustomer) -> list[ParcelPanel]:
    """Newest first: an old parcel is history."""
    return [_panel(parcel) for parcel in reversed(page.parcels)]


def _panel(parcel: RepairShipment) -> ParcelPanel:
    return ParcelPanel(
        direction=parcel.direction,
        carrier=carrier_name(parcel),
        number=parcel.tracking_number,
        status="" if parcel.proposed else parcel.latest_kind,
        last_seen="" if parcel.proposed else _seen(_latest(parcel)),
        proposed=parcel.proposed,
        simulated=parcel.carrier == simulated.CODE,
    )


def words_of_parcel(parcel: RepairShipment) -> str:
    """DHL · On the road · 5 Mar 2026, Bergen."""
    said = status_of(parcel.latest_kind, "shipment").customer if parcel.latest_kind else _("Not handed over yet")
    words = [carrier_name(parcel), str(said), _seen(_latest(parcel))]
    return " · ".join(word for word in words if word)


def carrier_name(parcel: RepairShipment) -> str:
    """DHL, UPS, …; nothing where nobody recognised the carrier, and its code where it is not on offer any more."""
    if parcel.carrier == ANY:
        return ""
    carrier = find_carrier(parcel.carrier)
    return str(carrier.name) if carrier else parcel.carrier


def _latest(parcel: RepairShipment) -> TrackingEvent | None:
    """The scan that `latest_kind` speaks of; the last one of all where a correction hid it."""
    scans = list(parcel.tracking_events.all())
    return next((scan for scan in reversed(scans) if scan.kind == parcel.latest_kind), scans[-1] if scans else None)


def _seen(scan: TrackingEvent | None) -> str:
    if scan is None:
        return ""
    return f"{formats.day(scan.occurred_on)}, {scan.place}" if scan.place else formats.day(scan.occurred_on)
