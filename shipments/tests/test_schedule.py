"""When a carrier is asked again: a table, and what must hold of every wait."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipments.schedule import JITTER, LONGEST_RETRY, next_look, rest_until, retry_look

NOW = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)


def ago(**units: int) -> dt.datetime:
    return NOW - dt.timedelta(**units)


@pytest.mark.parametrize(
    ("kind", "latest_at", "booked_at", "hours"),
    [
        pytest.param("", None, ago(hours=1), 6, id="just-booked"),
        pytest.param("label", ago(days=2), ago(days=2), 6, id="label"),
        pytest.param("label", ago(days=20), ago(days=20), 24, id="old-label"),
        pytest.param("label", ago(days=14), ago(days=14), 24, id="label-of-two-weeks"),
        pytest.param("pickup_failed", ago(days=1), ago(days=3), 6, id="collection-attempted"),
        pytest.param("picked_up", ago(hours=3), ago(days=1), 4, id="picked-up"),
        pytest.param("in_transit", ago(days=2), ago(days=9), 4, id="on-its-way"),
        pytest.param("in_transit", ago(days=3), ago(days=9), 12, id="quiet"),
        pytest.param("in_transit", ago(days=10), ago(days=19), 24, id="silent"),
        pytest.param("out_for_delivery", ago(days=4), ago(days=9), 12, id="out-for-delivery-and-quiet"),
        pytest.param("out_for_delivery", ago(hours=2), ago(days=9), 1, id="about-to-arrive"),
        pytest.param("available_for_pickup", ago(days=1), ago(days=9), 4, id="at-the-shop"),
        pytest.param("exception", ago(days=1), ago(days=9), 12, id="held-up"),
        pytest.param("lost", ago(days=30), ago(days=60), 12, id="lost"),
        pytest.param("returned_to_sender", ago(days=1), ago(days=9), 12, id="going-back"),
        pytest.param("delivered", ago(hours=1), ago(days=9), 24, id="delivered"),
        pytest.param("delivered", ago(days=6, hours=23), ago(days=9), 24, id="not-yet-settled"),
        pytest.param("delivered", ago(days=7), ago(days=9), None, id="settled"),
        pytest.param("in_transit", ago(days=120), ago(days=130), None, id="carrier-has-forgotten"),
        pytest.param("", None, ago(days=120), None, id="never-seen"),
    ],
)
def test_next_look_comes_when_it_is_worth_asking(kind, latest_at, booked_at, hours):
    due = next_look(NOW, latest_kind=kind, latest_at=latest_at, booked_at=booked_at)
    assert due == (None if hours is None else NOW + dt.timedelta(hours=hours))


@pytest.mark.parametrize(
    ("kind", "more", "hours"),
    [
        pytest.param("in_transit", {"told": True}, 24, id="told-by-webhooks"),
        pytest.param("out_for_delivery", {"told": True}, 24, id="told-and-about-to-arrive"),
        pytest.param("in_transit", {"retired": True}, 7 * 24, id="retired-number"),
        pytest.param("in_transit", {"told": True, "retired": True}, 7 * 24, id="told-and-retired"),
        pytest.param("delivered", {"retired": True}, None, id="arrived-and-retired"),
    ],
)
def test_next_look_is_rare_when_looking_finds_little(kind, more, hours):
    due = next_look(NOW, latest_kind=kind, latest_at=ago(hours=5), booked_at=ago(days=9), **more)
    assert due == (None if hours is None else NOW + dt.timedelta(hours=hours))


@pytest.mark.parametrize(
    ("openings", "more", "minutes"),
    [
        pytest.param(1, {}, 1, id="first"),
        pytest.param(4, {}, 8, id="fourth"),
        pytest.param(7, {}, 60, id="seventh-is-the-longest"),
        pytest.param(1, {"temporary": False}, 60, id="wrong-credentials"),
    ],
)
def test_carrier_rests_longer_when_it_keeps_failing(openings, more, minutes):
    wait = (rest_until(NOW, openings=openings, carrier="ups", **more) - NOW) / dt.timedelta(minutes=1)
    assert minutes * (1 - JITTER) <= wait <= minutes * (1 + JITTER)


@pytest.mark.parametrize(
    ("seconds", "least"),
    [
        pytest.param(1800, dt.timedelta(minutes=30), id="half-an-hour"),
        pytest.param(float("inf"), LONGEST_RETRY, id="absurd-is-believed-up-to-half-a-day"),
    ],
)
def test_retry_after_is_kept_when_the_carrier_names_one(seconds, least):
    assert rest_until(NOW, openings=1, carrier="ups", retry_after=seconds) == NOW + least
    assert NOW + least <= retry_look(NOW, failures=1, parcel=7, retry_after=seconds) <= NOW + least * (1 + JITTER)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [
        pytest.param(1, 5, id="first"),
        pytest.param(2, 10, id="second"),
        pytest.param(5, 80, id="fifth"),
        pytest.param(8, 640, id="eighth"),
        pytest.param(9, 720, id="ninth-is-the-longest"),
        pytest.param(1000, 720, id="for-ever"),
    ],
)
def test_retry_look_backs_off_when_it_keeps_failing(failures, minutes):
    wait = (retry_look(NOW, failures=failures, parcel=7) - NOW) / dt.timedelta(minutes=1)
    assert minutes * (1 - JITTER) <= wait <= minutes * (1 + JITTER)


def test_retry_look_is_rare_when_it_will_not_mend_itself():
    wait = retry_look(NOW, failures=1, parcel=7, temporary=False) - NOW
    assert LONGEST_RETRY * (1 - JITTER) <= wait <= LONGEST_RETRY * (1 + JITTER)
    assert retry_look(NOW, failures=1000, parcel=7, temporary=False) - NOW > LONGEST_RETRY * (1 - JITTER)


@given(st.integers(1, 10_000), st.integers(1, 10**9))
def test_retry_look_is_the_same_for_the_same_parcel_and_count(failures, parcel):
    due = retry_look(NOW, failures=failures, parcel=parcel)
    assert due == retry_look(NOW, failures=failures, parcel=parcel)
    assert NOW < due <= NOW + LONGEST_RETRY * (1 + JITTER)


def test_retry_look_spreads_parcels_when_all_failed_together():
    due = {retry_look(NOW, failures=3, parcel=parcel) for parcel in range(200)}
    assert len(due) == 200
    # To both sides of the twenty minutes, and about as often.
    assert 60 < sum(at < NOW + dt.timedelta(minutes=20) for at in due) < 140
