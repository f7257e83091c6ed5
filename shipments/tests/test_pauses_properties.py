"""Laws that hold for any history whatever: the set of events decides, and windows are always well formed."""

import random
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from shipments.pauses import KINDS, REASONS, Event, Leg, windows

BOOKED = datetime(2025, 3, 2, 12, tzinfo=UTC)
NOW = datetime(2025, 4, 10, tzinfo=UTC)
CODES = ("", "DL", "PU", "DC")

# Few hours and few codes, so that scans meet: on one instant, on one day, across the date line, and by their code.
moments = st.builds(
    lambda hours, offset: (BOOKED + timedelta(hours=hours)).astimezone(timezone(timedelta(hours=offset))),
    st.one_of(st.integers(0, 900), st.integers(0, 75).map(lambda half_days: half_days * 12), st.just(-800)),
    st.sampled_from((-10, 0, 1, 13)),
)
likely_kinds = st.sampled_from(
    ("picked_up", "delivered", "delivered", "in_transit", "returned_to_sender", "correction")
)
kinds = st.one_of(likely_kinds, st.sampled_from(sorted(KINDS)))
codes = st.sampled_from(CODES)
events = st.one_of(
    st.builds(Event, kinds, codes, moments, voids=codes),
    st.builds(Event, kinds, codes, occurred_on=moments.map(datetime.date), voids=codes),
    st.builds(Event, kinds, codes, moments, moments.map(datetime.date), codes),
)
legs = st.builds(
    Leg,
    st.sampled_from(("to_workshop", "to_customer")),
    st.lists(events, max_size=6),
    st.none() | moments,
    st.sampled_from(("", "", "A", "B")),
)
histories = st.lists(legs, max_size=6)


def shuffled_with_repetitions(history: list[Leg], dice: random.Random) -> list[Leg]:
    again = []
    for leg in history:
        scans = list(leg.events) + [event for event in leg.events if dice.random() < 0.3]
        dice.shuffle(scans)
        again += [Leg(leg.direction, scans, leg.booked_at, leg.key)] * dice.choice((1, 1, 2))
    dice.shuffle(again)
    return again


@settings(max_examples=800, deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_windows_are_the_same_for_any_order_and_repetition(history: list[Leg], dice: random.Random):
    assert windows(shuffled_with_repetitions(history, dice), BOOKED, NOW) == windows(history, BOOKED, NOW)


@settings(max_examples=200, deadline=None)
@given(histories, st.randoms(use_true_random=False))
def test_windows_are_the_same_for_a_parcel_given_in_pieces(history: list[Leg], dice: random.Random):
    named = [Leg(leg.direction, leg.events, leg.booked_at, f"{i}") for i, leg in enumerate(history)]
    pieces = [Leg(leg.direction, [event], leg.booked_at, leg.key) for leg in named for event in leg.events]
    dice.shuffle(pieces)
    assert windows(pieces, BOOKED, NOW) == windows(named, BOOKED, NOW)


@settings(max_examples=300, deadline=None)
@given(histories)
def test_windows_are_in_order_and_only_the_last_is_open(history: list[Leg]):
    found = windows(history, BOOKED, NOW).windows
    for window in found:
        assert window.back_on is None or window.left_on <= window.back_on
    for earlier, later in pairwise(found):
        assert earlier.back_on is not None
        assert earlier.back_on <= later.left_on


@settings(max_examples=300, deadline=None)
@given(histories)
def test_windows_are_verified_only_when_closed_and_without_a_reason(history: list[Leg]):
    pauses = windows(history, BOOKED, NOW)
    assert pauses.needs_review == bool(pauses.reasons)
    assert set(pauses.reasons) <= REASONS
    for window in pauses.windows:
        assert set(window.reasons) <= set(pauses.reasons)
        assert (window.certainty == "verified") == (window.back_on is not None and not window.reasons)


@settings(max_examples=200, deadline=None)
@given(histories, st.sampled_from(("label", "pickup_failed", "exception")), moments, st.data())
def test_windows_do_not_move_by_a_scan_that_proves_nothing(history: list[Leg], kind: str, at: datetime, data):
    timed_only = [Leg(leg.direction, leg.events, leg.booked_at, f"{i}") for i, leg in enumerate(history)]
    if not timed_only:
        return
    place = data.draw(st.integers(0, len(timed_only) - 1))
    chosen = timed_only[place]
    with_noise = [*timed_only]
    with_noise[place] = Leg(chosen.direction, [*chosen.events, Event(kind, "noise", at)], chosen.booked_at, chosen.key)
    before = [(w.left_on, w.back_on) for w in windows(timed_only, BOOKED, NOW).windows]
    assert [(w.left_on, w.back_on) for w in windows(with_noise, BOOKED, NOW).windows] == before


@settings(max_examples=200, deadline=None)
@given(histories)
def test_windows_begin_on_the_day_of_a_scan_to_the_workshop(history: list[Leg]):
    to_workshop = {event.day for leg in history if leg.direction == "to_workshop" for event in leg.events}
    to_anywhere = {event.day for leg in history for event in leg.events}
    for window in windows(history, BOOKED, NOW).windows:
        assert window.left_on in to_workshop
        assert window.back_on is None or window.back_on in to_anywhere
