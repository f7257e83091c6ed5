"""`pauses --stdin` line by line: the contract's example, and every way a line can be wrong."""

import json

import pytest

from products.json_lines import answer_lines
from shipments.pause_lines import answer_pauses

PICKED_UP = {"kind": "picked_up", "code": "PU", "occurred_at": "2025-03-03T10:15:00+01:00"}
DELIVERED = {"kind": "delivered", "code": "DL", "occurred_on": "2025-03-14"}
CORRECTION = {"kind": "correction", "code": "DC", "voids": "DL", "occurred_at": "2025-03-15T09:00:00+01:00"}
CONTRACT = {
    "id": "p",
    "booked_at": "2025-03-02T12:00:00+01:00",
    "now": "2025-12-01T00:00:00Z",
    "legs": [
        {"direction": "to_workshop", "booked_at": None, "events": [PICKED_UP]},
        {"direction": "to_customer", "events": [DELIVERED, CORRECTION]},
    ],
}


def answer(record: dict) -> dict:
    (found,) = answer_lines([json.dumps(record).encode()], answer_pauses)
    return json.loads(found.text)


def with_event(event: object) -> dict:
    return {**CONTRACT, "legs": [{"direction": "to_workshop", "events": [PICKED_UP, event]}]}


def with_leg(leg: object) -> dict:
    return {**CONTRACT, "legs": [CONTRACT["legs"][0], leg]}


def without(field: str) -> dict:
    return {name: value for name, value in CONTRACT.items() if name != field}


def test_pauses_line_answers_as_the_contract_shows():
    assert answer(CONTRACT) == {
        "id": "p",
        "windows": [{"left_on": "2025-03-03", "back_on": None, "certainty": "provisional"}],
        "needs_review": True,
        "reasons": ["delivery_voided"],
    }


def test_pauses_line_writes_the_return_when_it_is_known():
    delivered = {"kind": "delivered", "occurred_at": "2025-03-14T16:40:00.1234567+0100", "text": "Zugestellt"}
    line = {**CONTRACT, "legs": [CONTRACT["legs"][0], {"direction": "to_customer", "events": [delivered]}]}
    assert answer(line)["windows"] == [{"left_on": "2025-03-03", "back_on": "2025-03-14", "certainty": "verified"}]


def test_pauses_line_needs_no_booking():
    assert answer(without("booked_at"))["windows"] == answer({**CONTRACT, "booked_at": None})["windows"] != []


def test_pauses_line_lets_the_booking_of_a_leg_stand_before_the_other():
    leg = {"direction": "to_workshop", "booked_at": "2025-08-01T00:00:00Z", "events": [PICKED_UP]}
    assert answer({**CONTRACT, "legs": [leg]})["windows"] == []


def test_pauses_line_ignores_fields_it_does_not_know():
    event = {**PICKED_UP, "place": {"city": "Bonn"}, "text": 7, "key": []}
    leg = {"direction": "to_workshop", "events": [event], "carrier": None, "key": 1}
    line = {**CONTRACT, "legs": [leg], "expect": {}}
    assert answer(line)["windows"] == [{"left_on": "2025-03-03", "back_on": None, "certainty": "provisional"}]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param(without("now"), "now: missing", id="no now"),
        pytest.param(without("legs"), "legs: missing", id="no legs"),
        pytest.param({**CONTRACT, "now": None}, "now: not a date and time", id="null now"),
        pytest.param(
            {**CONTRACT, "now": "2025-12-01T00:00:00"}, "now: no UTC offset in 2025-12-01T00:00:00", id="naive now"
        ),
        pytest.param({**CONTRACT, "now": "2025-12-01"}, "now: not a date and time: 2025-12-01", id="a date for now"),
        pytest.param(
            {**CONTRACT, "now": "2025-02-30T00:00:00Z"}, "now: no such date and time 2025-02-30T00:00:00Z", id="30 Feb"
        ),
        pytest.param(
            {**CONTRACT, "now": "2025-12-01T25:00:00Z"}, "now: no such date and time 2025-12-01T25:00:00Z", id="25 h"
        ),
        pytest.param({**CONTRACT, "now": 1764547200}, "now: not a date and time", id="seconds"),
        pytest.param({**CONTRACT, "booked_at": True}, "booked_at: not a date and time", id="true for a booking"),
        pytest.param({**CONTRACT, "legs": {}}, "legs: not a list", id="an object for legs"),
        pytest.param({**CONTRACT, "legs": [None]}, "legs[0]: not an object", id="null leg"),
        pytest.param(with_leg({"events": []}), "legs[1].direction: missing", id="no direction"),
        pytest.param(with_leg({"direction": "up", "events": []}), "legs[1].direction: no such direction up", id="up"),
        pytest.param(
            with_leg({"direction": 1, "events": []}), "legs[1].direction: not text", id="number for direction"
        ),
        pytest.param(with_leg({"direction": "to_customer"}), "legs[1].events: missing", id="no events"),
        pytest.param(
            with_leg({"direction": "to_customer", "events": "DL"}), "legs[1].events: not a list", id="text for events"
        ),
        pytest.param(
            with_leg({"direction": "to_customer", "events": [], "booked_at": "2025-03-02T12:00"}),
            "legs[1].booked_at: no UTC offset in 2025-03-02T12:00",
            id="naive booking of a leg",
        ),
        pytest.param(with_event("DL"), "legs[0].events[1]: not an object", id="text for an event"),
        pytest.param(with_event({"code": "DL"}), "legs[0].events[1].kind: missing", id="no kind"),
        pytest.param(
            with_event({**DELIVERED, "kind": "flown"}), "legs[0].events[1].kind: no such kind flown", id="another kind"
        ),
        pytest.param(with_event({**DELIVERED, "kind": None}), "legs[0].events[1].kind: no such kind ", id="null kind"),
        pytest.param(
            with_event({**DELIVERED, "code": 20}), "legs[0].events[1].code: not text", id="a number for a code"
        ),
        pytest.param(
            with_event({**CORRECTION, "voids": []}), "legs[0].events[1].voids: not text", id="a list for voids"
        ),
        pytest.param(
            with_event({"kind": "delivered"}),
            "legs[0].events[1].occurred_at: missing, and occurred_on too",
            id="no time at all",
        ),
        pytest.param(
            with_event({"kind": "delivered", "occurred_at": "2025-03-14T10:00:00"}),
            "legs[0].events[1].occurred_at: no UTC offset in 2025-03-14T10:00:00",
            id="a naive scan",
        ),
        pytest.param(
            with_event({"kind": "delivered", "occurred_on": "2025-02-30"}),
            "legs[0].events[1].occurred_on: no such date 2025-02-30",
            id="30 February",
        ),
        pytest.param(
            with_event({"kind": "delivered", "occurred_on": "2025-03-14T00:00:00Z"}),
            "legs[0].events[1].occurred_on: not a date (YYYY-MM-DD): 2025-03-14T00:00:00Z",
            id="an instant for a date",
        ),
    ],
)
def test_pauses_line_names_the_field_that_is_wrong(line: dict, error: str):
    assert answer(line) == {"id": "p", "error": error}


def test_pauses_line_leaves_out_what_is_older_than_its_booking():
    old = {**PICKED_UP, "occurred_at": "2025-01-02T10:15:00+01:00"}
    line = {**CONTRACT, "legs": [{"direction": "to_workshop", "events": [old]}]}
    assert answer(line)["windows"] == []
    assert [window["left_on"] for window in answer({**line, "booked_at": None})["windows"]] == ["2025-01-02"]
