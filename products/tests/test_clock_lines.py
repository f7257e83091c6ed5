"""Lines in, lines out: what a script meets when its JSON is right, wrong, or no JSON at all."""

import io
import json

import pytest

from products import json_lines
from products.clock_lines import answer_clock
from products.fields import FieldError
from products.json_lines import answer_lines, read_lines

GOOD = {
    "id": "a",
    "starts_on": "2025-03-03",
    "term_months": 12,
    "pauses": [["2025-06-11", "2025-06-29"], ["2026-01-05", None]],
    "on": "2026-02-01",
}
GOOD_ANSWER = {
    "id": "a",
    "base_covered_through": "2026-03-03",
    "covered_through": None,
    "extended_days": None,
    "state": "paused",
}


def answers(*lines: bytes | dict) -> list[dict]:
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines]
    return [json.loads(answer.text) for answer in answer_lines(raw, answer_clock)]


def without(field: str) -> dict:
    return {name: value for name, value in GOOD.items() if name != field}


def test_clock_line_answers_as_the_contract_shows():
    assert answers(GOOD) == [GOOD_ANSWER]


def test_clock_line_writes_the_last_day_when_it_is_known():
    closed = {**GOOD, "pauses": GOOD["pauses"][:1]}
    assert answers(closed) == [
        {**GOOD_ANSWER, "covered_through": "2026-03-22", "extended_days": 19, "state": "covered"},
    ]


def test_clock_line_ignores_fields_it_does_not_know():
    assert answers({**GOOD, "expect": {"state": "none"}, "note": [1, [2]]}) == [GOOD_ANSWER]


@pytest.mark.parametrize("name", ["ä", "", 7, -1.5, "\ud800"], ids=repr)
def test_clock_line_gives_the_id_back_as_it_came(name):
    assert answers({**GOOD, "id": name}) == [{**GOOD_ANSWER, "id": name}]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"starts_on": "2025-02-30"}, "starts_on: no such date 2025-02-30", id="30 February"),
        pytest.param({"starts_on": "0000-01-01"}, "starts_on: no such date 0000-01-01", id="year nought"),
        pytest.param({"starts_on": "20250303"}, "starts_on: not a date (YYYY-MM-DD): 20250303", id="basic format"),
        pytest.param({"starts_on": "2025-W10-1"}, "starts_on: not a date (YYYY-MM-DD): 2025-W10-1", id="a week date"),
        pytest.param(
            {"starts_on": "2025-03-03T10:00:00Z"},
            "starts_on: not a date (YYYY-MM-DD): 2025-03-03T10:00:00Z",
            id="an instant",
        ),
        pytest.param({"starts_on": "٢٠٢٥-٠٣-٠٣"}, "starts_on: not a date (YYYY-MM-DD): ٢٠٢٥-٠٣-٠٣", id="other digits"),
        pytest.param({"starts_on": "2025-03-03\n"}, "starts_on: not a date (YYYY-MM-DD): 2025-03-03\n", id="line end"),
        pytest.param({"starts_on": None}, "starts_on: not a date (YYYY-MM-DD)", id="null date"),
        pytest.param({"starts_on": 20250303}, "starts_on: not a date (YYYY-MM-DD)", id="a number for a date"),
        pytest.param({"starts_on": ["2025-03-03"]}, "starts_on: not a date (YYYY-MM-DD)", id="a list for a date"),
        pytest.param({"on": "yesterday"}, "on: not a date (YYYY-MM-DD): yesterday", id="a word for the day"),
        pytest.param({"on": "x" * 500}, f"on: not a date (YYYY-MM-DD): {'x' * 40}", id="a long word is cut"),
        pytest.param({"term_months": 0}, "term_months: must be at least 1", id="no months"),
        pytest.param({"term_months": -1}, "term_months: must be at least 1", id="minus one month"),
        pytest.param({"term_months": 1.5}, "term_months: not a whole number", id="half a month"),
        pytest.param({"term_months": True}, "term_months: not a whole number", id="true is no number"),
        pytest.param({"term_months": "12"}, "term_months: not a whole number", id="text for a number"),
        pytest.param({"term_months": None}, "term_months: not a whole number", id="null months"),
        pytest.param({"term_months": 10**40}, "term_months: the term runs past the year 9999", id="huge"),
        pytest.param({"term_months": 1e300}, "term_months: the term runs past the year 9999", id="huge and whole"),
        pytest.param({"pauses": None}, "pauses: not a list", id="null pauses"),
        pytest.param({"pauses": {}}, "pauses: not a list", id="an object for pauses"),
        pytest.param({"pauses": "2025-06-11"}, "pauses: not a list", id="text for pauses"),
        pytest.param({"pauses": ["ab"]}, "pauses[0]: not a pair [left, back]", id="two letters are no pair"),
        pytest.param({"pauses": [["2025-06-11"]]}, "pauses[0]: not a pair [left, back]", id="one of a pair"),
        pytest.param(
            {"pauses": [["2025-06-11", None], ["2025-06-11", None, None]]},
            "pauses[1]: not a pair [left, back]",
            id="a pair of three",
        ),
        pytest.param({"pauses": [[None, "2025-06-11"]]}, "pauses[0].left: not a date (YYYY-MM-DD)", id="left is null"),
        pytest.param(
            {"pauses": [["2025-06-11", "2025-06-31"]]}, "pauses[0].back: no such date 2025-06-31", id="31 June"
        ),
        pytest.param(
            {"pauses": [["2025-06-11", ""]]}, "pauses[0].back: not a date (YYYY-MM-DD): ", id="an empty return"
        ),
        pytest.param(
            {"pauses": [["2025-06-11", "2025-06-10"]]},
            "pauses[0]: back on 2025-06-10 before left on 2025-06-11",
            id="back before left",
        ),
    ],
)
def test_clock_line_names_the_field_that_is_wrong(change: dict, error: str):
    assert answers({**GOOD, **change}) == [{"id": "a", "error": error}]


@pytest.mark.parametrize("field", ["starts_on", "term_months", "pauses", "on"])
def test_clock_line_names_the_field_that_is_missing(field: str):
    assert answers(without(field)) == [{"id": "a", "error": f"{field}: missing"}]


def test_clock_line_names_the_first_field_when_several_are_wrong():
    assert answers({"id": "b", "starts_on": "2025-02-30"}) == [
        {"id": "b", "error": "starts_on: no such date 2025-02-30"},
    ]


def test_clock_line_takes_a_whole_number_written_with_a_point():
    assert answers({**GOOD, "term_months": 12.0}) == [GOOD_ANSWER]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param(b"nonsense\n", "not JSON", id="a word"),
        pytest.param(b'{"id":"a"\n', "not JSON", id="cut off"),
        pytest.param(b'{"id":"a"} {"id":"b"}\n', "not JSON", id="two on a line"),
        pytest.param(b'{"id":"a","term_months":NaN}\n', "not JSON", id="NaN"),
        pytest.param(b'{"id":"a","term_months":-Infinity}\n', "not JSON", id="minus infinity"),
        pytest.param(b'{"id":"\xff\xfe"}\n', "not JSON", id="bytes that are no UTF-8"),
        pytest.param('{"id":"a"}\n'.encode("utf-16"), "not JSON", id="UTF-16"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "nested too deeply", id="deep nesting"),
        pytest.param(b"[1]\n", "not a JSON object", id="a list"),
        pytest.param(b"null\n", "not a JSON object", id="null"),
        pytest.param(b'"text"\n', "not a JSON object", id="text"),
        pytest.param(b"{}\n", "id: missing", id="no id"),
        pytest.param(b'{"id":null}\n', "id: missing", id="null for an id"),
        pytest.param(b'{"id":true}\n', "id: neither text nor a number", id="true for an id"),
        pytest.param(b'{"id":["a"]}\n', "id: neither text nor a number", id="a list for an id"),
        pytest.param(b'{"id":1e999}\n', "id: neither text nor a number", id="an endless number for an id"),
        pytest.param(b'{"id":' + b"9" * 5000 + b"}\n", "id: neither text nor a number", id="an id of 5000 digits"),
    ],
)
def test_line_that_says_not_who_it_is_gets_its_number(line: bytes, error: str):
    assert answers(GOOD, b"\n", line, GOOD) == [GOOD_ANSWER, {"id": None, "line": 3, "error": error}, GOOD_ANSWER]


def test_line_with_thousands_of_digits_blames_the_field():
    line = json.dumps(without("term_months")).encode()[:-1] + b', "term_months": ' + b"9" * 5000 + b"}"
    assert answers(line) == [{"id": "a", "error": "term_months: not a whole number"}]


def test_blank_lines_are_counted_but_not_answered():
    assert answers(b"\n", b"  \t\r\n", b"x\n") == [{"id": None, "line": 3, "error": "not JSON"}]


def test_line_may_begin_with_a_byte_order_mark_and_end_like_windows():
    line = b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n"
    assert answers(line) == [GOOD_ANSWER]


def test_answer_is_one_line_of_ascii():
    (answer,) = answer_lines([json.dumps({**GOOD, "id": "ä\n\u2028"}).encode()], answer_clock)
    assert answer.text.isascii()
    assert len(answer.text.splitlines()) == 1


def test_answers_come_one_by_one():
    def endless():
        while True:
            yield json.dumps(GOOD).encode()

    found = answer_lines(endless(), answer_clock)
    assert [next(found).ok for _ in range(3)] == [True, True, True]


def test_read_lines_cuts_off_a_line_that_would_fill_the_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 300)
    stream = io.BytesIO(b"[" + b"1," * 2000 + b"1]\n" + json.dumps(GOOD).encode())
    lines = list(read_lines(stream))
    assert [len(line) for line in lines] == [301, len(json.dumps(GOOD))]
    assert answers(*lines) == [{"id": None, "line": 1, "error": "longer than 300 bytes"}, GOOD_ANSWER]


def test_read_lines_keeps_a_line_that_just_fits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 10)
    assert list(read_lines(io.BytesIO(b"123456789\n12345678901\nab"))) == [b"123456789\n", b"12345678901", b"ab"]


@pytest.mark.parametrize(
    ("line", "said", "ok"),
    [
        (b'{"id": 7}', '{"id":7,"answer":"\\u00e4"}', True),
        (b'{"id": 7, "wrong": 1}', '{"id":7,"error":"wrong: no"}', False),
        (b"[]", '{"id":null,"line":3,"error":"not a JSON object"}', False),
        (b'{"id": 1e999}', '{"id":null,"line":3,"error":"id: neither text nor a number"}', False),
        (b'{"id": -1e999}', '{"id":null,"line":3,"error":"id: neither text nor a number"}', False),
    ],
    ids=["answered", "a field is wrong", "no record", "endless", "endless downwards"],
)
def test_line_is_answered_in_ascii_and_says_whether_it_is_an_answer(line: bytes, said: str, ok: bool):
    def answer(record: dict) -> dict:
        if "wrong" in record:
            raise FieldError("wrong", "no")
        return {"answer": "ä"}

    assert json_lines.answer_line(line, 3, answer) == (said, ok)
