"""A tracking number in a customer's mail becomes a proposed parcel: staff confirm it or give it up, and until then
nobody is asked about it and nothing follows from it."""

import logging
from datetime import datetime

from cases.actors import Actor
from cases.models import Case
from products.errors import Refused
from shipments.carriers.registry import identify, suggest_carrier
from shipments.models import RepairShipment
from shipments.services import book
from warrantydesk.intake.reading import Candidate, FoundIn, ReadMail

log = logging.getLogger(__name__)
MOST_PROPOSED = 3  # a mail that names more parcels than that is read by a person
SHORTEST_BY_LABEL = 8


def propose_parcels(mail: ReadMail, case: Case, now: datetime) -> list[RepairShipment]:
    """The parcels to the workshop this reply names, each once in the life of a case. Call it in a transaction."""
    if not case.is_open:
        return []
    numbers = {_normalised(one): None for one in mail.tracking_candidates if _is_a_parcel(one, mail)}
    if not numbers:
        return []
    known = set(
        RepairShipment.objects.filter(case=case, tracking_number__in=numbers).values_list("tracking_number", flat=True)
    )
    fresh = [number for number in numbers if number not in known]
    booked = (_propose(case, number, now) for number in fresh[:MOST_PROPOSED])
    return [shipment for shipment in booked if shipment is not None]


def _is_a_parcel(candidate: Candidate, mail: ReadMail) -> bool:
    """A label says so, or a check digit that fits. Quoted words may be ours, naming the parcel that we sent."""
    others = {one.value for one in (*mail.invoice_candidates, *mail.serial_candidates)}
    if candidate.found_in == FoundIn.QUOTED or candidate.value in others:
        return False
    found = identify(candidate.value)
    if candidate.labelled:
        return found.may_be_kept and len(found.normalised) >= SHORTEST_BY_LABEL
    return any(one.check == "ok" for one in found.candidates)


def _normalised(candidate: Candidate) -> str:
    return identify(candidate.value).normalised


def _propose(case: Case, number: str, now: datetime) -> RepairShipment | None:
    try:
        return book(
            case.pk,
            direction=RepairShipment.Direction.TO_WORKSHOP,
            carrier=suggest_carrier(number),
            tracking_number=number,
            proposed=True,
            actor=Actor.customer(),
            now=now,
        )
    except Refused as refused:
        # The words stay in the conversation, where staff read them; only the shortcut is missing.
        log.info("case %s: a number of a mail is no parcel: %s", case.reference, refused.code)
        return None
