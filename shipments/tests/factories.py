"""Parcels to test with, booked and scanned by the verbs of the desk; scans in one line of text each."""

from __future__ import annotations

import datetime as dt
import itertools
from random import Random
from typing import Any

import factory

from cases.actors import Actor
from cases.models import Case
from cases.tests.factories import CaseFactory, staff
from shipments.carriers.base import TrackedEvent
from shipments.carriers.simulated import new_number
from shipments.models import RepairShipment
from shipments.number_formats import ups
from shipments.services import book, record_events

NOW = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
BOOKED_AT = dt.datetime(2025, 11, 8, 12, tzinfo=dt.UTC)  # three days after the decision of a CaseFactory case
BERLIN = dt.timezone(dt.timedelta(hours=1))
CODES = {"picked_up": "PU", "delivered": "DL", "in_transit": "AR", "out_for_delivery": "OD", "label": "OC"}

_random = Random(20251201)
_serial = itertools.count(1)


def simulated_number(days: int = 2, **zones: str) -> str:
    return new_number(days, _random, **{"origin": "Europe/Berlin", "destination": "Europe/Berlin", **zones})


def ups_number() -> str:
    """A UPS number nobody else in this test has, its check digit in order."""
    body = f"1Z999AA1{next(_serial):09d}"
    return next(f"{body}{digit}" for digit in range(10) if ups(f"{body}{digit}"))


def scan(kind: str, when: str, code: str | None = None, **fields: Any) -> TrackedEvent:
    """`when` is a day, or a local time in Berlin, or a time with its offset: `2025-11-12`, `2025-11-12T10:00`."""
    fields.setdefault("code", CODES.get(kind, kind.upper()) if code is None else code)
    if "T" not in when:
        return TrackedEvent(kind=kind, occurred_on=dt.date.fromisoformat(when), **fields)
    at = dt.datetime.fromisoformat(when)
    return TrackedEvent(kind=kind, occurred_at=at if at.tzinfo else at.replace(tzinfo=BERLIN), **fields)


OUT = (scan("picked_up", "2025-11-12T10:00"), scan("delivered", "2025-11-14T09:00"))
BACK = (scan("picked_up", "2025-11-22T10:00"), scan("delivered", "2025-11-24T15:00"))


class ShipmentFactory(factory.Factory):
    """A UPS parcel to the workshop of an approved case, booked by support. `events` are recorded as polled."""

    class Meta:
        model = RepairShipment

    direction = "to_workshop"
    carrier = "ups"
    tracking_number = factory.LazyFunction(ups_number)
    booked_at = BOOKED_AT

    @classmethod
    def _create(cls, model_class: type[RepairShipment], *args: Any, **given: Any) -> RepairShipment:
        case: Case = given.pop("case", None) or CaseFactory(state="approved")
        events, now = given.pop("events", ()), given.pop("now", NOW)
        actor: Actor = given.pop("actor", None) or staff("support")
        shipment = book(case.pk, actor=actor, now=now, **given)
        if events:
            record_events(shipment.pk, events, heard="poll", now=now)
        return RepairShipment.objects.get(pk=shipment.pk)
