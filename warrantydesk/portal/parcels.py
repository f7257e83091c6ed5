"""The parcels of a repair in the customer's words: who carries it, where it was last seen, and what that means."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from cases.models import Evidence
from shipments.carriers import simulated
from shipments.carriers.manual import ANY
from shipments.models import RepairShipment, TrackingEvent
from shipments.packing_slip import workshop_lines
from shipments.services.correcting import may_be_corrected
from shipments.services.receipts import receipts_in
from warrantydesk.faces import formats
from warrantydesk.faces.conversation import FileLink
from warrantydesk.faces.statuses import status_of
from warrantydesk.portal.case_of_customer import WORKING, CaseOfCustomer
from warrantydesk.portal.forms import CaseForm
from warrantydesk.portal.page_forms import Forms
from warrantydesk.portal.situation import Situation
from warrantydesk.portal.talk import url_of

# Where the customer may send, or may have sent, a parcel on their own.
PARCEL_MAY_TRAVEL = (Situation.QUOTE_OPEN, Situation.APPROVED, Situation.PARCEL_TO_US)


@dataclass(frozen=True)
class ParcelPanel:
    """One parcel. `status` is a code of the table of statuses, empty while the carrier has said nothing. `forms` are
    those that are possible: correct and take-back until a carrier has it, receipt as long as it is not here."""

    key: int
    direction: str
    carrier: str
    number: str
    status: str
    last_seen: str
    proposed: bool
    simulated: bool
    receipts: Sequence[FileLink] = ()
    handed_in_on: date | None = None
    forms: dict[str, CaseForm] = field(default_factory=dict)


@dataclass(frozen=True)
class Sending:
    """How something gets to us. `is_next` while nothing has been sent: then it is the thing to do."""

    workshop: Sequence[str]
    is_next: bool
    costs_open: bool


def parcels_panel(page: CaseOfCustomer, forms: Forms) -> list[ParcelPanel]:
    """Newest first: an old parcel is history."""
    receipts = receipts_in(page.events)
    return [_panel(page, forms, parcel, receipts.get(parcel.pk, ())) for parcel in reversed(page.parcels)]


def sending_panel(page: CaseOfCustomer) -> Sending | None:
    """The way to the workshop, once the approval is told and as long as something is expected there."""
    if page.shown_state not in WORKING or not page.has_repairs or page.goes_home_unrepaired:
        return None
    return Sending(workshop_lines(), page.latest_to_us is None, page.quote_is_open)


def may_tell_number(page: CaseOfCustomer, situation: Situation) -> bool:
    return situation in PARCEL_MAY_TRAVEL and page.has_repairs


def _panel(
    page: CaseOfCustomer, forms: Forms, parcel: RepairShipment, receipts: Sequence[dict[str, Any]]
) -> ParcelPanel:
    said = [told["handed_in_on"] for told in receipts if told.get("handed_in_on")]
    return ParcelPanel(
        key=parcel.pk,
        direction=parcel.direction,
        carrier=carrier_name(page, parcel),
        number=parcel.tracking_number,
        status="" if parcel.proposed else parcel.latest_kind,
        last_seen="" if parcel.proposed else _seen(_latest(parcel)),
        proposed=parcel.proposed,
        simulated=parcel.carrier == simulated.CODE,
        receipts=[FileLink(file.name, url_of(file)) for file in _files(page, receipts)],
        handed_in_on=date.fromisoformat(said[-1]) if said else None,
        forms=_forms(forms, parcel),
    )


def _files(page: CaseOfCustomer, receipts: Sequence[dict[str, Any]]) -> list[Evidence]:
    wanted = {pk for told in receipts for pk in told.get("evidence", ())}
    return [file for file in page.files if file.pk in wanted and file.is_kept]


def forms_possible(parcel: RepairShipment) -> list[str]:
    """What its customer can do about a parcel now, by the names of the verbs."""
    if parcel.direction != RepairShipment.Direction.TO_WORKSHOP:
        return []
    own = ["correct", "take-back"] if may_be_corrected(parcel) else []
    return [*own, "receipt"] if parcel.arrived_at is None else own


def _forms(forms: Forms, parcel: RepairShipment) -> dict[str, CaseForm]:
    typed = {"tracking_number": parcel.tracking_number, "carrier": parcel.carrier}
    return {name.replace("-", "_"): forms.about(name, parcel.pk, **typed) for name in forms_possible(parcel)}


def words_of_parcel(page: CaseOfCustomer, parcel: RepairShipment) -> str:
    """DHL · On the road · 5 Mar 2026, Bergen."""
    said = status_of(parcel.latest_kind, "shipment").customer if parcel.latest_kind else _("Not handed over yet")
    words = [carrier_name(page, parcel), str(said), _seen(_latest(parcel))]
    return " · ".join(word for word in words if word)


def carrier_name(page: CaseOfCustomer, parcel: RepairShipment) -> str:
    """DHL, UPS, …; nothing where nobody recognised the carrier, and its code where it is not on offer any more."""
    if parcel.carrier == ANY:
        return ""
    carrier = page.carriers.get(parcel.carrier)
    return str(carrier.name) if carrier else parcel.carrier


def _latest(parcel: RepairShipment) -> TrackingEvent | None:
    """The scan that `latest_kind` speaks of; the last one of all where a correction hid it."""
    scans = list(parcel.tracking_events.all())
    return next((scan for scan in reversed(scans) if scan.kind == parcel.latest_kind), scans[-1] if scans else None)


def _seen(scan: TrackingEvent | None) -> str:
    if scan is None:
        return ""
    return f"{formats.day(scan.occurred_on)}, {scan.place}" if scan.place else formats.day(scan.occurred_on)
