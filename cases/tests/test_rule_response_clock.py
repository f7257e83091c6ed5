"""The desk's working hours and the response clock, as tables."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.response_clock import Targets, Turn, response_clock
from cases.rules.working_hours import DeskHours, due_at, worked_between

BERLIN = ZoneInfo("Europe/Berlin")
DAY = ((time(9), time(12)), (time(13), time(17)))  # seven hours
OFFICE = DeskHours(BERLIN, (DAY,) * 5 + ((), ()), frozenset({date(2026, 5, 1)}))
TARGETS = Targets(first_reply=timedelta(hours=7), decision=timedelta(hours=21))


def berlin(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2026-04-27T09:00", 3, "2026-04-27T12:00", id="to the minute a shift ends"),
        pytest.param("2026-04-27T09:00", 4, "2026-04-27T14:00", id="lunch does not count"),
        pytest.param("2026-04-27T16:00", 2, "2026-04-28T10:00", id="the night does not count"),
        pytest.param("2026-04-27T05:00", 1, "2026-04-27T10:00", id="before the desk opens"),
        pytest.param("2026-04-30T16:00", 2, "2026-05-04T10:00", id="a holiday, then a weekend"),
        pytest.param("2026-05-02T11:00", 1, "2026-05-04T10:00", id="from a Saturday"),
        pytest.param("2026-03-27T16:00", 2, "2026-03-30T10:00", id="summer time began on the Sunday between"),
        pytest.param("2026-04-27T12:30", 0, "2026-04-27T12:30", id="nothing is due at once, also at lunch"),
    ],
)
def test_due_at_counts_working_hours_only(start, hours, due):
    assert due_at(berlin(start), timedelta(hours=hours), OFFICE) == berlin(due)


@pytest.mark.parametrize("start", ["2026-04-27T09:00", "2026-04-27T10:00"], ids=["as it opens", "while it is open"])
def test_due_at_is_told_in_utc(start):
    due = due_at(berlin(start), timedelta(hours=1), OFFICE)
    assert due.tzinfo is UTC
    assert due == berlin(start) + timedelta(hours=1)


def test_hours_are_those_of_the_desk_wherever_the_program_runs():
    """The suite runs in the zone of the other tables: what asked the machine for its own would be right there."""
    tokyo = DeskHours(ZoneInfo("Asia/Tokyo"), (DAY,) * 7)
    seven_in_the_morning = datetime(2026, 4, 27, 22, tzinfo=UTC)
    assert due_at(seven_in_the_morning, timedelta(hours=1), tokyo) == datetime(2026, 4, 28, 1, tzinfo=UTC)
    assert due_at(seven_in_the_morning, timedelta(hours=4), tokyo) == datetime(2026, 4, 28, 5, tzinfo=UTC)
    assert worked_between(seven_in_the_morning, datetime(2026, 4, 28, 2, tzinfo=UTC), tokyo) == timedelta(hours=2)


def test_a_night_shift_is_as_long_as_the_wall_clock_makes_it():
    nights = DeskHours(BERLIN, (((time(1), time(4)),),) * 7)
    assert worked_between(berlin("2026-03-29T00:00"), berlin("2026-03-29T12:00"), nights) == timedelta(hours=2)
    assert worked_between(berlin("2026-10-25T00:00"), berlin("2026-10-25T12:00"), nights) == timedelta(hours=4)


def test_a_span_within_one_night_shift_knows_the_change_of_the_clock():
    nights = DeskHours(BERLIN, (((time(1), time(5)),),) * 7)
    assert worked_between(berlin("2026-03-29T01:30"), berlin("2026-03-29T04:30"), nights) == timedelta(hours=2)
    assert due_at(berlin("2026-03-29T01:30"), timedelta(hours=2), nights) == berlin("2026-03-29T04:30")


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        pytest.param("2026-04-27T08:00", "2026-04-27T18:00", 420, id="a whole day"),
        pytest.param("2026-04-27T10:00", "2026-04-27T10:30", 30, id="within a shift"),
        pytest.param("2026-04-27T11:30", "2026-04-27T13:30", 60, id="over lunch"),
        pytest.param("2026-04-27T12:10", "2026-04-27T12:50", 0, id="at lunch"),
        pytest.param("2026-04-30T16:00", "2026-05-04T10:00", 120, id="a holiday and a weekend between"),
        pytest.param("2026-04-27T11:00", "2026-04-27T10:00", 0, id="backwards within a shift"),
        pytest.param("2026-04-28T10:00", "2026-04-27T10:00", 0, id="backwards over a night"),
        pytest.param(
            "2026-04-27T12:00", "2026-04-27T13:00", 0, id="from the end of a shift to the beginning of the next"
        ),
    ],
)
def test_only_working_hours_lie_between_two_moments(start, end, minutes):
    assert worked_between(berlin(start), berlin(end), OFFICE) == timedelta(minutes=minutes)


def test_shifts_may_touch():
    through = DeskHours(BERLIN, (((time(9), time(12)), (time(12), time(15))),) * 7)
    assert due_at(berlin("2026-04-27T09:00"), timedelta(hours=5), through) == berlin("2026-04-27T14:00")


def test_targets_of_years_are_reached_and_decades_are_not():
    once_a_week = DeskHours(BERLIN, (((time(9), time(10)),), *[()] * 6))
    start = berlin("2026-04-27T09:00")
    assert due_at(start, timedelta(hours=157), once_a_week) == berlin("2029-04-23T10:00")
    with pytest.raises(ValueError, match="due_at: 158 days, 0:00:00 of working time are not reached within 1098 days"):
        due_at(start, timedelta(days=158), once_a_week)


def test_due_at_refuses_when_the_desk_never_opens():
    with pytest.raises(ValueError, match="not reached"):
        due_at(berlin("2026-04-27T09:00"), timedelta(hours=1), DeskHours(BERLIN, ((),) * 7))


@pytest.mark.parametrize(
    ("week", "says"),
    [
        pytest.param((DAY,) * 5, "^week: seven days are needed, not 5$", id="five days"),
        pytest.param(
            (DAY, ((time(17), time(9)),), *[DAY] * 5),
            "^week: on day 2 a shift ends at 09:00, before it begins$",
            id="backwards",
        ),
        pytest.param((((time(9), time(9)),), *[DAY] * 6), "on day 1 a shift ends", id="of no length"),
        pytest.param(
            (*[DAY] * 6, ((time(9), time(12)), (time(11), time(17)))),
            "^week: on day 7 two shifts overlap, or stand in the wrong order$",
            id="overlapping",
        ),
    ],
)
def test_desk_hours_refuse_what_is_no_week(week, says):
    with pytest.raises(ValueError, match=says):
        DeskHours(BERLIN, week)


@given(
    since=st.timedeltas(timedelta(0), timedelta(days=1000)),
    minutes=st.integers(1, 60 * 24 * 14),
)
def test_exactly_the_amount_lies_between_the_start_and_what_is_due(since, minutes):
    start = (datetime(2024, 1, 1, tzinfo=UTC) + since).astimezone(BERLIN)
    amount = timedelta(minutes=minutes)
    due = due_at(start, amount, OFFICE)
    assert worked_between(start, due, OFFICE) == amount
    assert worked_between(start, due - timedelta(microseconds=1), OFFICE) < amount


def clock_after(*turns: tuple[str, Turn]):
    return response_clock([(berlin(at), turn) for at, turn in turns], TARGETS, OFFICE)


OPENED = ("2026-04-20T09:00", Turn.OPENED)  # a Monday


@pytest.mark.parametrize(
    ("turns", "first_reply_due", "decision_due"),
    [
        pytest.param([], "2026-04-20T17:00", "2026-04-22T17:00", id="just opened"),
        pytest.param([("2026-04-20T10:00", Turn.WRITTEN)], None, "2026-04-22T17:00", id="a reply stops the first"),
        pytest.param([("2026-04-20T11:00", Turn.ASKED)], None, None, id="asked: nobody waits for us"),
        pytest.param(
            [("2026-04-20T11:00", Turn.ASKED), ("2026-04-27T09:00", Turn.ANSWERED)],
            None,
            "2026-04-29T15:00",
            id="answered after a week: two hours were spent, nineteen are left",
        ),
        pytest.param(
            [
                ("2026-04-20T11:00", Turn.ASKED),
                ("2026-04-27T09:00", Turn.ANSWERED),
                ("2026-04-27T10:00", Turn.ANSWERED),
            ],
            None,
            "2026-04-29T15:00",
            id="a second answer changes nothing",
        ),
        pytest.param([("2026-04-21T09:00", Turn.DECIDED)], None, None, id="decided"),
        pytest.param(
            [("2026-04-21T09:00", Turn.DECIDED), ("2026-05-04T09:00", Turn.REOPENED)],
            None,
            "2026-05-05T17:00",
            id="reopened: seven hours stay spent, fourteen are left",
        ),
        pytest.param(
            [("2026-04-24T09:00", Turn.DECIDED), ("2026-05-04T09:00", Turn.REOPENED)],
            None,
            "2026-04-22T17:00",
            id="reopened after the target was used up: overdue since then",
        ),
        pytest.param(
            [("2026-04-22T17:00", Turn.DECIDED), ("2026-05-04T09:00", Turn.REOPENED)],
            None,
            "2026-04-22T17:00",
            id="reopened after the target was used up to the minute",
        ),
        pytest.param(
            [
                ("2026-04-21T09:00", Turn.ASKED),
                ("2026-04-27T09:00", Turn.ANSWERED),
                ("2026-04-30T09:00", Turn.DECIDED),
                ("2026-05-11T09:00", Turn.REOPENED),
            ],
            None,
            "2026-04-28T17:00",
            id="used up in its second stretch: seven hours in the first, fourteen in the second",
        ),
        pytest.param(
            [
                ("2026-04-21T09:00", Turn.ASKED),
                ("2026-04-22T09:00", Turn.ASKED),
                ("2026-04-27T09:00", Turn.ANSWERED),
                ("2026-04-27T12:00", Turn.ANSWERED),
                ("2026-04-30T09:00", Turn.DECIDED),
                ("2026-05-11T09:00", Turn.REOPENED),
            ],
            None,
            "2026-04-28T17:00",
            id="asked twice and answered twice: the first of each counts",
        ),
        pytest.param([("2026-04-20T10:00", Turn.REOPENED)], "2026-04-20T17:00", "2026-04-22T17:00", id="never decided"),
        pytest.param([("2026-04-20T10:00", Turn.CLOSED)], None, None, id="withdrawn"),
    ],
)
def test_response_clock_says_what_is_due(turns, first_reply_due, decision_due):
    clock = clock_after(OPENED, *turns)
    assert clock.first_reply_due_at == (berlin(first_reply_due) if first_reply_due else None)
    assert clock.decision_due_at == (berlin(decision_due) if decision_due else None)


def test_response_clock_remembers_when_a_person_first_replied():
    clock = clock_after(OPENED, ("2026-04-20T10:00", Turn.WRITTEN), ("2026-04-20T11:00", Turn.DECIDED))
    assert clock.replied_at == berlin("2026-04-20T10:00")
    assert clock.spent == timedelta(hours=2)


@pytest.mark.parametrize("turns", [[], [("2026-04-20T09:00", Turn.ASKED)]], ids=["nothing", "not opened"])
def test_response_clock_refuses_a_history_without_a_beginning(turns):
    with pytest.raises(ValueError, match=r"^turns: the first one opens the case$"):
        clock_after(*turns)
