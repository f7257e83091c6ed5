"""One case with 5 parts, 12 files, 30 messages and 4 parcels: a copy of a case of the fill, with more of everything.

Written once and found again by its reference; the fill does not count it among its cases.
"""

import datetime as dt
from typing import Any

from django.db import transaction

from cases.models import Case, CaseEvent, CaseLink, ClaimedPart, Evidence, Message
from cases.reference import PREFIX, check_character
from products.models import CoveredPart
from shipments.models import PackedPart, RepairShipment, TrackingEvent

BODY = "BENCHNXW"
REFERENCE = f"{PREFIX}-{BODY}-{check_character(BODY)}"
FILES, MESSAGES, PARCELS = 12, 30, 4


def busy_case() -> Case:
    return Case.objects.filter(reference=REFERENCE).first() or _write()


@transaction.atomic
def _write() -> Case:
    model = Case.objects.filter(state="in_repair", events__name="start_repair").earliest("pk")
    case = _copies(model, 1, lambda _n: {"reference": REFERENCE})[0]
    parts = list(CoveredPart.objects.filter(unit=case.unit_id).order_by("pk"))
    claim = ClaimedPart.objects.filter(case=model).earliest("pk")
    _copies(claim, len(parts), lambda n: {"case_id": case.pk, "part_id": parts[n].pk})
    message = Message.objects.filter(case=model).earliest("pk")
    _copies(message, MESSAGES, lambda n: {
        "case_id": case.pk, "direction": ("in", "out", "note")[n % 3], "at": message.at + n * dt.timedelta(hours=3),
        "text": f"Word {n}. {message.text}",
    })  # fmt: skip
    file = Evidence.objects.filter(case=model).earliest("pk")
    _copies(file, FILES, lambda n: {
        "case_id": case.pk, "message_id": None, "name": f"photo{n}.jpg", "sha256": f"{n:064x}",
        "original": f"evidence/bench/busy-{n}", "web": f"evidence/bench/busy-{n}-web",
        "thumbnail": f"evidence/bench/busy-{n}-small",
    })  # fmt: skip
    for event in CaseEvent.objects.filter(case=model).order_by("pk"):
        _copies(event, 1, lambda _n: {"case_id": case.pk})
    _parcels(model, case, parts)
    link = CaseLink.objects.filter(case=model, kind="portal").earliest("pk")
    _copies(link, 1, lambda _n: {"case_id": case.pk, "mail_id": None, "token_hash": f"{0:064x}"})
    return case


def _parcels(model: Case, case: Case, parts: list[CoveredPart]) -> None:
    there = RepairShipment.objects.filter(case=model).earliest("pk")
    made = _copies(there, PARCELS, lambda n: {
        "case_id": case.pk, "direction": ("to_workshop", "to_customer")[n % 2], "tracking_number": f"1ZBUSY{n}",
        "here_since": None,
    })  # fmt: skip
    for parcel in made:
        PackedPart.objects.bulk_create(PackedPart(shipment=parcel, part=part) for part in parts)
        for scan in TrackingEvent.objects.filter(shipment=there).order_by("pk"):
            _copies(scan, 1, lambda _n, of=parcel: {"shipment_id": of.pk})


def _copies(row: Any, many: int, changed: Any) -> list[Any]:
    """So many rows like this one, each with what `changed` says of it."""
    model = type(row)
    fields = {
        field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields if not field.primary_key
    }
    return model.objects.bulk_create(model(**{**fields, **changed(number)}) for number in range(many))
