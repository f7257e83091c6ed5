"""Which rows of a timeline are turns of the response clock, and the hours people write; as tables."""

from datetime import UTC, datetime, time, timedelta

import pytest

from cases.rules.opening_hours import read_hours
from cases.rules.response_clock import Turn
from cases.rules.response_turns import Told, asked_since, turns

START = datetime(2026, 4, 27, 8, tzinfo=UTC)
ROWS = {
    "ask": ("transition", "request_information", "staff"),
    "review": ("transition", "begin_review", "staff"),
    "approve": ("transition", "approve", "staff"),
    "deny": ("transition", "deny", "staff"),
    "undo": ("transition", "undo", "staff"),
    "reopen": ("transition", "reopen", "staff"),
    "withdraw": ("transition", "withdraw", "customer"),
    "start_repair": ("transition", "start_repair", "system"),
    "write": ("message", "written", "staff"),
    "automatic": ("message", "written", "system"),
    "note": ("message", "noted", "staff"),
    "received": ("message", "received", "customer"),
    "files": ("evidence", "added", "customer"),
    "described": ("details", "described", "customer"),
    "claimed": ("part", "claimed", "customer"),
    "matched": ("details", "purchase_set", "staff"),
    "looked": ("evidence", "rotated", "staff"),
}


def timeline(words: str) -> list[tuple[datetime, Turn]]:
    rows = [Told(START + timedelta(hours=number), *ROWS[word]) for number, word in enumerate(words.split(), start=1)]
    return turns(START, rows)


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        pytest.param("", "opened", id="a new case"),
        pytest.param("received files", "opened", id="what comes unasked answers nothing"),
        pytest.param("write note automatic", "opened written", id="only a person's words to the customer"),
        pytest.param("ask received", "opened asked answered", id="a mail answers"),
        pytest.param("ask files described", "opened asked answered", id="files answer, and once"),
        pytest.param("ask write received", "opened asked written answered", id="a reminder is still a question"),
        pytest.param("ask matched", "opened asked", id="our own work answers nothing"),
        pytest.param("ask review", "opened asked answered", id="a person goes on without the answer"),
        pytest.param("ask ask received", "opened asked asked answered", id="asked twice"),
        pytest.param("approve received", "opened decided", id="thanks after the decision"),
        pytest.param("approve undo", "opened", id="an undone decision was never made"),
        pytest.param("approve undo approve", "opened decided", id="decided at last"),
        pytest.param("deny", "opened decided", id="denied"),
        pytest.param("undo", "opened", id="nothing to undo"),
        pytest.param("deny reopen approve undo", "opened decided reopened", id="only the last decision is undone"),
        pytest.param("ask claimed", "opened asked answered", id="the missing part named"),
        pytest.param("ask looked note", "opened asked", id="looking at what is there answers nothing"),
        pytest.param("approve reopen", "opened decided reopened", id="an appeal"),
        pytest.param("approve start_repair", "opened decided", id="repair is no answer"),
        pytest.param("ask withdraw", "opened asked closed", id="closed"),
    ],
)
def test_turns_are_heard_when_the_timeline_tells_them(words, heard):
    assert " ".join(turn for _at, turn in timeline(words)) == heard


@pytest.mark.parametrize(
    ("words", "hours"),
    [("", None), ("ask", 1), ("ask write", 1), ("ask received", None), ("ask received ask", 3), ("ask withdraw", None)],
)
def test_customer_owes_an_answer_since_the_last_question(words, hours):
    assert asked_since(timeline(words)) == (START + timedelta(hours=hours) if hours else None)


@pytest.mark.parametrize(
    ("written", "shifts"),
    [
        ("", ()),
        ("  ", ()),
        ("09:00-17:00", ((time(9), time(17)),)),
        ("9:00 – 12:30, 13.30-17:00", ((time(9), time(12, 30)), (time(13, 30), time(17)))),
    ],
)
def test_hours_are_read_as_people_write_them(written, shifts):
    assert read_hours(written) == shifts


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("9-17", "no span"),
        ("25:00-26:00", "no such time"),
        ("17:00-09:00", "ends before"),
        ("09:00-09:00", "ends before"),
        ("09:00-13:00, 12:00-17:00", "lies before"),
        ("13:00-17:00, 09:00-12:00", "lies before"),
        ("09:00-24:00", "no such time"),
    ],
)
def test_hours_are_refused_in_words_when_they_make_no_day(written, problem):
    with pytest.raises(ValueError, match=problem):
        read_hours(written)
