"""What parcels do to the lifecycle of their case by themselves (policy 5)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actors import Actor
from cases.models import Case, CaseEvent
from cases.services import deciding, quoting, repairing
from cases.tests.factories import CaseFactory, judge, judge_all, quote, record_serials, staff
from products.tests.factories import InvoiceFactory, parts_of
from shipments.services import record_events, try_waiting_moves
from shipments.tests.factories import BACK, NOW, OUT, ShipmentFactory, scan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approved")]


def state(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def last_move(case: Case) -> CaseEvent:
    return CaseEvent.objects.filter(case=case, kind="transition").latest("pk")


def waits(case: Case) -> list[CaseEvent]:
    return list(CaseEvent.objects.filter(case=case, kind="shipment", name="waits").order_by("pk"))


@pytest.fixture
def in_repair(case) -> Case:
    ShipmentFactory(case=case, events=OUT)
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def replacement(db) -> Case:
    """Approved, nothing to repair, the new serial number recorded."""
    approved = CaseFactory(state="approved", resolution="replacement")
    record_serials(approved, staff("support"))
    return approved


def test_repair_starts_when_the_parcel_is_in_the_workshop(case):
    shipment = ShipmentFactory(case=case, events=OUT)
    move = last_move(case)
    assert (state(case), move.name, move.actor_kind) == ("in_repair", "start_repair", "system")
    assert move.data["proof"] == {"kind": "tracked", "on": "2025-11-14", "shipments": [shipment.pk]}


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(OUT[:1], id="still-on-its-way"),
        pytest.param([OUT[0], scan("failed_attempt", "2025-11-14T09:00")], id="attempted"),
        pytest.param([OUT[0], scan("available_for_pickup", "2025-11-14T09:00")], id="at-the-shop"),
        pytest.param([*OUT, scan("in_transit", "2025-11-15T09:00")], id="delivery-not-final"),
        pytest.param([OUT[0], scan("returned_to_sender", "2025-11-13T09:00"), OUT[1]], id="back-with-the-customer"),
        pytest.param([OUT[0], scan("unknown", "2025-11-14T09:00", text="Delivered")], id="words-only"),
    ],
)
def test_repair_waits_when_the_parcel_is_not_in_the_workshop(case, events):
    ShipmentFactory(case=case, events=events)
    assert state(case) == "approved"
    assert not waits(case)


def test_repair_waits_for_the_second_parcel_when_two_are_on_their_way(case):
    ShipmentFactory(case=case, events=OUT)  # the first alone is everything that was sent
    other = CaseFactory(state="approved")
    second = ShipmentFactory(case=other, events=OUT[:1])
    ShipmentFactory(case=other, events=OUT)
    assert (state(case), state(other)) == ("in_repair", "approved")
    record_events(second.pk, OUT, heard="poll", now=NOW)
    assert state(other) == "in_repair"


def test_repair_starts_without_the_parcel_that_was_lost(case):
    lost = ShipmentFactory(case=case, events=OUT[:1])
    ShipmentFactory(case=case, events=OUT)
    assert state(case) == "approved"
    record_events(lost.pk, [scan("lost", "2025-11-20T09:00")], heard="poll", now=NOW)
    assert state(case) == "in_repair"


def test_repair_waits_and_says_why_when_the_quote_is_unanswered(case):
    quote(case, "35.00")
    shipment = ShipmentFactory(case=case, events=OUT)
    (waiting,) = waits(case)
    assert state(case) == "approved"
    assert waiting.data == {"move": "start_repair", "unmet": ["quote_unanswered"], "shipments": [shipment.pk]}
    assert "quote" in waiting.why.lower()


def test_repair_waits_in_silence_when_nothing_has_changed(case):
    quote(case, "35.00")
    shipment = ShipmentFactory(case=case, events=OUT)
    record_events(shipment.pk, OUT, heard="poll", now=NOW)
    with CaptureQueriesContext(connection) as queries:
        assert try_waiting_moves(NOW) == 0
    assert len(queries) == 1  # who has nothing new is not even looked at
    assert len(waits(case)) == 1


def test_repair_starts_by_the_sweep_when_the_quote_is_accepted(case):
    quote(case, "35.00")
    ShipmentFactory(case=case, events=OUT)
    quoting.answer_quote(case.pk, answer="accepted", through="the portal", actor=Actor.customer(), now=NOW)
    assert try_waiting_moves(NOW) == 1
    assert state(case) == "in_repair"
    assert try_waiting_moves(NOW) == 0


def test_repair_starts_by_the_sweep_when_the_parcel_came_before_the_decision(reviewer):
    early = CaseFactory(state="evidence_review")
    ShipmentFactory(case=early, events=OUT)
    assert state(early) == "evidence_review"
    judge_all(early, reviewer)
    deciding.approve(early.pk, actor=reviewer, now=NOW)
    assert try_waiting_moves(NOW) == 1
    assert state(early) == "in_repair"


def test_repair_does_not_start_by_itself_when_the_product_has_long_gone_home(reviewer):
    early = CaseFactory(state="evidence_review")
    ShipmentFactory(case=early, events=OUT)
    ShipmentFactory(case=early, direction="to_customer", events=BACK)
    judge_all(early, reviewer)
    deciding.approve(early.pk, actor=reviewer, now=NOW)
    assert try_waiting_moves(NOW) == 0
    assert state(early) == "approved"


def test_nothing_starts_when_there_is_nothing_to_repair(replacement):
    ShipmentFactory(case=replacement, events=OUT)
    assert state(replacement) == "approved"
    assert not waits(replacement)


def test_case_is_returned_when_the_parcel_reaches_the_customer(in_repair):
    back = ShipmentFactory(case=in_repair, direction="to_customer", events=BACK)
    move = last_move(in_repair)
    assert (state(in_repair), move.name) == ("returned", "send_back")
    assert move.data["proof"] == {"kind": "tracked", "on": "2025-11-24", "shipments": [back.pk]}


def test_case_is_returned_when_the_last_of_two_parcels_arrives(in_repair):
    first = ShipmentFactory(case=in_repair, direction="to_customer", events=BACK[:1])
    second = ShipmentFactory(case=in_repair, direction="to_customer", events=BACK)
    ShipmentFactory(case=in_repair, direction="to_customer", events=[scan("label", "2025-11-22T09:00")])
    assert state(in_repair) == "in_repair"
    record_events(first.pk, [scan("delivered", "2025-11-27T10:00")], heard="poll", now=NOW)
    assert state(in_repair) == "returned"
    assert last_move(in_repair).data["proof"] == {
        "kind": "tracked",
        "on": "2025-11-27",
        "shipments": [first.pk, second.pk],
    }


def test_case_is_returned_by_the_parcel_that_followed_a_lost_one(in_repair):
    lost = [scan("picked_up", "2025-11-16T10:00"), scan("lost", "2025-11-20T10:00")]
    ShipmentFactory(case=in_repair, direction="to_customer", events=lost)
    back = ShipmentFactory(case=in_repair, direction="to_customer", events=BACK)
    assert state(in_repair) == "returned"
    assert last_move(in_repair).data["proof"]["shipments"] == [back.pk]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([BACK[0], scan("failed_attempt", "2025-11-24T10:00")], id="attempted"),
        pytest.param([BACK[0], scan("available_for_pickup", "2025-11-24T10:00")], id="at-the-shop"),
        pytest.param([BACK[0], scan("returned_to_sender", "2025-11-23T10:00"), BACK[1]], id="came-back-to-us"),
        pytest.param([*BACK, scan("correction", "2025-11-25T10:00", "CX", voids="DL")], id="taken-back"),
        pytest.param([scan("delivered", "2025-11-11T10:00")], id="before-the-hand-over"),
    ],
)
def test_case_stays_in_repair_when_the_customer_has_nothing_in_hand(in_repair, events):
    ShipmentFactory(case=in_repair, direction="to_customer", events=events)
    assert state(in_repair) == "in_repair"


def test_case_stays_in_repair_when_a_replacement_had_travelled_ahead(support):
    parts = parts_of(InvoiceFactory())[:2]
    mixed = CaseFactory(parts=parts, customer=parts[0].unit.line.invoice.customer)
    reviewer = staff("reviewer")
    for claim, resolution in zip(mixed.claimed_parts.all(), ("repair", "replacement"), strict=True):
        judge(claim, reviewer, resolution=resolution)
    deciding.approve(mixed.pk, actor=reviewer, now=dt.datetime(2025, 11, 5, 12, tzinfo=dt.UTC))

    ahead = [scan("picked_up", "2025-11-09T10:00"), scan("delivered", "2025-11-13T10:00")]
    ShipmentFactory(case=mixed, direction="to_customer", part_ids=[parts[1].pk], events=ahead)
    ShipmentFactory(case=mixed, part_ids=[parts[0].pk], events=OUT)
    assert state(mixed) == "in_repair"
    ShipmentFactory(case=mixed, direction="to_customer", part_ids=[parts[0].pk], events=BACK)
    assert state(mixed) == "returned"


def test_replacement_is_delivered_when_its_parcel_arrives(replacement):
    ShipmentFactory(case=replacement, direction="to_customer", events=BACK)
    assert (state(replacement), last_move(replacement).name) == ("returned", "deliver_replacement")


def test_replacement_waits_when_its_serial_number_is_not_recorded(support):
    approved = CaseFactory(state="approved", resolution="replacement")
    ShipmentFactory(case=approved, direction="to_customer", events=BACK)
    assert state(approved) == "approved"
    assert waits(approved)[0].data["unmet"] == ["new_serial"]

    record_serials(approved, support)
    assert try_waiting_moves(NOW) == 1
    assert state(approved) == "returned"


def test_product_goes_home_unrepaired_when_the_quote_is_declined(in_repair):
    quote(in_repair, "900.00", answer="declined")
    ShipmentFactory(case=in_repair, direction="to_customer", events=BACK)
    assert (state(in_repair), last_move(in_repair).name) == ("returned", "return_unrepaired")


def test_product_goes_home_unrepaired_when_that_was_planned(in_repair, support):
    repairing.plan_unrepaired_return(in_repair.pk, why="Melted.", beyond_repair=True, actor=support, now=NOW)
    ShipmentFactory(case=in_repair, direction="to_customer", events=BACK)
    assert (state(in_repair), last_move(in_repair).name) == ("returned", "return_unrepaired")


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(scan("correction", "2025-11-25T10:00", "CX", voids="DL"), id="correction"),
        pytest.param(scan("out_for_delivery", "2025-11-25T08:00"), id="movement"),
        pytest.param(scan("returned_to_sender", "2025-11-25T08:00"), id="sent-back"),
    ],
)
def test_return_is_taken_back_when_the_delivery_was_not_final(in_repair, later):
    back = ShipmentFactory(case=in_repair, direction="to_customer", events=BACK)
    assert state(in_repair) == "returned"
    record_events(back.pk, [later], heard="poll", now=NOW)
    assert (state(in_repair), last_move(in_repair).name) == ("in_repair", "reopen_return")
    assert back.tracking_number in last_move(in_repair).why


def test_case_is_returned_again_when_the_next_delivery_is_final(in_repair):
    back = ShipmentFactory(case=in_repair, direction="to_customer", events=BACK)
    record_events(back.pk, [scan("out_for_delivery", "2025-11-25T08:00")], heard="poll", now=NOW)
    record_events(back.pk, [scan("delivered", "2025-11-25T15:00")], heard="poll", now=NOW)
    assert (state(in_repair), last_move(in_repair).name) == ("returned", "send_back")
    part = in_repair.claimed_parts.get().part
    assert part.covered_through == dt.date(2026, 3, 17)


def test_return_that_staff_proved_is_not_taken_back_by_tracking(in_repair, support):
    back = ShipmentFactory(case=in_repair, direction="to_customer")
    proof = repairing.Proof("staff", "Seen at the customer's.", dt.date(2025, 11, 24), (back.pk,))
    repairing.send_back(in_repair.pk, proof=proof, actor=support, now=NOW)
    record_events(back.pk, BACK, heard="poll", now=NOW)
    record_events(back.pk, [scan("in_transit", "2025-11-25T08:00")], heard="poll", now=NOW)
    assert state(in_repair) == "returned"


def test_old_parcels_move_nothing_when_the_case_is_approved_again(reviewer):
    parts = parts_of(InvoiceFactory())[:2]
    case = CaseFactory(parts=parts, customer=parts[0].unit.line.invoice.customer)
    covered, denied = case.claimed_parts.all()
    judge(covered, reviewer)
    judge(denied, reviewer, deny="improper_use")
    deciding.approve(case.pk, actor=reviewer, now=dt.datetime(2025, 11, 5, 12, tzinfo=dt.UTC))
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)
    assert state(case) == "returned"

    deciding.reopen(case.pk, why="The customer appeals.", actor=reviewer, now=NOW)
    judge_all(case, reviewer, now=NOW)
    deciding.approve(case.pk, actor=reviewer, now=NOW)
    assert try_waiting_moves(NOW) == 0
    assert state(case) == "approved"

    later = NOW + dt.timedelta(days=9)
    again = [scan("picked_up", "2025-12-04T10:00"), scan("delivered", "2025-12-06T10:00")]
    ShipmentFactory(case=case, events=again, now=later, booked_at=NOW)
    assert state(case) == "in_repair"


@pytest.mark.parametrize("stage", ["submitted", "evidence_review", "denied", "withdrawn"])
def test_parcels_move_nothing_when_the_case_is_not_in_work(stage):
    case = CaseFactory(state=stage)
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)
    assert state(case) == stage
    assert not waits(case)


def test_both_moves_happen_when_everything_is_heard_at_once(case):
    back = ShipmentFactory(case=case, direction="to_customer")
    out = ShipmentFactory(case=case)
    record_events(back.pk, BACK, heard="poll", now=NOW)
    record_events(out.pk, OUT, heard="poll", now=NOW)
    moves = CaseEvent.objects.filter(case=case, kind="transition").order_by("pk").values_list("name", flat=True)
    assert list(moves)[-2:] == ["start_repair", "send_back"]
