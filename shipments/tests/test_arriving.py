"""The box on the workshop's table: proof of arrival, whoever carried it, and the repair that follows."""

import datetime as dt

import pytest

from cases.actors import Actor
from cases.errors import NotAllowed, NotPossible, Stale
from cases.models import Case
from cases.tests.factories import DECIDED_AT, CaseFactory, quote, staff
from shipments import services as parcels
from shipments.models import RepairShipment

pytestmark = pytest.mark.django_db
NOW = DECIDED_AT + dt.timedelta(days=4)


@pytest.fixture
def support() -> Actor:
    return staff("support")


def booked(case: Case, actor: Actor, *, direction: str = "to_workshop", number: str = "ABC12345") -> RepairShipment:
    return parcels.book(
        case.pk, direction=direction, carrier="manual", tracking_number=number, actor=actor, now=DECIDED_AT
    )


def state_of(case: Case) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=case.pk)


@pytest.mark.parametrize(("carrier", "number"), [("manual", "ABC12345"), ("dhl", "00340434292135100186")])
def test_parcel_in_hand_begins_the_repair_and_opens_the_pause(support: Actor, carrier: str, number: str) -> None:
    case = CaseFactory(state="approved")
    parcel = parcels.book(
        case.pk, direction="to_workshop", carrier=carrier, tracking_number=number, actor=support, now=DECIDED_AT
    )
    parcel = parcels.receive_parcel(parcel.pk, actor=support, now=NOW)
    assert parcel.arrived_at is not None
    assert state_of(case) == "in_repair"
    window = case.claimed_parts.get().part.pauses.get()
    assert (window.left_on, window.back_on) == (NOW.date(), None)
    scan = parcel.tracking_events.get()
    assert scan.text == f"Scanned in the workshop by {support.user}."
    assert scan.recorded_by == support.user


def test_repair_waits_when_the_quote_is_not_answered(support: Actor) -> None:
    case = CaseFactory(state="approved")
    quote(case)
    parcels.receive_parcel(booked(case, support).pk, actor=support, now=NOW)
    assert state_of(case) == "approved"
    assert case.events.filter(name="waits").exists()


def test_parcel_nobody_told_us_of_is_booked_and_received_once_a_day(support: Actor) -> None:
    case = CaseFactory(state="approved")
    parcel = parcels.receive_unannounced(case.pk, actor=support, now=NOW)
    assert (parcel.carrier, parcel.direction, state_of(case)) == ("manual", "to_workshop", "in_repair")
    with pytest.raises(Stale):
        parcels.receive_unannounced(case.pk, actor=support, now=NOW)


def test_proposed_parcel_is_confirmed_by_being_here(support: Actor) -> None:
    case = CaseFactory(state="approved")
    proposed = parcels.book(
        case.pk, direction="to_workshop", carrier="manual", tracking_number="XYZ98765", proposed=True,
        actor=Actor.customer(), now=DECIDED_AT,
    )  # fmt: skip
    assert not parcels.receive_parcel(proposed.pk, actor=support, now=NOW).proposed
    assert state_of(case) == "in_repair"


def test_arrival_is_refused_when_it_cannot_be(support: Actor) -> None:
    case = CaseFactory(state="approved")
    home, coming = booked(case, support, direction="to_customer", number="HOME12345"), booked(case, support)
    with pytest.raises(NotPossible, match="goes to the customer"):
        parcels.receive_parcel(home.pk, actor=support, now=NOW)
    with pytest.raises(NotAllowed):
        parcels.receive_parcel(coming.pk, actor=staff("viewer"), now=NOW)
    parcels.receive_parcel(coming.pk, actor=support, now=NOW)
    with pytest.raises(Stale, match="arrived on"):
        parcels.receive_parcel(coming.pk, actor=support, now=NOW)
    given_up = booked(case, support, number="LOST12345")
    parcels.cancel(given_up.pk, why="wrong number", actor=support, now=NOW)
    with pytest.raises(NotPossible, match="given up"):
        parcels.receive_parcel(given_up.pk, actor=support, now=NOW)
