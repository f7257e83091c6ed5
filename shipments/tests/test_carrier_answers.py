"""What each adapter makes of an answer: the code decides, the day is that of the place. Fixtures are written by hand in
the shape each carrier documents; the traps of real life are in them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipments.carriers.base import TrackAnswer
from shipments.carriers.registry import readers
from shipments.models import EventKind

ANSWERS = Path(__file__).parent / "answers"

# carrier → number → code, kind, local day, time with its offset (None: not known)
EXPECTED = {
    "dhl": {
        "00340434292135100186": [
            ("delivered", "delivered", "2025-03-14", "16:40+01:00"),
            ("transit", "in_transit", "2025-03-14", "00:20+01:00"),
            ("transit", "in_transit", "2025-03-13", None),  # which of the American zones, nobody says
            ("pre-transit", "label", "2025-03-12", None),
            ("wormhole", "unknown", "2025-03-12", None),
        ]
    },
    "gls": {
        "36301917596": [
            ("DELIVD.NEIGHB", "delivered", "2025-03-14", "16:40+01:00"),
            ("DELIVD.PARCELSHOP", "available_for_pickup", "2025-03-13", "18:02+01:00"),
            ("OUTDEL.NORMAL", "out_for_delivery", "2025-03-13", "08:11+01:00"),
            ("INBOUD.NORMAL", "in_transit", "2025-03-13", "04:30+01:00"),
            ("INTIAL.NORMAL", "picked_up", "2025-03-12", "17:46+01:00"),
            ("INTIAL.E48_DATA", "label", "2025-03-12", "09:30+01:00"),
        ]
    },
    "fedex": {
        "986578788855": [
            ("DL", "delivered", "2025-03-14", "23:40-07:00"),  # the next day in UTC
            ("OD", "out_for_delivery", "2025-03-14", "08:52-07:00"),
            ("DE", "failed_attempt", "2025-03-13", "11:26-07:00"),
            ("DE", "exception", "2025-03-13", "10:00-07:00"),
            ("HP", "available_for_pickup", "2025-03-12", "13:26-07:00"),
            ("CC", "in_transit", "2025-03-12", "09:10-05:00"),
            ("PU", "picked_up", "2025-03-11", "16:05+01:00"),
            ("OC", "label", "2025-03-11", "09:30-05:00"),
            ("ZZ", "unknown", "2025-03-11", "09:00-05:00"),
        ]
    },
    "ups": {
        "1Z999AA10123456784": [
            ("F4", "delivered", "2025-03-14", "21:15-04:00"),
            ("2Q", "available_for_pickup", "2025-03-13", "16:06-04:00"),
            ("48", "failed_attempt", "2025-03-13", "11:00-04:00"),  # the offset from the time in GMT
            ("OT", "out_for_delivery", "2025-03-13", "09:22-04:00"),  # the offset from the state
            ("DP", "in_transit", "2025-03-12", "00:30+01:00"),
            ("PU", "picked_up", "2025-03-11", None),  # a country of many zones
            ("MP", "label", "2025-03-11", None),
            ("VX", "correction", "2025-03-10", None),
            ("Q9", "unknown", "2025-03-10", None),
        ]
    },
    "usps": {
        "9400111201080805483016": [
            ("01", "delivered", "2025-03-14", "21:58-07:00"),
            ("14", "available_for_pickup", "2025-03-13", "08:10-07:00"),
            ("53", "failed_attempt", "2025-03-12", "14:05-07:00"),
            ("T1", "in_transit", "2025-03-11", None),
            ("03", "picked_up", "2025-03-10", "11:10-04:00"),
            ("GX", "label", "2025-03-09", "23:32-04:00"),
            ("X9", "unknown", "2025-03-09", "10:00-04:00"),
        ]
    },
    "easypost": {
        "01405400945058": [
            ("delivered/arrived_at_destination", "delivered", "2025-03-14", "22:20-05:00"),
            ("delivered/arrived_at_pickup_location", "available_for_pickup", "2025-03-14", "10:00+01:00"),
            ("delivered/released_by_customs", "unknown", "2025-03-14", "00:30+01:00"),
            ("in_transit/held", "exception", "2025-03-12", "10:00+00:00"),
            ("in_transit/something_new", "in_transit", "2025-03-12", "09:00+09:00"),
            ("in_transit/received_at_origin_facility", "picked_up", "2025-03-12", "08:45+09:00"),
            ("pre_transit/label_created", "label", "2025-03-11", None),
        ]
    },
    "aftership": {
        "01405400945058": [
            ("Delivered_003", "delivered", "2025-03-14", "23:10-07:00"),
            ("AvailableForPickup_001", "available_for_pickup", "2025-03-14", "00:30+01:00"),
            ("InTransit_005", "in_transit", "2025-03-13", None),
            ("InTransit_002", "picked_up", "2025-03-12", "17:00+01:00"),
            ("Exception_013", "lost", "2025-03-12", None),
            ("Delivered_777", "unknown", "2025-03-11", "00:00+00:00"),
            ("InfoReceived_001", "label", "2025-03-10", "09:00+01:00"),
        ]
    },
}
CODES = tuple(EXPECTED)


def _parsed(carrier: str, payload: Any) -> list[TrackAnswer]:
    return readers()[carrier].parse(payload)


def _row(event: Any) -> tuple[str, str, str, str | None]:
    at = event.occurred_at
    return event.code, event.kind, event.day.isoformat(), f"{at:%H:%M}{at.isoformat()[-6:]}" if at else None


def test_every_adapter_is_tried_on_an_answer_of_its_own():
    assert set(EXPECTED) == set(readers()), "EXPECTED: what must come out of answers/<code>.json"
    assert set(IN_WORDS) == set(readers()), "IN_WORDS: a scan that is a delivery by its words only"


@pytest.mark.parametrize("carrier", CODES)
def test_parse_maps_codes_and_keeps_the_local_day(carrier):
    answers = _parsed(carrier, (ANSWERS / f"{carrier}.json").read_bytes())
    told = {answer.number: [_row(event) for event in answer.events] for answer in answers if answer.outcome == "events"}
    assert told == EXPECTED[carrier]


@pytest.mark.parametrize("carrier", CODES)
def test_parse_keeps_the_payload_of_every_scan(carrier):
    answers = _parsed(carrier, (ANSWERS / f"{carrier}.json").read_bytes())
    assert all(event.raw for answer in answers for event in answer.events)


def test_parse_names_the_scan_that_could_not_be_read_and_keeps_the_others():
    (answer,) = _parsed("dhl", (ANSWERS / "dhl.json").read_bytes())
    assert len(answer.events) == 5
    assert answer.problems == ("scan 6: Invalid isoformat string: 'yesterday'",)


def test_parse_takes_the_label_back_when_ups_voids_it():
    (answer,) = _parsed("ups", (ANSWERS / "ups.json").read_bytes())
    assert [event.voids for event in answer.events if event.kind == "correction"] == ["MP"]


UPS_ERROR = {"response": {"errors": [{"code": "TW0001", "message": "Tracking Information Not Found"}]}}
UPS_WARNING = {"trackResponse": {"shipment": [{"inquiryNumber": "1Z", "warnings": [{"code": "TW0001"}]}]}}
USPS_ERROR = {"apiVersion": "/v3", "error": {"code": "404", "message": "Not available yet"}}
EASYPOST_NEW = {"object": "Tracker", "tracking_code": "X1", "status": "unknown", "tracking_details": []}

OTHERWISE = (
    # carrier, payload, outcome, temporary
    pytest.param(
        "dhl", {"title": "No result found", "status": 404, "instance": "/shipment/1"}, "not_found", True, id="dhl"
    ),
    pytest.param("dhl", {"title": "Too Many Requests", "status": 429}, "error", True, id="dhl-busy"),
    pytest.param("dhl", {"title": "Unauthorized", "status": 401}, "error", False, id="dhl-key"),
    pytest.param(
        "dhl", {"shipments": [{"id": "1", "events": [{"typeCode": "OK"}]}]}, "not_an_answer", True, id="mydhl"
    ),
    pytest.param("ups", UPS_ERROR, "not_found", True, id="ups"),
    pytest.param("ups", UPS_WARNING, "not_found", True, id="ups-warning"),
    pytest.param("ups", {"response": {"errors": [{"code": "250002"}]}}, "error", False, id="ups-login"),
    pytest.param("fedex", {"errors": [{"code": "TRACKING.TRACKINGNUMBER.EMPTY"}]}, "error", False, id="fedex"),
    pytest.param("fedex", {"errors": [{"code": "INTERNAL.SERVER.ERROR"}]}, "error", True, id="fedex-down"),
    pytest.param("fedex", {"output": {"documents": ["JVBERi0="]}}, "not_an_answer", True, id="proof-of-delivery"),
    pytest.param("usps", USPS_ERROR, "not_found", True, id="usps"),
    pytest.param("usps", {"error": "invalid_client"}, "error", False, id="usps-login"),
    pytest.param("gls", {"parcels": []}, "not_an_answer", True, id="gls-empty"),
    pytest.param("easypost", EASYPOST_NEW, "not_found", True, id="easypost-nothing-yet"),
    pytest.param("easypost", {"error": {"code": "TRACKER.NOT_FOUND"}}, "not_found", True, id="easypost"),
    pytest.param("easypost", {"object": "Event", "result": {"object": "Batch"}}, "not_an_answer", True, id="batch"),
    pytest.param("aftership", {"meta": {"code": 4004}, "data": {}}, "not_found", True, id="aftership"),
    pytest.param("aftership", {"meta": {"code": 401}, "data": {}}, "error", False, id="aftership-key"),
    pytest.param("aftership", {"meta": {"code": 200}, "data": {"couriers": []}}, "not_an_answer", True, id="couriers"),
    pytest.param("gls", b"<html><body>Sorry</body></html>", "not_an_answer", True, id="html"),
    pytest.param("gls", b'<?xml version="1.0"?><a/>', "not_an_answer", True, id="xml"),
    pytest.param("gls", b"\xff\xfe", "not_an_answer", True, id="no-text"),
    pytest.param("gls", b"", "not_an_answer", True, id="empty"),
    pytest.param("gls", b"[" * 200_000, "not_an_answer", True, id="depth-bomb"),
    pytest.param("gls", b"1" * 10_000, "not_an_answer", True, id="endless-number"),
)


@pytest.mark.parametrize(("carrier", "payload", "outcome", "temporary"), OTHERWISE)
def test_parse_says_why_there_are_no_events(carrier, payload, outcome, temporary):
    (answer,) = _parsed(carrier, payload)
    assert (answer.outcome, answer.events) == (outcome, ())
    assert answer.error is not None
    assert answer.error.temporary is temporary
    assert answer.reason


def test_parse_answers_for_each_number_of_a_batch():
    outcomes = {answer.number: answer.outcome for answer in _parsed("gls", (ANSWERS / "gls.json").read_text("utf-8"))}
    assert outcomes == {"36301917596": "events", "36301917597": "not_found", "36301917598": "error"}


def test_parse_keeps_both_parcels_when_fedex_knows_a_number_twice():
    result = json.loads((ANSWERS / "fedex.json").read_text("utf-8"))["output"]["completeTrackResults"][0]
    payload = {"output": {"completeTrackResults": [{**result, "trackResults": result["trackResults"] * 2}]}}
    assert [answer.outcome for answer in _parsed("fedex", payload)] == ["events", "events"]


# carrier → a scan that is a delivery by its words, and its code to be put in
IN_WORDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "dhl": lambda code: {"statusCode": code, "status": "DELIVERED", "timestamp": "2025-03-14"},
    "gls": lambda code: {"code": code, "description": "Delivered", "eventDateTime": "2025-03-14T10:00:00+0100"},
    "fedex": lambda code: {
        "eventType": code,
        "eventDescription": "Delivered",
        "derivedStatus": "Delivered",
        "date": "2025-03-14",
    },
    "ups": lambda code: {"status": {"code": code, "description": "DELIVERED"}, "date": "20250314"},
    "usps": lambda code: {"eventCode": code, "eventType": "Delivered", "eventTimestamp": "2025-03-14T10:00:00"},
    "easypost": lambda code: {"status": code, "message": "Delivered", "datetime": "2025-03-14"},
    "aftership": lambda code: {"subtag": code, "tag": "", "message": "Delivered", "checkpoint_time": "2025-03-14"},
}


@pytest.mark.parametrize("carrier", CODES)
@pytest.mark.parametrize("code", ["", "DELIVERED", "Delivered", "delivered!", "zugestellt"])
def test_parse_never_delivers_by_words(carrier, code):
    assert readers()[carrier].event(IN_WORDS[carrier](code)).kind != "delivered"  # type: ignore[attr-defined]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted({*"ab", "data", "msg", "events", "shipments", "parcels", "status"})), inner
        )
    ),
    max_leaves=12,
)


def _mutilated(value: Any, draw: Any) -> Any:
    """The same with one thing in it replaced by anything."""
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _mutilated(value[key], draw) if draw(st.booleans()) else draw(JSON)}
    if isinstance(value, list) and value:
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], _mutilated(value[place], draw), *value[place + 1 :]]
    return draw(JSON)


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(st.sampled_from(CODES), st.data())
def test_parse_answers_whatever_comes(carrier, data):
    whole = json.loads((ANSWERS / f"{carrier}.json").read_text("utf-8"))
    answers = _parsed(carrier, _mutilated(whole, data.draw))
    assert answers
    events = [event for answer in answers for event in answer.events]
    assert {event.kind for event in events} <= set(EventKind.values)
    assert all(len(event.fact) == 64 for event in events)


@UNHURRIED
@given(st.sampled_from(CODES), JSON | st.binary(max_size=40) | st.text(max_size=40))
def test_parse_answers_any_noise(carrier, payload):
    assert all(answer.outcome for answer in _parsed(carrier, payload))
