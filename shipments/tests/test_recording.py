"""What is heard is kept once, and the windows follow from the set of it alone."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.errors import NotAllowed
from cases.models import Case, CaseEvent
from cases.tests.factories import CaseFactory
from products.errors import Refused
from products.models import ClockChange, CoveredPart, PauseWindow
from products.tests.factories import InvoiceFactory, parts_of
from shipments.models import RepairShipment, TrackingEvent
from shipments.scans import Event
from shipments.services import enter_scan, record_events
from shipments.services.legs import event_of
from shipments.services.recording import storable
from shipments.tests.factories import BACK, NOW, OUT, ShipmentFactory, scan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approved")]


@pytest.fixture
def out(case) -> RepairShipment:
    return ShipmentFactory(case=case)


@pytest.fixture
def back(case, out) -> RepairShipment:
    return ShipmentFactory(case=case, direction="to_customer")


def test_record_events_keeps_each_scan_once_when_it_is_told_twice(out):
    assert record_events(out.pk, [*OUT, *OUT], heard="poll", now=NOW) == 2
    assert record_events(out.pk, OUT, heard="webhook", now=NOW) == 0
    assert list(out.tracking_events.values_list("kind", "heard")) == [("picked_up", "poll"), ("delivered", "poll")]
    assert PauseWindow.objects.count() == 1


def test_record_events_keeps_what_the_carrier_said(out):
    told = scan("in_transit", "2025-11-13T23:30:00-05:00", "AR", place="Memphis", text="Arrived", raw={"a": "x\0y"})
    record_events(out.pk, [told], heard="webhook", now=NOW)
    row = out.tracking_events.get()
    assert (row.occurred_on, row.utc_offset_minutes, row.place) == (dt.date(2025, 11, 13), -300, "Memphis")
    assert (row.raw, row.heard_at, row.fact) == ({"a": "xy"}, NOW, told.fact)
    assert event_of(row) == Event("in_transit", "AR", told.occurred_at, told.day, key=told.fact)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        pytest.param({"a": [1, 2.5, None, True]}, {"a": [1, 2.5, None, True]}, id="plain"),
        pytest.param({1: "x\0"}, {"1": "x"}, id="nul-and-number-as-key"),
        pytest.param([float("nan"), float("inf")], ["nan", "inf"], id="no-numbers"),
        pytest.param("\ud800", "?", id="half-a-surrogate"),
        pytest.param((dt.date(2025, 1, 2),), ["2025-01-02"], id="a-date"),
    ],
)
def test_storable_is_what_every_database_takes(value: Any, stored: Any):
    assert storable(value) == stored


def test_record_events_says_where_the_parcel_is(out):
    record_events(out.pk, [OUT[0]], heard="poll", now=NOW)
    out.refresh_from_db()
    assert (out.latest_kind, out.latest_event_at, out.arrived_at) == ("picked_up", OUT[0].occurred_at, None)
    record_events(out.pk, [OUT[1]], heard="poll", now=NOW)
    out.refresh_from_db()
    assert (out.latest_kind, out.arrived_at) == ("delivered", OUT[1].occurred_at)


def test_record_events_takes_noon_when_only_the_day_is_known(out):
    record_events(out.pk, [scan("delivered", "2025-11-14")], heard="poll", now=NOW)
    out.refresh_from_db()
    assert out.arrived_at == dt.datetime(2025, 11, 14, 12, tzinfo=dt.UTC)


def test_record_events_tells_the_case_each_piece_of_news_once(case, out):
    for events in (OUT[:1], OUT, OUT):
        record_events(out.pk, events, heard="poll", now=NOW)
    told = CaseEvent.objects.filter(case=case, kind="shipment").exclude(name="booked").order_by("pk")
    assert [(event.name, event.data["on"]) for event in told] == [
        ("handed_over", "2025-11-12"),
        ("delivered", "2025-11-14"),
    ]


def test_record_events_says_so_when_a_delivery_was_not_final(case, out):
    record_events(out.pk, OUT, heard="poll", now=NOW)
    record_events(out.pk, [scan("in_transit", "2025-11-15T08:00")], heard="poll", now=NOW)
    out.refresh_from_db()
    assert out.arrived_at is None
    assert CaseEvent.objects.filter(case=case, name="delivery_not_final").count() == 1


def test_record_events_keeps_and_ignores_what_belongs_to_another_parcel(case, out):
    recycled = scan("picked_up", "2025-09-01T10:00"), scan("delivered", "2025-09-03T10:00")
    record_events(out.pk, recycled, heard="poll", now=NOW)
    out.refresh_from_db()
    assert out.tracking_events.count() == 2
    assert (out.latest_kind, out.arrived_at) == ("", None)
    assert not PauseWindow.objects.exists()


def test_record_events_takes_no_delivery_to_the_customer_for_one_when_it_was_before_the_hand_over(out, back):
    foreign = [scan("picked_up", "2025-11-09T10:00"), scan("delivered", "2025-11-10T10:00")]
    record_events(back.pk, foreign, heard="poll", now=NOW)
    back.refresh_from_db()
    assert back.arrived_at == foreign[1].occurred_at  # nothing else is known yet
    record_events(out.pk, OUT[:1], heard="poll", now=NOW)
    back.refresh_from_db()
    assert (back.arrived_at, back.latest_kind) == (None, "")


def test_record_events_keeps_a_repeated_news_silent_when_the_clock_stays(case, out):
    record_events(out.pk, OUT, heard="poll", now=NOW)
    before = ClockChange.objects.count()
    record_events(out.pk, OUT, heard="webhook", now=NOW + dt.timedelta(hours=1))
    assert ClockChange.objects.count() == before


def test_record_events_refuses_a_channel_that_does_not_exist(out):
    with pytest.raises(ValueError, match="heard"):
        record_events(out.pk, OUT, heard="rumour", now=NOW)


def test_record_events_leaves_nothing_behind_when_something_fails(out, monkeypatch):
    monkeypatch.setattr("shipments.services.settling.rebuild_pauses", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        record_events(out.pk, OUT, heard="poll", now=NOW)
    assert not TrackingEvent.objects.exists()
    assert not CaseEvent.objects.filter(name="handed_over").exists()


def test_record_events_takes_as_many_queries_for_a_kit_as_for_one_part(db):
    small, large = _whole_kit(2), _whole_kit(40)
    counts = []
    for shipment in (small, large):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            record_events(shipment.pk, OUT[:1], heard="poll", now=NOW)
        counts.append(len(queries))
    assert large.packed_parts.count() == 40
    assert counts[0] == counts[1]


def _whole_kit(size: int) -> RepairShipment:
    from products.tests.factories import KitFactory, ProductFactory

    motor = ProductFactory(motor=True)
    kit = KitFactory(bill=[(motor, 1, "singly", f"place {place}") for place in range(size)])
    parts = parts_of(InvoiceFactory(products=[kit]))
    customer = parts[0].unit.line.invoice.customer
    return ShipmentFactory(case=CaseFactory(state="approved", parts=parts[:1], customer=customer), whole_product=True)


STORY = [
    ("out", scan("label", "2025-11-11T18:00")),
    ("out", OUT[0]),
    ("out", OUT[1]),
    ("back", BACK[0]),
    ("back", scan("out_for_delivery", "2025-11-24T08:00")),
    ("back", BACK[1]),
]
TWISTS = [
    ("out", scan("in_transit", "2025-11-13")),
    ("out", scan("delivered", "2025-11-14T09:00:01")),
    ("back", scan("failed_attempt", "2025-11-23T11:00")),
    ("back", scan("in_transit", "2025-11-26T09:00")),
    ("back", scan("delivered", "2025-11-28T09:00", "D2")),
    ("back", scan("correction", "2025-11-29T09:00", "CX", voids="D2")),
    ("back", scan("picked_up", "2025-12-20T09:00")),
    ("back", scan("delivered", "2025-09-01T09:00")),
]

tellings = st.lists(
    st.tuples(st.sampled_from(range(len(STORY) + len(TWISTS))), st.sampled_from(["poll", "webhook"])), max_size=10
)


def _outcome(case: Case) -> dict[str, Any]:
    part = CoveredPart.objects.get(claims__case=case)
    windows = PauseWindow.objects.filter(part=part).order_by("left_on", "pk")
    return {
        "facts": sorted(TrackingEvent.objects.values_list("shipment", "fact")),
        "windows": [(w.left_on, w.back_on, w.certainty, w.review_reasons, w.proof) for w in windows],
        "clock": (part.covered_through, part.extended_days, part.paused_since),
        "parcels": list(
            RepairShipment.objects.order_by("pk").values_list("latest_kind", "latest_event_at", "arrived_at")
        ),
    }


def _told(parcels: dict[str, RepairShipment], order: list[tuple[int, str]]) -> dict[str, Any]:
    """What is stored when the scans are told one by one in this order; nothing of it stays."""
    everything = STORY + TWISTS
    case = parcels["out"].case
    with transaction.atomic():
        for place, heard in order:
            which, event = everything[place]
            record_events(parcels[which].pk, [event], heard=heard, now=NOW)
        outcome = _outcome(case)
        transaction.set_rollback(True)
    return outcome


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tellings, st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_rows_and_windows(out, back, told, random):
    parcels = {"out": out, "back": back}
    again = told + [(place, "webhook") for place, _heard in told[:4]]
    random.shuffle(again)
    assert _told(parcels, told) == _told(parcels, again)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(len(STORY))))
def test_case_is_returned_whatever_order_its_scans_are_told_in(case, out, back, order):
    with transaction.atomic():
        for which, event in [STORY[place] for place in order]:
            record_events((out if which == "out" else back).pk, [event], heard="webhook", now=NOW)
        outcome, state = _outcome(case), Case.objects.get(pk=case.pk).state
        transaction.set_rollback(True)
    assert state == "returned"
    assert outcome["clock"] == (dt.date(2026, 3, 16), 13, None)


def test_enter_scan_keeps_who_said_so_and_how_they_know(case, support):
    shipment = ShipmentFactory(case=case, carrier="manual")
    enter_scan(
        shipment.pk, kind="delivered", occurred_on=dt.date(2025, 11, 14), proof="Signed at the gate.",
        actor=support, now=NOW,
    )  # fmt: skip
    row = shipment.tracking_events.get()
    assert (row.heard, row.recorded_by, row.text) == ("staff", support.user, "Signed at the gate.")
    assert Case.objects.get(pk=case.pk).state == "in_repair"


def test_enter_scan_takes_one_back_when_it_is_a_correction(case, support):
    shipment = ShipmentFactory(case=case, carrier="manual")
    day = dt.date(2025, 11, 14)
    enter_scan(shipment.pk, kind="delivered", occurred_on=day, proof="Receipt.", actor=support, now=NOW)
    enter_scan(
        shipment.pk, kind="correction", voids="STAFF-DELIVERED", occurred_on=day, proof="Another parcel.",
        actor=support, now=NOW,
    )  # fmt: skip
    shipment.refresh_from_db()
    assert shipment.arrived_at is None
    assert not PauseWindow.objects.exists()


@pytest.mark.parametrize(
    ("given_fields", "field"),
    [
        pytest.param({"kind": "arrived"}, "kind", id="no-such-kind"),
        pytest.param({"proof": " "}, "proof", id="no-proof"),
        pytest.param({"occurred_on": None}, "occurred_on", id="no-day"),
        pytest.param({"occurred_on": dt.date(2025, 12, 3)}, "occurred_on", id="day-to-come"),
        pytest.param({"occurred_at": NOW + dt.timedelta(minutes=1)}, "occurred_at", id="moment-to-come"),
        pytest.param({"kind": "correction"}, "voids", id="correction-of-nothing"),
    ],
)
def test_enter_scan_refuses_what_cannot_be(out, support, given_fields, field):
    fields = {"kind": "delivered", "proof": "Receipt.", "occurred_on": dt.date(2025, 12, 1), **given_fields}
    with pytest.raises(Refused) as refusal:
        enter_scan(out.pk, actor=support, now=NOW, **fields)
    assert refusal.value.field == field
    assert not TrackingEvent.objects.exists()


def test_enter_scan_is_for_those_who_handle_parcels(out, viewer):
    with pytest.raises(NotAllowed):
        enter_scan(out.pk, kind="delivered", occurred_on=dt.date(2025, 11, 14), proof="Receipt.", actor=viewer, now=NOW)
    with pytest.raises(NotAllowed):
        record_events(out.pk, OUT, heard="staff", actor=viewer, now=NOW)
