"""The tour's parcel: a case whose days away one can watch, a station of the simulated carrier at a time.

Its parcels were booked weeks ago, so that every scan lies in the past, and nobody asks the carrier about them but the
tour: `step` tells the desk what was known at the next station, through the service every scan comes by.
"""

import datetime as dt
from random import Random

from django.db import transaction
from django.db.models import Q

from cases.actors import Actor
from cases.models import Case
from cases.services import tagging
from products.models import CoveredPart, Invoice
from shipments.carriers.base import TrackedEvent
from shipments.carriers.simulated import CODE, ZONES, journey, new_number
from shipments.models import RepairShipment, TrackingEvent
from shipments.services import book, record_events
from warrantydesk.accounts.models import User
from warrantydesk.demo.stories import Staff, Story, approve, open_story

TAG = "Tour"
WORKSHOP = "Europe/Berlin"
BEGAN = dt.timedelta(days=24)
TO_US, REPAIRED_IN, HOME = 4, dt.timedelta(days=3), 3
# What happens at one station is told at one press of the button.
STATIONS = {"label": 0, "picked_up": 0, "in_transit": 1, "out_for_delivery": 2, "delivered": 2}


class NothingLeftError(LookupError):
    """No sold unit is left that nobody has claimed anything of: the demo data is used up."""


def case_on_tour() -> Case | None:
    """The case of the latest journey, finished or not; None before the first."""
    return Case.objects.filter(tags__name=TAG).select_related("customer").order_by("-id").first()


def is_over(case: Case) -> bool:
    return bool(case.state == "returned")


def begin(now: dt.datetime) -> Case:
    """A new request about one motor, judged and approved three weeks ago, its parcel booked and not yet collected.

    NothingLeftError where the demo has no purchase left for it.
    """
    part = _unclaimed_part(now)
    story = Story(_staff(), Random(), at=now - BEGAN, end=now)
    case = open_story(story, part.unit.line.invoice, [part], photos=2)
    reviewer = approve(story, "repair")
    tagging.tag_case(case.pk, name=TAG, actor=reviewer, now=story.at)
    _send(case, "to_workshop", TO_US, story.at)
    return case


def step(case_id: int, now: dt.datetime) -> list[TrackedEvent]:
    """Go on to the next station; the scans told there, none once the parcel is home."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
        parcel = case.repair_shipments.order_by("booked_at", "id").last()
        if parcel is None or is_over(case):
            return []
        if parcel.arrived_at and parcel.direction == "to_workshop":
            parcel = _send(case, "to_customer", HOME, _arrival(parcel) + REPAIRED_IN)
        events = _next_station(parcel, now)
        record_events(parcel.pk, events, heard=TrackingEvent.Heard.POLL, now=now)
        _ask_nobody(parcel.pk)
    return events


def _next_station(parcel: RepairShipment, now: dt.datetime) -> list[TrackedEvent]:
    known = set(TrackingEvent.objects.filter(shipment=parcel).values_list("fact", flat=True))
    ahead = [event for event in journey(parcel.tracking_number, parcel.booked_at, now) if event.fact not in known]
    return [event for event in ahead if STATIONS[event.kind] == STATIONS[ahead[0].kind]]


def _send(case: Case, direction: str, days: int, booked_at: dt.datetime) -> RepairShipment:
    ends = (_zone_of(case), WORKSHOP)
    origin, destination = ends if direction == "to_workshop" else ends[::-1]
    with transaction.atomic():
        parcel = book(
            case.pk,
            direction=direction,
            carrier=CODE,
            tracking_number=new_number(days, Random(), origin=origin, destination=destination),
            booked_at=booked_at,
            actor=Actor.staff(_staff()["support"][0]),
            now=max(booked_at, case.changed_at),
        )
        _ask_nobody(parcel.pk)
    return parcel


def _ask_nobody(parcel_id: int) -> None:
    """The sweep would tell the whole journey at once."""
    RepairShipment.objects.filter(pk=parcel_id).update(next_look_at=None)


def _arrival(parcel: RepairShipment) -> dt.datetime:
    latest = TrackingEvent.objects.filter(shipment=parcel, kind="delivered").latest("occurred_at")
    return latest.occurred_at  # type: ignore[return-value]  # the simulated carrier always tells the time


def _zone_of(case: Case) -> str:
    return case.customer.time_zone if case.customer.time_zone in ZONES else ZONES[1]


def _staff() -> Staff:
    people = User.objects.filter(is_active=True, email__endswith="@desk.example").order_by("id")
    return {role: list(people.filter(groups__name=role)) for role in ("reviewer", "support")}


def _unclaimed_part(now: dt.datetime) -> CoveredPart:
    """A motor of a kit sold most of a year ago, nobody's trouble so far; English-speaking customers first."""
    begun = (now - BEGAN).date()
    bought = Q(issued_on__gt=begun - dt.timedelta(days=355), issued_on__lt=begun - dt.timedelta(days=20))
    invoices = Invoice.objects.filter(bought, cases=None, customer__email__contains="@mail.")
    english = Q(unit__line__invoice__customer__language="en")
    parts = CoveredPart.objects.filter(unit__line__invoice__in=invoices, is_lot=False, category="motor")
    ordered = parts.select_related("unit__line__invoice__customer").order_by("unit__line__invoice__issued_on", "id")
    found = ordered.filter(english).first() or ordered.first()
    if found is None:
        raise NothingLeftError
    return found
