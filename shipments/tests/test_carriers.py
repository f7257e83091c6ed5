"""What adapters answer with, which carriers are on offer, and the simulated carrier's journeys."""

import asyncio
import datetime as dt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.errors import Refused
from shipments.carriers.base import Asked, CarrierError, NotFoundYet, TrackAnswer, TrackedEvent
from shipments.carriers.manual import ANY, ByHand
from shipments.carriers.registry import find_carrier, get_carrier, identify, offered_carriers, suggest_carrier
from shipments.carriers.simulated import ALPHABET, ZONES, SimulatedCarrier, journey, new_number, read_number
from shipments.models import EventKind
from shipments.scans import KINDS
from shipments.tests.factories import NOW, scan, simulated_number

BOOKED_AT = dt.datetime(2025, 3, 1, 5, tzinfo=dt.UTC)
MUCH_LATER = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def test_event_kinds_are_those_of_the_windows():
    assert set(EventKind.values) == KINDS


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"kind": "arrived", "occurred_on": dt.date(2025, 1, 1)}, id="no-such-kind"),
        pytest.param({"kind": "delivered", "occurred_at": dt.datetime(2025, 1, 1)}, id="naive"),
        pytest.param({"kind": "delivered"}, id="without-a-date"),
    ],
)
def test_tracked_event_refuses_what_is_no_scan(fields):
    with pytest.raises(ValueError, match=r"kind|occurred"):
        TrackedEvent(**fields)


def test_tracked_event_takes_the_local_day_when_it_is_already_tomorrow_in_utc():
    event = scan("delivered", "2025-03-14T22:30:00-07:00")
    assert event.day == dt.date(2025, 3, 14)


def test_tracked_event_keeps_the_day_the_carrier_gave_when_the_offset_is_unknown():
    at = dt.datetime(2025, 3, 15, 5, 30, tzinfo=dt.UTC)
    assert TrackedEvent("delivered", occurred_at=at, occurred_on=dt.date(2025, 3, 14)).day == dt.date(2025, 3, 14)


def test_tracked_event_is_cut_to_what_can_be_stored():
    event = scan("unknown", "2025-03-14", code="C" * 500, place="P\0lace\n", text="T" * 5000)
    assert (len(event.code), event.place, len(event.text)) == (80, "P lace", 500)


SAME = scan("delivered", "2025-03-14T16:40:00", place="Köln, DE", text="Delivered")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(scan("delivered", "2025-03-14T16:40:00.7", place="Köln, DE"), id="part-of-a-second"),
        pytest.param(scan("delivered", "2025-03-14T15:40:00+00:00", place="Köln, DE"), id="another-offset"),
        pytest.param(scan("delivered", "2025-03-14T16:40:00", place="KÖLN - de"), id="place-written-otherwise"),
        pytest.param(scan("delivered", "2025-03-14T16:40:00", place="Köln, DE", text="Zugestellt"), id="other-words"),
        pytest.param(scan("delivered", "2025-03-14T16:40:00", place="Köln, DE", raw={"id": 9}), id="other-payload"),
    ],
)
def test_fact_is_the_same_when_another_channel_tells_it(other):
    assert other.fact == SAME.fact


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(scan("delivered", "2025-03-14T16:40:01", place="Köln, DE"), id="another-second"),
        pytest.param(scan("delivered", "2025-03-14", place="Köln, DE"), id="the-day-only"),
        pytest.param(scan("delivered", "2025-03-14T16:40:00", place="Bonn, DE"), id="another-place"),
        pytest.param(scan("delivered", "2025-03-14T16:40:00", "D2", place="Köln, DE"), id="another-code"),
        pytest.param(scan("in_transit", "2025-03-14T16:40:00", "DL", place="Köln, DE"), id="another-kind"),
        pytest.param(scan("delivered", "2025-03-14T16:40:00", place="Köln, DE", voids="DL"), id="takes-one-back"),
    ],
)
def test_fact_differs_when_the_scan_does(other):
    assert other.fact != SAME.fact


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        pytest.param(None, "events", id="answered"),
        pytest.param(NotFoundYet(), "not_found", id="not-known-yet"),
        pytest.param(CarrierError("down"), "error", id="failed"),
    ],
)
def test_answer_names_its_outcome(error, outcome):
    assert TrackAnswer("X", error=error).outcome == outcome


def test_registry_offers_the_simulated_carrier_only_when_it_is_switched_on(settings):
    settings.SIMULATED_CARRIER = True
    assert next(iter(offered_carriers())) == "simulated"
    settings.SIMULATED_CARRIER = False
    assert "simulated" not in offered_carriers()
    with pytest.raises(Refused, match="simulated"):
        get_carrier("simulated")


def test_registry_follows_a_known_carrier_by_hand_when_it_has_no_adapter():
    ups = get_carrier("ups")
    assert (ups.name, ups.polled) == ("UPS", False)
    assert ups.recognises("1Z999AA10123456784")
    assert not ups.recognises("986578788855")


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        pytest.param("MYHERMES12345678", True, id="unknown-format"),
        pytest.param("1Z999AA10123456784", True, id="somebody-elses"),
        pytest.param("HELLO", False, id="no-digit"),
        pytest.param("12", False, id="too-short"),
    ],
)
def test_any_carrier_keeps_whatever_can_be_a_number(number, kept):
    assert ByHand(ANY, "Another").recognises(number) is kept


def test_by_hand_carrier_says_so_when_it_is_asked():
    (answer,) = asyncio.run(ByHand("ups", "UPS").track([Asked("1Z", NOW)], NOW))
    assert answer.error is not None
    assert not answer.error.temporary


def test_identify_knows_simulated_numbers_only_when_they_are_on_offer(settings):
    number = simulated_number(3)
    settings.SIMULATED_CARRIER = True
    assert identify(number.lower()).carriers == ("simulated",)
    assert suggest_carrier(number) == "simulated"
    settings.SIMULATED_CARRIER = False
    assert not identify(number).valid
    assert suggest_carrier(number) == ANY
    assert suggest_carrier("1Z999AA10123456784") == "ups"
    assert find_carrier("simulated") is None


days_on_the_road = st.integers(1, 60)
numbers = st.builds(lambda days, seed: new_number(days, Random(seed)), days_on_the_road, st.integers())


@given(days_on_the_road, st.integers(), st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_number_says_what_it_was_made_for(days, seed, origin, destination):
    trip = read_number(new_number(days, Random(seed), origin=origin, destination=destination))
    assert trip is not None
    assert (trip.days, str(trip.origin), str(trip.destination)) == (days, origin, destination)


@given(numbers, st.data())
def test_number_is_refused_when_one_letter_is_wrong(number, data):
    plain = number.replace("-", "")
    place = data.draw(st.integers(len(plain) - 5, len(plain) - 1))
    letter = data.draw(st.sampled_from([char for char in ALPHABET if char != plain[place]]))
    assert read_number(plain) is not None
    assert read_number(plain[:place] + letter + plain[place + 1 :]) is None


@pytest.mark.parametrize("days", [0, -1, 61])
def test_number_is_refused_when_the_trip_is_too_long_or_too_short(days):
    with pytest.raises(ValueError, match="days"):
        new_number(days, Random(1))


@pytest.mark.parametrize("written", ["", "SIM", "SIM-KRTB-X", "SIM0-KRTB-X", "SIM99-KRTB-X", "SIM2-KRTE-X", "SIM²RTBX"])
def test_read_number_returns_nothing_when_it_is_no_simulated_number(written):
    assert read_number(written) is None
    with pytest.raises(ValueError, match="no number"):
        journey(written, BOOKED_AT, NOW)


moments = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))


@given(numbers, moments, moments)
def test_journey_only_grows_when_time_goes_on(number, booked_at, now):
    seen = journey(number, booked_at, now)
    whole = journey(number, booked_at, now + dt.timedelta(days=900))
    assert seen == whole[: len(seen)]
    assert all(event.occurred_at <= now for event in seen)
    assert len({event.fact for event in whole}) == len(whole)


@given(numbers, moments)
def test_journey_is_one_a_parcel_can_make(number, booked_at):
    trip = read_number(number)
    whole = journey(number, booked_at, booked_at + dt.timedelta(days=100))
    kinds = [event.kind for event in whole]
    moments = [event.occurred_at for event in whole]
    assert moments == sorted(moments)
    assert kinds[:2] == ["label", "picked_up"]
    assert kinds[-2:] == ["out_for_delivery", "delivered"]
    picked_up, delivered = whole[1], whole[-1]
    assert picked_up.day == booked_at.astimezone(trip.origin).date() + dt.timedelta(days=1)
    set_out = picked_up.occurred_at.astimezone(trip.destination).date()
    assert delivered.day - set_out == dt.timedelta(days=trip.days)
    assert all("[simulated]" in event.text and event.raw["simulated"] for event in whole)


def test_journey_has_local_days_when_it_crosses_the_date_line():
    number = simulated_number(2, origin="America/Los_Angeles", destination="Asia/Tokyo")
    told = {event.kind: (event.day.isoformat(), event.place) for event in journey(number, BOOKED_AT, MUCH_LATER)}
    assert told["label"] == ("2025-02-28", "Los Angeles")
    assert told["picked_up"] == ("2025-03-01", "Los Angeles")
    assert told["delivered"] == ("2025-03-04", "Tokyo")


def test_simulated_carrier_answers_for_each_parcel_in_order(settings):
    settings.SIMULATED_CARRIER = True
    asked = [Asked(simulated_number(1), BOOKED_AT), Asked("1Z999AA10123456784", BOOKED_AT)]
    answers = asyncio.run(SimulatedCarrier().track(asked, MUCH_LATER))
    assert [answer.number for answer in answers] == [one.number for one in asked]
    assert [answer.outcome for answer in answers] == ["events", "not_found"]
    assert answers[0].events[-1].kind == "delivered"


def test_simulated_carrier_refuses_to_be_asked_when_it_is_switched_off(settings):
    settings.SIMULATED_CARRIER = False
    with pytest.raises(CarrierError, match="SIMULATED_CARRIER"):
        asyncio.run(SimulatedCarrier().track([Asked(simulated_number(1), BOOKED_AT)], NOW))
