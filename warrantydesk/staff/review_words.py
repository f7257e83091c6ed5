"""Why a person should look at a parcel, in words: the reasons of policy 2.9 and those of the road."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from products.models import PauseWindow
from shipments.models import RepairShipment
from shipments.queries import ASTRAY, FAILURES_TO_SEE

WHY: Mapping[str, Promise] = {
    "inferred_handover": _("The first scan is not the hand-over itself: did it leave earlier?"),
    "date_only": _("A scan without a time decides a day."),
    "delivery_followed_by_movement": _("It moved on after it was delivered."),
    "delivery_voided": _("The carrier took its delivery back."),
    "lost": _("The carrier says it is lost."),
    "unknown_code": _("The carrier used a code nobody here knows."),
    "contradictory_order": _("It was delivered before it was handed over."),
    "future_event": _("A scan lies in the future."),
    "returned_to_sender": _("It goes back to its sender while a clock stands still."),
    "carrier_fails": _("Its carrier has not answered for long."),
}


def reasons_in_words(codes: Iterable[str]) -> list[str]:
    """Each reason once, in the order of the table; one the table lacks is shown as it is called."""
    wanted = set(codes)
    known = [str(WHY[code]) for code in WHY if code in wanted]
    return known + sorted(code.replace("_", " ") for code in wanted - WHY.keys())


def reasons_of(parcels: Sequence[RepairShipment]) -> dict[int, list[str]]:
    """Why each of these parcels is to be looked at. One query however many there are."""
    codes = {parcel.pk: {*parcel.review_reasons, *_own_reasons(parcel)} for parcel in parcels}
    for pk, found in _window_reasons(list(codes)).items():
        codes[pk] |= found
    return {pk: reasons_in_words(found) for pk, found in codes.items()}


def _own_reasons(parcel: RepairShipment) -> Iterable[str]:
    if parcel.settle_at is not None:
        yield "future_event"
    if parcel.latest_kind in ASTRAY and parcel.arrived_at is None:
        yield parcel.latest_kind
    if parcel.look_failures >= FAILURES_TO_SEE:
        yield "carrier_fails"


def _window_reasons(parcel_ids: Sequence[int]) -> dict[int, set[str]]:
    """The reasons of the doubtful windows an end of which the parcel proves."""
    rows = PauseWindow.objects.filter(
        part__packed__shipment__in=parcel_ids,
        source=PauseWindow.Source.TRACKING,
        certainty=PauseWindow.Certainty.PROVISIONAL,
    ).exclude(review_reasons=[])
    found: dict[int, set[str]] = defaultdict(set)
    for parcel_id, proof, reasons in rows.values_list("part__packed__shipment", "proof", "review_reasons"):
        if parcel_id in (proof.get("left"), proof.get("back")):
            found[parcel_id] |= set(reasons)
    return found
