"""What is left out of a history, what needs a person's eye, and dates without times (docs/policy.md 2.7 and 2.9)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from products.fields import FieldError
from products.tests.policy_page import rows_under
from shipments.pauses import REASONS, Event, Leg, Window, windows
from shipments.scans import PHYSICAL
from shipments.tests.histories import BOOKED, CAME_BACK, HANDED_OVER, NOW, found, leg, spans


def test_policy_page_names_every_reason_for_review():
    assert {row["reason"] for row in rows_under("#### Reasons for review")} == REASONS


@pytest.mark.parametrize(
    ("age", "opens"),
    [
        pytest.param(timedelta(days=30), True, id="30 days old"),
        pytest.param(timedelta(days=30, seconds=1), False, id="a second more"),
    ],
)
def test_rule_2_7_event_older_than_30_days_before_the_booking_is_not_used(age: timedelta, opens: bool):
    pauses = windows([Leg("to_workshop", [Event("picked_up", occurred_at=BOOKED - age)])], BOOKED, NOW)
    assert bool(pauses.windows) is opens
    assert not pauses.needs_review


@pytest.mark.parametrize(("day", "opens"), [(date(2025, 1, 31), True), (date(2025, 1, 30), False)])
def test_rule_2_7_bare_date_is_too_old_by_the_calendar(day: date, opens: bool):
    assert bool(windows([Leg("to_workshop", [Event("picked_up", occurred_on=day)])], BOOKED, NOW).windows) is opens


def test_rule_2_7_booking_of_the_parcel_stands_before_that_of_the_case():
    late = leg("to_workshop", HANDED_OVER, booked_at=datetime(2025, 6, 1, tzinfo=UTC))
    assert spans(windows([late], BOOKED, NOW)) == []


def test_rule_2_7_nothing_is_too_old_when_no_booking_is_known():
    assert spans(windows([leg("to_workshop", "picked_up 1999-01-01 10:00")], None, NOW)) == [(date(1999, 1, 1), None)]


@pytest.mark.parametrize(
    ("event", "is_used"),
    [
        pytest.param(Event("picked_up", occurred_at=NOW + timedelta(hours=24)), True, id="24 hours ahead"),
        pytest.param(Event("picked_up", occurred_at=NOW + timedelta(hours=24, seconds=1)), False, id="a second more"),
        pytest.param(Event("picked_up", occurred_on=date(2025, 12, 2)), True, id="tomorrow's date"),
        pytest.param(Event("picked_up", occurred_on=date(2025, 12, 3)), False, id="the date after it"),
    ],
)
def test_rule_2_7_event_more_than_24_hours_ahead_is_not_used(event: Event, is_used: bool):
    pauses = windows([Leg("to_workshop", [event])], BOOKED, NOW)
    assert bool(pauses.windows) is is_used
    assert ("future_event" in pauses.reasons) is not is_used


def test_rule_2_7_bare_date_that_has_begun_somewhere_on_earth_is_not_the_future():
    scan = Event("picked_up", occurred_on=date(2025, 12, 3))
    evening = datetime(2025, 12, 1, 20, tzinfo=UTC)  # on Kiritimati the third begins in 14 hours
    assert spans(windows([Leg("to_workshop", [scan])], BOOKED, evening)) == [(date(2025, 12, 3), None)]


def test_rule_2_7_delivery_is_before_the_hand_over_when_its_date_is():
    handed_over = Event("picked_up", occurred_at=datetime.fromisoformat("2025-03-04T01:00:00+13:00"))
    delivered = Event("delivered", occurred_at=datetime.fromisoformat("2025-03-03T20:00:00+00:00"))
    pauses = windows([Leg("to_workshop", [handed_over]), Leg("to_customer", [delivered])], BOOKED, NOW)
    assert (spans(pauses), pauses.reasons) == ([(date(2025, 3, 4), None)], ("contradictory_order",))


@pytest.mark.parametrize(
    ("delivered", "back_on"),
    [
        pytest.param("delivered 2025-03-02 20:00", None, id="the day before"),
        pytest.param("delivered 2025-03-03 09:00", None, id="earlier that day"),
        pytest.param("delivered 2025-03-03", date(2025, 3, 3), id="some time that day"),
    ],
)
def test_rule_2_7_delivery_before_the_hand_over_closes_nothing(delivered: str, back_on: date | None):
    pauses = found(HANDED_OVER, delivered)
    assert spans(pauses) == [(date(2025, 3, 3), back_on)]
    assert ("contradictory_order" in pauses.reasons) is (back_on is None)


def test_rule_2_7_scans_before_a_foreign_delivery_are_foreign_too():
    pauses = found(
        HANDED_OVER, f"picked_up 2025-02-27 10:00, unknown 2025-02-28 10:00, delivered 2025-03-01 10:00; {CAME_BACK}"
    )
    assert spans(pauses) == [(date(2025, 3, 3), date(2025, 3, 14))]
    assert pauses.reasons == ("contradictory_order",)


def test_rule_2_7_pieces_of_one_parcel_are_read_together():
    pieces = [
        leg("to_workshop", HANDED_OVER),
        leg("to_customer", "picked_up 2025-03-12 10:00", key="R"),
        leg("to_customer", CAME_BACK, key="R"),
        leg("to_customer", "picked_up 2025-03-12 10:00", key="R", booked_at=BOOKED),
    ]
    assert spans(windows(pieces, BOOKED, NOW)) == [(date(2025, 3, 3), date(2025, 3, 14))]


def test_rule_2_9_window_is_verified_by_both_ends_and_says_by_which_parcels():
    legs = [leg("to_workshop", HANDED_OVER, key="in"), leg("to_customer", CAME_BACK, key="out")]
    assert windows(legs, BOOKED, NOW).windows == (
        Window(date(2025, 3, 3), date(2025, 3, 14), "verified", (), opened_by="in", closed_by="out"),
    )


@pytest.mark.parametrize(
    ("first", "second", "direction"),
    [
        pytest.param("picked_up 2025-03-03 09:00", "picked_up 2025-03-03 10:00", "to_workshop", id="opened by time"),
        pytest.param("picked_up 2025-03-03 10:00", "in_transit 2025-03-03 10:00", "to_workshop", id="by a hand-over"),
        pytest.param("delivered 2025-03-14 16:00", "delivered 2025-03-14 10:00", "to_customer", id="closed by time"),
        pytest.param("delivered 2025-03-14 10:00", "delivered 2025-03-14", "to_customer", id="by a scan with a time"),
    ],
)
@pytest.mark.parametrize("keys", ["ab", "ba"])
def test_rule_2_9_end_of_a_window_is_proved_by_the_scan_that_says_most(
    first: str, second: str, direction: str, keys: str
):
    """`first` proves it, whatever the two parcels are called."""
    legs = [leg(direction, first, key=keys[0]), leg(direction, second, key=keys[1])]
    other = ("to_customer", CAME_BACK) if direction == "to_workshop" else ("to_workshop", HANDED_OVER)
    (window,) = windows([*legs, leg(*other, key="other")], BOOKED, NOW).windows
    assert (window.opened_by, window.closed_by) == (
        (keys[0], "other") if direction == "to_workshop" else ("other", keys[0])
    )
    assert window.reasons == ()


def test_rule_2_9_reason_stays_with_the_window_its_parcel_closed_when_the_next_begins_that_day():
    pauses = found(
        f"{HANDED_OVER}; drop_off 2025-03-14 18:00",
        "picked_up 2025-03-14 08:00, unknown 2025-03-14 09:00, delivered 2025-03-14 12:00",
    )
    assert [window.reasons for window in pauses.windows] == [("unknown_code",), ()]


def test_rule_2_9_open_window_is_provisional_without_needing_review():
    pauses = found(HANDED_OVER)
    assert (pauses.windows[0].certainty, pauses.needs_review) == ("provisional", False)


def test_rule_2_9_reason_makes_only_its_own_window_provisional():
    pauses = found(
        f"in_transit 2025-03-03 10:15; {HANDED_OVER.replace('03-03', '04-01')}",
        f"{CAME_BACK}; delivered 2025-04-09 10:00",
    )
    assert [(window.certainty, window.reasons) for window in pauses.windows] == [
        ("provisional", ("inferred_handover",)),
        ("verified", ()),
    ]


@pytest.mark.parametrize(
    ("scans", "reasons"),
    [
        pytest.param("lost 2025-04-05 10:00", [(), ("lost",)], id="second trip"),
        pytest.param("lost 2025-04-01 08:00", [(), ("lost",)], id="the day it begins"),
        pytest.param("lost 2025-03-20 10:00", [("lost",), ()], id="after the first trip"),
        pytest.param("lost 2025-03-02 20:00", [("lost",), ()], id="before any"),
        pytest.param("picked_up 2025-01-02 10:00, lost 2025-04-05 10:00", [(), ("lost",)], id="after an unused scan"),
    ],
)
def test_rule_2_9_reason_of_a_parcel_that_never_moved_belongs_to_the_trip_under_way(scans: str, reasons: list):
    both_home = f"{CAME_BACK}; delivered 2025-04-09 10:00"
    pauses = found(f"{HANDED_OVER}; picked_up 2025-04-01 10:00", f"{both_home}; {scans}")
    assert [window.reasons for window in pauses.windows] == reasons


@pytest.mark.parametrize("kind", sorted(PHYSICAL))
def test_rule_2_9_hand_over_is_inferred_unless_a_scan_says_so(kind: str):
    assert ("inferred_handover" in found(f"{kind} 2025-03-03 10:15").reasons) is (kind not in {"drop_off", "picked_up"})


def test_rule_2_9_hand_over_of_a_second_parcel_need_not_be_proved():
    assert found(f"{HANDED_OVER}; in_transit 2025-03-05 10:00", CAME_BACK).reasons == ()


@pytest.mark.parametrize(
    ("to_workshop", "to_customer", "is_noted"),
    [
        pytest.param("picked_up 2025-03-03", CAME_BACK, True, id="opens"),
        pytest.param(HANDED_OVER, "delivered 2025-03-14", True, id="closes"),
        pytest.param(HANDED_OVER, f"in_transit 2025-03-13, {CAME_BACK}", False, id="neither"),
        pytest.param(HANDED_OVER, f"{CAME_BACK}, delivered 2025-03-14", False, id="beside one with a time"),
    ],
)
def test_rule_2_9_bare_date_is_noted_where_it_opens_or_closes(to_workshop: str, to_customer: str, is_noted: bool):
    assert ("date_only" in found(to_workshop, to_customer).reasons) is is_noted


def test_rule_2_9_unknown_code_matters_on_the_way_to_the_customer_only():
    assert found(f"{HANDED_OVER}, unknown 2025-03-04 10:00", CAME_BACK).reasons == ()
    assert found(HANDED_OVER, f"{CAME_BACK}, unknown 2025-03-15 10:00").reasons == ("unknown_code",)


@pytest.mark.parametrize(
    ("scans", "final_on"),
    [
        pytest.param(
            "in_transit 2025-03-14 06:00, out_for_delivery 2025-03-14 08:00, delivered 2025-03-14",
            date(2025, 3, 14),
            id="timed movements",
        ),
        pytest.param("in_transit 2025-03-14, delivered 2025-03-14 09:00", date(2025, 3, 14), id="timed delivery"),
        pytest.param("delivered 2025-03-14, out_for_delivery 2025-03-14", date(2025, 3, 14), id="no times at all"),
        pytest.param("delivered 2025-03-14, in_transit 2025-03-15", None, id="the day after"),
        pytest.param("delivered 2025-03-14, in_transit 2025-03-15 00:01", None, id="a minute after that day"),
    ],
)
def test_bare_dates_stand_among_instants_where_they_make_sense(scans: str, final_on: date | None):
    assert spans(found(HANDED_OVER, scans)) == [(date(2025, 3, 3), final_on)]


def test_hand_over_known_to_the_day_stands_before_the_timed_scans_of_that_day():
    assert found("in_transit 2025-03-03 01:00, picked_up 2025-03-03").reasons == ("date_only",)


def test_hand_over_with_a_time_stands_before_other_scans_known_to_the_day():
    assert found("in_transit 2025-03-03, picked_up 2025-03-03 10:15").reasons == ()


def test_window_stays_open_for_a_person_when_the_date_line_ends_it_before_it_began():
    home = Event("delivered", occurred_at=datetime.fromisoformat("2025-04-01T23:00:00-10:00"))
    out = Event("picked_up", occurred_at=datetime.fromisoformat("2025-04-02T20:00:00+13:00"))
    second = Event("drop_off", occurred_at=datetime.fromisoformat("2025-04-02T19:00:00+13:00"))
    legs = [
        leg("to_workshop", HANDED_OVER),
        leg("to_customer", CAME_BACK),
        Leg("to_workshop", [second]),
        Leg("to_customer", [out, home]),
    ]
    last = windows(legs, BOOKED, NOW).windows[-1]
    assert (last.left_on, last.back_on, last.reasons) == (date(2025, 4, 2), None, ("contradictory_order",))


def test_windows_compare_instants_at_both_ends_of_the_calendar():
    edge = Event("picked_up", occurred_at=datetime.fromisoformat("0001-01-01T00:00:00+14:00"))
    last = datetime.fromisoformat("9999-12-31T23:59:59-12:00")
    assert spans(windows([Leg("to_workshop", [edge])], None, last)) == [(date(1, 1, 1), None)]


@pytest.mark.parametrize(
    ("make", "field", "what"),
    [
        pytest.param(lambda: Event("flown", occurred_at=NOW), "kind", "no such kind flown", id="kind"),
        pytest.param(
            lambda: Event("delivered", occurred_at=datetime(2025, 3, 3)),
            "occurred_at",
            "no UTC offset",
            id="naive scan",
        ),
        pytest.param(lambda: Event("delivered"), "occurred_at", "missing, and occurred_on too", id="no time at all"),
        pytest.param(lambda: Leg("sideways", []), "direction", "no such direction sideways", id="direction"),
        pytest.param(
            lambda: Leg("to_customer", [], datetime(2025, 3, 3)),
            "booked_at",
            "no UTC offset",
            id="naive booking",
        ),
        pytest.param(lambda: windows([], None, datetime(2025, 3, 3)), "now", "no UTC offset", id="naive now"),
        pytest.param(
            lambda: windows([], datetime(2025, 3, 3), NOW),
            "booked_at",
            "no UTC offset",
            id="naive booking of the case",
        ),
    ],
)
def test_windows_refuse_what_has_no_place_in_time(make, field: str, what: str):
    with pytest.raises(FieldError) as refusal:
        make()
    assert (refusal.value.field, refusal.value.what) == (field, what)
