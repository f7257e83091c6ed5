"""Parcels on the road, silent ones, and those a person should look at."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actors import Actor
from cases.tests.factories import CaseFactory
from shipments.integrity import problems
from shipments.models import RepairShipment
from shipments.queries import parcels_needing_review, parcels_of, parcels_on_the_road, silent_parcels
from shipments.services import book, cancel, confirm_pause
from shipments.tests.factories import BACK, NOW, OUT, ShipmentFactory, scan, ups_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approved")]

SILENT_FROM = OUT[0].occurred_at + dt.timedelta(days=10, seconds=1)


def ids(rows) -> list[int]:
    return sorted(row.pk for row in rows)


def test_parcel_is_silent_when_nothing_was_scanned_for_ten_days(case):
    shipment = ShipmentFactory(case=case, events=OUT[:1])
    assert ids(silent_parcels(SILENT_FROM - dt.timedelta(seconds=1))) == []
    (silent,) = silent_parcels(SILENT_FROM)
    assert (silent.pk, silent.silent_since) == (shipment.pk, OUT[0].occurred_at)


def test_parcel_is_not_silent_when_it_has_arrived_and_the_repair_takes_long(case):
    ShipmentFactory(case=case, events=OUT)
    assert ids(silent_parcels(NOW + dt.timedelta(days=90))) == []


def test_parcel_is_not_silent_when_no_clock_stands_still(case):
    ShipmentFactory(case=case, events=[scan("label", "2025-11-10T10:00")])
    assert ids(silent_parcels(NOW + dt.timedelta(days=90))) == []


def test_parcel_home_is_silent_when_it_was_booked_and_never_seen(case):
    ShipmentFactory(case=case, events=OUT)
    home = ShipmentFactory(case=case, direction="to_customer", booked_at=BACK[0].occurred_at)
    assert ids(silent_parcels(NOW + dt.timedelta(days=3))) == [home.pk]


def test_parcel_is_not_silent_when_another_followed_it(case):
    ShipmentFactory(case=case, events=OUT)
    astray = [scan("picked_up", "2025-11-15T10:00"), scan("lost", "2025-11-16T10:00")]
    lost = ShipmentFactory(case=case, direction="to_customer", events=astray)
    assert ids(silent_parcels(NOW)) == [lost.pk]
    ShipmentFactory(case=case, direction="to_customer", events=[scan("picked_up", "2025-11-30T10:00")])
    assert ids(silent_parcels(NOW)) == []


def test_parcel_of_an_earlier_absence_is_not_silent(case, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], scan("lost", "2025-11-16T10:00")])
    part = case.claimed_parts.get().part
    confirm_pause(
        [part.pk], left_on=OUT[0].day, back_on=dt.date(2025, 11, 20), reason="Lost.", proof={"words": "Letter"},
        overrules=[OUT[0].day], actor=reviewer, now=NOW,
    )  # fmt: skip
    again = CaseFactory(state="approved", part=part, customer=case.customer)
    second = ShipmentFactory(case=again, events=[scan("picked_up", "2025-11-25T10:00")])
    assert ids(silent_parcels(NOW + dt.timedelta(days=60))) == [second.pk]


def test_parcel_is_on_the_road_between_hand_over_and_delivery(case):
    road = ShipmentFactory(case=case, events=OUT[:1])
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, events=[scan("label", "2025-11-10T10:00")])
    assert ids(parcels_on_the_road()) == [road.pk]


def test_review_is_asked_for_when_a_window_is_doubtful(case):
    doubtful = ShipmentFactory(case=case, events=[scan("in_transit", "2025-11-12T10:00")])
    ShipmentFactory(case=CaseFactory(state="approved"), events=OUT)
    assert ids(parcels_needing_review()) == [doubtful.pk]


def test_review_ends_when_staff_have_confirmed_the_days(case, reviewer):
    ShipmentFactory(case=case, events=[OUT[0], scan("lost", "2025-11-16T10:00")])
    assert parcels_needing_review().count() == 1
    part = case.claimed_parts.get().part
    confirm_pause(
        [part.pk], left_on=OUT[0].day, back_on=dt.date(2025, 11, 20), reason="Lost.", proof={"words": "Letter"},
        overrules=[OUT[0].day], actor=reviewer, now=NOW,
    )  # fmt: skip
    assert parcels_needing_review().count() == 0


@pytest.mark.parametrize("kind", ["lost", "returned_to_sender"])
def test_review_is_asked_for_when_a_parcel_went_astray(case, kind):
    astray = ShipmentFactory(case=case, events=[OUT[0], scan(kind, "2025-11-16T10:00")])
    assert ids(parcels_needing_review()) == [astray.pk]


def test_review_is_asked_for_when_a_number_is_only_proposed_or_a_carrier_keeps_failing(case, support):
    proposed = book(
        case.pk, direction="to_workshop", carrier="ups", tracking_number=ups_number(), proposed=True,
        actor=Actor.customer(), now=NOW,
    )  # fmt: skip
    failing = ShipmentFactory(case=case)
    RepairShipment.objects.filter(pk=failing.pk).update(look_failures=5)
    assert ids(parcels_needing_review()) == sorted([proposed.pk, failing.pk])
    cancel(failing.pk, why="Wrong.", actor=support, now=NOW)
    assert ids(parcels_needing_review()) == [proposed.pk]


def test_parcels_of_a_case_come_with_their_scans_in_few_queries(case):
    for _ in range(3):
        ShipmentFactory(case=case, events=OUT)
    with CaptureQueriesContext(connection) as queries:
        for shipment in parcels_of(case.pk):
            assert [event.kind for event in shipment.tracking_events.all()] == ["picked_up", "delivered"]
            assert [str(line.part.product) for line in shipment.packed_parts.all()]
    assert len(queries) == 3


def test_integrity_finds_nothing_when_all_is_well(case):
    ShipmentFactory(case=case, events=OUT)
    ShipmentFactory(case=case, direction="to_customer", events=BACK)
    assert list(problems()) == []


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        pytest.param(lambda one: one.packed_parts.all().delete(), "nothing is packed", id="empty"),
        pytest.param(
            lambda one: RepairShipment.objects.filter(pk=one.pk).update(look_claimed_at=NOW - dt.timedelta(days=2)),
            "never given back", id="forgotten-claim",
        ),
        pytest.param(
            lambda one: RepairShipment.objects.filter(pk=one.pk).update(arrived_at=None), "stored as not arrived",
            id="arrival",
        ),
        pytest.param(
            lambda one: one.packed_parts.get().part.pauses.update(left_on=dt.date(2025, 11, 1)), "proved by scans",
            id="window",
        ),
    ],
)  # fmt: skip
def test_integrity_names_what_is_broken(case, damage, words):
    shipment = ShipmentFactory(case=case, events=OUT)
    damage(shipment)
    assert any(words in problem for problem in problems(NOW))
