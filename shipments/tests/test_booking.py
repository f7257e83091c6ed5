"""Booking a parcel: whose number, what is in it, and who may; confirming, repacking and cancelling it."""

import datetime as dt

import pytest

from cases.actors import Actor
from cases.errors import NotAllowed
from cases.models import Case, CaseEvent
from cases.services import opening, quoting, repairing
from cases.tests.factories import CaseFactory, quote, staff
from products.errors import Refused
from products.models import PauseWindow
from products.tests.factories import CoveredPartFactory, InvoiceFactory, parts_of
from shipments.models import RepairShipment
from shipments.services import book, cancel, confirm, record_events, repack
from shipments.tests.factories import BACK, BOOKED_AT, NOW, OUT, ShipmentFactory, simulated_number, ups_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approved")]


@pytest.fixture
def kit_case(db) -> Case:
    """A case about the X motor of a kit of five parts."""
    parts = parts_of(InvoiceFactory())
    customer = parts[0].unit.line.invoice.customer
    return CaseFactory(state="approved", parts=[parts[1]], customer=customer)


def packed(shipment: RepairShipment) -> list[int]:
    return sorted(line.part_id for line in shipment.packed_parts.all())


def booked(case: Case, actor: Actor, **given) -> RepairShipment:
    wanted = {"direction": "to_workshop", "carrier": "ups", "tracking_number": ups_number(), **given}
    return book(case.pk, actor=actor, now=NOW, **wanted)


def test_book_packs_the_claimed_parts(kit_case, support):
    shipment = booked(kit_case, support)
    assert packed(shipment) == [claim.part_id for claim in kit_case.claimed_parts.all()]
    assert (shipment.booked_at, shipment.booked_by, shipment.whole_product) == (NOW, support.user, False)


def test_book_packs_every_part_when_the_whole_product_travels(kit_case, support):
    shipment = booked(kit_case, support, whole_product=True)
    assert packed(shipment) == sorted(part.pk for part in kit_case.unit.parts.all())
    assert len(packed(shipment)) == 5


def test_book_packs_the_parts_named(kit_case, support):
    chosen = list(kit_case.unit.parts.values_list("pk", flat=True))[:2]
    assert packed(booked(kit_case, support, part_ids=chosen)) == chosen


def test_book_normalises_the_number_and_tells_the_case(case, support):
    shipment = booked(case, support, tracking_number=" 1z 999 aa1 01 2345 6784 ")
    event = CaseEvent.objects.get(case=case, kind="shipment", name="booked")
    assert shipment.tracking_number == "1Z999AA10123456784"
    assert event.data["shipment"] == shipment.pk
    assert event.actor == support.user


@pytest.mark.parametrize(
    ("carrier", "number", "code"),
    [
        pytest.param("ups", "1Z999AA10123456785", "check_digit", id="check-digit"),
        pytest.param("ups", "no number at all", "no_digit", id="words"),
        pytest.param("manual", "no number at all", "no_digit", id="words-for-any-carrier"),
        pytest.param("ups", "", "empty", id="empty"),
        pytest.param("ups", "986578788855", "other", id="another-carriers"),
        pytest.param("manual", "1Z999AA10123456784, 1Z5R89390357567127", "several", id="two-at-once"),
    ],
)
def test_book_refuses_the_number_when_it_is_none_of_this_carrier(case, support, carrier, number, code):
    with pytest.raises(Refused, match="Tracking number") as refusal:
        booked(case, support, carrier=carrier, tracking_number=number)
    assert (refusal.value.field, refusal.value.code) == ("tracking_number", code)
    assert not RepairShipment.objects.exists()


def test_book_keeps_an_unknown_number_when_the_carrier_is_followed_by_hand(case, support):
    shipment = booked(case, support, carrier="manual", tracking_number="my-hermes 1234 5678")
    assert (shipment.tracking_number, shipment.next_look_at) == ("MYHERMES12345678", None)


@pytest.mark.usefixtures("simulated")
def test_book_asks_for_a_look_when_the_carrier_can_be_asked(
    case, support, django_capture_on_commit_callbacks, monkeypatch
):
    woken: list[int] = []
    monkeypatch.setattr("shipments.tasks.look.apply_async", lambda args, **_how: woken.extend(args))
    with django_capture_on_commit_callbacks(execute=True):
        shipment = booked(case, support, carrier="simulated", tracking_number=simulated_number())
    assert (shipment.next_look_at, woken) == (NOW, [shipment.pk])


def test_book_refuses_the_simulated_carrier_when_it_is_switched_off(case, support, settings):
    settings.SIMULATED_CARRIER = False
    with pytest.raises(Refused) as refusal:
        booked(case, support, carrier="simulated", tracking_number=simulated_number())
    assert refusal.value.field == "carrier"


def test_book_takes_the_past_and_refuses_the_future(case, support):
    assert booked(case, support, booked_at=BOOKED_AT).booked_at == BOOKED_AT
    with pytest.raises(Refused) as refusal:
        booked(case, support, booked_at=NOW + dt.timedelta(seconds=1))
    assert refusal.value.field == "booked_at"


def test_book_refuses_a_direction_that_does_not_exist(case, support):
    with pytest.raises(Refused) as refusal:
        booked(case, support, direction="home")
    assert refusal.value.field == "direction"


@pytest.mark.parametrize("direction", ["to_workshop", "to_customer"])
def test_book_refuses_a_number_when_it_is_booked_already(case, support, direction):
    first = booked(case, support)
    with pytest.raises(Refused) as refusal:
        booked(case, support, tracking_number=first.tracking_number.lower(), direction=direction)
    assert (refusal.value.field, refusal.value.code) == ("tracking_number", "duplicate")


def test_book_takes_a_number_again_when_it_was_cancelled(case, support):
    first = booked(case, support)
    cancel(first.pk, why="Wrong case.", actor=support, now=NOW)
    again = booked(case, support, tracking_number=first.tracking_number)
    assert (again.pk, again.cancelled_at) == (first.pk, None)


def test_book_refuses_a_part_when_it_is_of_another_purchase(case, support):
    foreign = CoveredPartFactory()
    with pytest.raises(Refused) as refusal:
        booked(case, support, part_ids=[foreign.pk])
    assert (refusal.value.field, refusal.value.code) == ("part_ids", "part_foreign")


def test_book_refuses_a_parcel_when_nothing_is_in_it(support):
    unmatched = CaseFactory(matched=False)
    with pytest.raises(Refused) as refusal:
        booked(unmatched, support)
    assert refusal.value.code == "empty"
    with pytest.raises(Refused) as refusal:
        booked(unmatched, support, whole_product=True)
    assert refusal.value.field == "whole_product"


@pytest.mark.parametrize("role", ["viewer", "administrator"])
def test_book_refuses_a_colleague_when_parcels_are_not_theirs_to_handle(case, role):
    with pytest.raises(NotAllowed):
        booked(case, staff(role))


def test_book_refuses_to_send_anything_while_the_quote_is_unanswered(case, support):
    quote(case, "35.00")
    with pytest.raises(Refused) as refusal:
        booked(case, support, direction="to_customer")
    assert refusal.value.code == "quote_unanswered"
    assert booked(case, support, direction="to_workshop").pk


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_book_sends_when_the_quote_is_answered(case, support, answer):
    quote(case, "35.00", answer=answer)
    assert booked(case, support, direction="to_customer").pk


def test_book_sends_home_unrepaired_while_the_quote_is_unanswered(case, support):
    quote(case, "35.00")
    repairing.plan_unrepaired_return(case.pk, why="Melted.", beyond_repair=True, actor=support, now=NOW)
    assert not quoting.quote_is_cleared(case)
    assert booked(case, support, direction="to_customer").pk


def test_proposed_parcel_counts_for_nothing_until_it_is_confirmed(case, support):
    shipment = booked(case, Actor.customer(), proposed=True, booked_at=BOOKED_AT)
    record_events(shipment.pk, OUT, heard="webhook", now=NOW)
    assert not PauseWindow.objects.exists()
    assert Case.objects.get(pk=case.pk).state == "approved"

    confirm(shipment.pk, actor=support, now=NOW)
    assert PauseWindow.objects.get().left_on == dt.date(2025, 11, 12)
    assert Case.objects.get(pk=case.pk).state == "in_repair"


def test_proposed_parcel_is_not_asked_about_until_it_is_confirmed(case, support, simulated):
    number = simulated_number()
    shipment = booked(case, Actor.customer(), proposed=True, carrier="simulated", tracking_number=number)
    assert shipment.next_look_at is None
    assert confirm(shipment.pk, actor=support, now=NOW).next_look_at == NOW


def test_proposed_parcel_is_packed_on_confirmation_when_no_part_was_known(support):
    customer_case = CaseFactory(matched=False)
    shipment = booked(customer_case, Actor.customer(), proposed=True)
    assert packed(shipment) == []
    with pytest.raises(Refused):
        confirm(shipment.pk, actor=support, now=NOW)

    part = CoveredPartFactory()
    opening.set_purchase(
        customer_case.pk, invoice_id=part.unit.line.invoice_id, unit_id=part.unit_id, actor=support, now=NOW
    )
    assert packed(confirm(shipment.pk, actor=support, now=NOW)) == [part.pk]


def test_confirm_refuses_a_parcel_when_it_is_confirmed_already(case, support):
    with pytest.raises(Refused):
        confirm(booked(case, support).pk, actor=support, now=NOW)


def test_customer_books_and_confirms_nothing(case, support):
    with pytest.raises(NotAllowed):
        booked(case, Actor.customer())
    shipment = booked(case, Actor.customer(), proposed=True)
    with pytest.raises(NotAllowed):
        confirm(shipment.pk, actor=Actor.customer(), now=NOW)


def test_cancel_takes_the_pause_away_and_keeps_the_scans(case, support):
    shipment = ShipmentFactory(case=case, events=OUT[:1])
    part = case.claimed_parts.get().part
    assert part.pauses.exists()

    cancel(shipment.pk, why="Somebody else's number.", actor=support, now=NOW)
    part.refresh_from_db()
    assert not part.pauses.exists()
    assert part.covered_through == dt.date(2026, 3, 3)
    assert shipment.tracking_events.count() == 1
    assert CaseEvent.objects.get(case=case, name="cancelled").why == "Somebody else's number."


def test_cancel_takes_the_return_back_when_it_rested_on_this_parcel(case, support):
    ShipmentFactory(case=case, events=OUT)
    back = ShipmentFactory(case=case, direction="to_customer", events=BACK)
    assert Case.objects.get(pk=case.pk).state == "returned"

    cancel(back.pk, why="Another customer's parcel.", actor=support, now=NOW)
    assert Case.objects.get(pk=case.pk).state == "in_repair"


def test_cancel_asks_for_a_reason_and_refuses_twice(case, support):
    shipment = booked(case, support)
    with pytest.raises(Refused, match="why"):
        cancel(shipment.pk, why=" ", actor=support, now=NOW)
    cancel(shipment.pk, why="Wrong.", actor=support, now=NOW)
    with pytest.raises(Refused):
        cancel(shipment.pk, why="Wrong.", actor=support, now=NOW)


def test_repack_moves_the_pause_to_what_was_really_in_the_parcel(kit_case, support):
    shipment = ShipmentFactory(case=kit_case, events=OUT[:1])
    claimed = kit_case.claimed_parts.get().part
    other = kit_case.unit.parts.exclude(pk=claimed.pk).first()

    repack(shipment.pk, part_ids=[other.pk], actor=support, now=NOW)
    assert packed(shipment) == [other.pk]
    assert [window.part_id for window in PauseWindow.objects.all()] == [other.pk]

    repack(shipment.pk, whole_product=True, actor=support, now=NOW)
    assert PauseWindow.objects.count() == 5


def test_verbs_refuse_a_parcel_when_it_does_not_exist(support):
    for verb in (
        lambda: cancel(1, why="x", actor=support, now=NOW),
        lambda: confirm(1, actor=support, now=NOW),
        lambda: record_events(1, [], heard="poll", now=NOW),
    ):
        with pytest.raises(Refused, match="no such parcel"):
            verb()
