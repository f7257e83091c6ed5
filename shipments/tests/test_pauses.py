"""Windows from legs, rule by rule (docs/policy.md 2.1-2.6), and the worked table of that page."""

from datetime import UTC, date, datetime

import pytest

from products.tests.policy_page import as_windows, rows_under
from shipments.pauses import Event, Leg, Pauses, windows
from shipments.scans import KINDS, MOVEMENT, PHYSICAL
from shipments.tests.histories import BOOKED, CAME_BACK, HANDED_OVER, NOW, found, leg, spans

WORKED_WINDOWS = rows_under("### Worked windows")


@pytest.mark.parametrize("row", WORKED_WINDOWS, ids=lambda row: f"{row['to the workshop']} | {row['to the customer']}")
def test_windows_agree_with_the_policy_page(row: dict[str, str]):
    pauses = found(row["to the workshop"], row["to the customer"])
    assert spans(pauses) == as_windows(row["windows"])
    assert pauses.reasons == tuple(reason.strip() for reason in row["review"].split(",") if reason)
    assert pauses.needs_review == bool(row["review"])


def test_policy_page_holds_its_whole_table():
    assert len(WORKED_WINDOWS) >= 25


def test_rule_2_1_no_leg_opens_nothing():
    assert windows([], None, NOW) == Pauses((), needs_review=False, reasons=())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_rule_2_2_only_a_physical_scan_opens_a_window(kind: str):
    opened = spans(found(f"{kind} 2025-03-03 10:15"))
    assert opened == ([(date(2025, 3, 3), None)] if kind in PHYSICAL else [])


def test_rule_2_2_first_physical_scan_opens():
    assert spans(found(f"label 2025-03-02 09:00, in_transit 2025-03-05 07:00, {HANDED_OVER}")) == [
        (date(2025, 3, 3), None)
    ]


def test_rule_2_3_delivery_to_the_customer_without_a_hand_over_opens_nothing():
    assert found("label 2025-03-02 18:00", CAME_BACK) == Pauses((), needs_review=False, reasons=())


@pytest.mark.parametrize(
    ("to_customer", "back_on"),
    [
        pytest.param("exception 2025-03-11 10:00", date(2025, 3, 12), id="no physical scan blocks nothing"),
        pytest.param("lost 2025-03-11 10:00", date(2025, 3, 12), id="lost without a physical scan blocks nothing"),
        pytest.param("picked_up 2025-03-11 10:00", None, id="under way blocks"),
        pytest.param("picked_up 2025-03-11 10:00, lost 2025-03-20 10:00", date(2025, 3, 12), id="lost, then followed"),
        pytest.param("picked_up 2025-03-12 09:30, lost 2025-03-20 10:00", None, id="lost, and nothing followed"),
        pytest.param(
            "picked_up 2025-03-11 10:00, returned_to_sender 2025-03-20 10:00",
            date(2025, 3, 12),
            id="sent back, then followed",
        ),
    ],
)
def test_rule_2_3_other_parcel_to_the_customer(to_customer: str, back_on: date | None):
    other = "picked_up 2025-03-12 08:00, delivered 2025-03-12 18:00"
    assert spans(found(HANDED_OVER, f"{to_customer}; {other}")) == [(date(2025, 3, 3), back_on)]


def test_rule_2_3_lost_parcel_that_turned_up_before_the_next_trip_still_closed_its_window():
    pauses = found(
        f"{HANDED_OVER}; picked_up 2025-04-01 10:00",
        "picked_up 2025-03-10 10:00, lost 2025-03-12 10:00, delivered 2025-03-14 10:00; delivered 2025-04-09 10:00",
    )
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 14)), (date(2025, 4, 1), date(2025, 4, 9))]


def test_rule_2_3_lost_parcel_that_turned_up_after_its_successor_counts_for_nothing():
    pauses = found(
        HANDED_OVER,
        "picked_up 2025-03-10 10:00, lost 2025-03-15 10:00, delivered 2025-03-28 10:00;"
        "picked_up 2025-03-20 10:00, delivered 2025-03-22 10:00",
    )
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 22))]


def test_rule_2_3_parcel_reported_lost_after_it_arrived_still_counts():
    arrived = "picked_up 2025-03-10 10:00, delivered 2025-03-14 10:00, lost 2025-03-15 10:00"
    pauses = found(HANDED_OVER, f"{arrived}; picked_up 2025-03-11 10:00, delivered 2025-03-12 10:00")
    assert (spans(pauses), pauses.reasons) == ([(date(2025, 3, 3), date(2025, 3, 14))], ("lost",))


def test_rule_2_3_last_delivery_known_to_the_day_ends_the_older_trip_on_the_day_of_the_next_hand_over():
    pauses = found(f"{HANDED_OVER}; drop_off 2025-04-01", f"{CAME_BACK}; delivered 2025-04-01")
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 4, 1)), (date(2025, 4, 1), None)]


def test_rule_2_3_parcel_still_under_way_keeps_a_later_hand_over_in_the_same_window():
    pauses = found(
        f"{HANDED_OVER}; picked_up 2025-03-13 10:00",
        "delivered 2025-03-12 10:00; picked_up 2025-03-11 10:00, delivered 2025-03-20 10:00",
    )
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 20))]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param("drop_off 2025-03-14 18:00", id="after the delivery"),
        pytest.param("drop_off 2025-03-14 09:00", id="before the delivery of that day"),
        pytest.param("drop_off 2025-03-14", id="some time that day"),
    ],
)
def test_rule_2_3_hand_over_on_the_closing_day_begins_a_second_window(again: str):
    assert spans(found(f"{HANDED_OVER}; {again}", CAME_BACK)) == [
        (date(2025, 3, 3), date(2025, 3, 14)),
        (date(2025, 3, 14), None),
    ]


def test_rule_2_3_return_on_the_day_of_the_second_hand_over_closes_the_second_window():
    pauses = found(f"{HANDED_OVER}; drop_off 2025-04-14 09:00", f"{CAME_BACK}; delivered 2025-04-14 17:00")
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 14)), (date(2025, 4, 14), date(2025, 4, 14))]


def test_rule_2_3_every_return_home_on_the_day_of_an_undated_hand_over_belongs_to_the_first_window():
    pauses = found(
        f"{HANDED_OVER}; drop_off 2025-03-14",
        "delivered 2025-03-12 10:00; picked_up 2025-03-14 08:00, delivered 2025-03-14 16:00",
    )
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 14)), (date(2025, 3, 14), None)]


def test_rule_2_3_return_that_set_out_after_both_hand_overs_keeps_one_window_open():
    pauses = found(f"{HANDED_OVER}; picked_up 2025-03-14 10:00", "picked_up 2025-03-20 10:00")
    assert spans(pauses) == [(date(2025, 3, 3), None)]


def test_rule_2_3_parcel_sent_on_the_day_of_an_undated_hand_over_belongs_to_the_second_window():
    pauses = found(
        f"{HANDED_OVER}; drop_off 2025-04-01", f"{CAME_BACK}; picked_up 2025-04-01, delivered 2025-04-09 10:00"
    )
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 14)), (date(2025, 4, 1), date(2025, 4, 9))]


@pytest.mark.parametrize(
    ("event", "day"),
    [
        pytest.param(
            Event("picked_up", occurred_at=datetime.fromisoformat("2025-03-03T23:30:00-05:00")),
            date(2025, 3, 3),
            id="the date at the place",
        ),
        pytest.param(
            Event("picked_up", occurred_at=datetime.fromisoformat("2025-03-04T08:00:00+13:00")),
            date(2025, 3, 4),
            id="though UTC is still a day behind",
        ),
        pytest.param(
            Event("picked_up", occurred_at=datetime(2025, 3, 4, 4, 30, tzinfo=UTC), occurred_on=date(2025, 3, 3)),
            date(2025, 3, 3),
            id="the local date given beside the instant wins",
        ),
    ],
)
def test_rule_2_4_day_is_the_local_date_of_the_scan(event: Event, day: date):
    assert spans(windows([Leg("to_workshop", [event])], BOOKED, NOW)) == [(day, None)]


@pytest.mark.parametrize("kind", sorted(KINDS - {"delivered", "correction"}))
def test_rule_2_5_only_a_movement_after_a_delivery_takes_its_finality(kind: str):
    pauses = found(HANDED_OVER, f"delivered 2025-03-12 10:00, {kind} 2025-03-13 10:00")
    is_final = kind not in MOVEMENT and kind != "returned_to_sender"
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 12) if is_final else None)]
    assert ("delivery_followed_by_movement" in pauses.reasons) is not is_final


def test_rule_2_5_delivery_at_the_instant_of_a_movement_is_final():
    assert spans(found(HANDED_OVER, "delivered 2025-03-12 10:00, out_for_delivery 2025-03-12 10:00")) == [
        (date(2025, 3, 3), date(2025, 3, 12))
    ]


def test_rule_2_5_correction_leaves_other_codes_and_later_events_alone():
    events = [
        Event("delivered", "D1", datetime(2025, 3, 12, 10, tzinfo=UTC)),
        Event("correction", "DC", datetime(2025, 3, 12, 11, tzinfo=UTC), voids="D2"),
        Event("delivered", "D2", datetime(2025, 3, 13, 10, tzinfo=UTC)),
    ]
    pauses = windows([leg("to_workshop", HANDED_OVER), Leg("to_customer", events)], BOOKED, NOW)
    assert (spans(pauses), pauses.reasons) == ([(date(2025, 3, 3), date(2025, 3, 12))], ())


def test_rule_2_5_correction_that_names_nothing_voids_nothing():
    delivered = Event("delivered", "", datetime(2025, 3, 12, 10, tzinfo=UTC))
    correction = Event("correction", "DC", datetime(2025, 3, 12, 11, tzinfo=UTC))
    pauses = windows([leg("to_workshop", HANDED_OVER), Leg("to_customer", [delivered, correction])], BOOKED, NOW)
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 12))]


def test_rule_2_5_correction_of_another_parcel_voids_nothing():
    assert spans(found(f"{HANDED_OVER}, correction of delivered 2025-03-15 10:00", CAME_BACK)) == [
        (date(2025, 3, 3), date(2025, 3, 14))
    ]


def test_rule_2_5_correction_may_be_corrected():
    history = f"{CAME_BACK}, correction of delivered 2025-03-15 10:00, correction of correction 2025-03-16 10:00"
    pauses = found(HANDED_OVER, history)
    assert (spans(pauses), pauses.reasons) == ([(date(2025, 3, 3), date(2025, 3, 14))], ())


@pytest.mark.parametrize("when", ["2025-03-14", "2025-03-14 00:01", "2025-03-15 09:00"])
def test_rule_2_5_correction_voids_a_delivery_known_to_the_day(when: str):
    pauses = found(HANDED_OVER, f"delivered 2025-03-14, correction of delivered {when}")
    assert (spans(pauses), pauses.reasons) == ([(date(2025, 3, 3), None)], ("delivery_voided",))


def test_rule_2_5_correction_can_take_back_the_hand_over():
    assert spans(found(f"{HANDED_OVER}, correction of picked_up 2025-03-03 12:00")) == []


@pytest.mark.parametrize("kind", ["returned_to_sender", "failed_attempt", "lost", "exception", "unknown"])
def test_rule_2_6_other_ends_close_nothing(kind: str):
    assert spans(found(HANDED_OVER, f"picked_up 2025-03-12 10:00, {kind} 2025-03-14 10:00")) == [
        (date(2025, 3, 3), None)
    ]


def test_rule_2_6_parcel_sent_back_from_the_workshop_closes_at_its_delivery_after_that():
    refused = f"{HANDED_OVER}, delivered 2025-03-05 09:00, returned_to_sender 2025-03-06 10:00, {CAME_BACK}"
    assert spans(found(refused)) == [(date(2025, 3, 3), date(2025, 3, 14))]


def test_rule_2_6_parcel_sent_back_closes_nothing_before_it_is_home():
    assert spans(found(f"{HANDED_OVER}, delivered 2025-03-05 09:00, returned_to_sender 2025-03-06 10:00")) == [
        (date(2025, 3, 3), None)
    ]


def test_rule_2_6_parcel_sent_back_does_not_close_while_another_is_at_the_workshop():
    bounced = f"{HANDED_OVER}, returned_to_sender 2025-03-06 10:00, delivered 2025-03-09 10:00"
    arrived = "picked_up 2025-03-04 10:15, delivered 2025-03-06 10:00"
    assert spans(found(f"{bounced}; {arrived}")) == [(date(2025, 3, 3), None)]
    assert spans(found(f"{bounced}; {arrived}", CAME_BACK)) == [(date(2025, 3, 3), date(2025, 3, 14))]


def test_rule_2_6_parcel_sent_back_and_handed_over_again_makes_two_windows():
    bounced = f"{HANDED_OVER}, returned_to_sender 2025-03-06 10:00, delivered 2025-03-09 10:00"
    assert spans(found(f"{bounced}; picked_up 2025-03-11 10:15", CAME_BACK)) == [
        (date(2025, 3, 3), date(2025, 3, 9)),
        (date(2025, 3, 11), date(2025, 3, 14)),
    ]


def test_rule_2_6_delivery_before_the_return_to_sender_was_none():
    pauses = found(HANDED_OVER, "delivered 2025-03-12 10:00, returned_to_sender 2025-03-13 10:00, " + CAME_BACK)
    assert (spans(pauses), pauses.reasons) == ([(date(2025, 3, 3), None)], ("delivery_followed_by_movement",))


# Pieces of one parcel, booked a year apart; whether a scan of that year ago is of it hangs on the earlier booking.
LAST_YEAR = Event("picked_up", "PU", occurred_on=date(2024, 3, 3))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("bookings", "opened"),
    [((datetime(2024, 3, 2, tzinfo=UTC), BOOKED), [date(2024, 3, 3)]), ((None, BOOKED), []), ((BOOKED, BOOKED), [])],
    ids=["the earlier counts", "one without", "both too late"],
)
def test_rule_2_7_pieces_of_one_parcel_go_by_the_earlier_booking(bookings: tuple, opened: list, turned: bool):
    pieces = [Leg("to_workshop", [LAST_YEAR], booked_at=at, key="UPS 1Z9") for at in bookings]
    assert [left for left, _back in spans(windows(pieces[::-1] if turned else pieces, None, NOW))] == opened
