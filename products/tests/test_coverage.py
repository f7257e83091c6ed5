"""The clock, rule by rule (docs/policy.md 1), and the worked table of that page."""

import dataclasses
from datetime import UTC, date, datetime

import pytest

from products.coverage import ClockError, Pause, add_months, clock, clock_fields
from products.tests.kit_clock import BASE_END, JUNE, START, end_of, kit_clock
from products.tests.policy_page import as_windows, rows_under

WORKED_CLOCKS = rows_under("### Worked clocks")


@pytest.mark.parametrize("row", WORKED_CLOCKS, ids=lambda row: f"{row['pauses']}-{row['why']}")
def test_clock_agrees_with_the_policy_page(row: dict[str, str]):
    start = date.fromisoformat(row["start"])
    answer = clock(start, 12, as_windows(row["pauses"]), date(2025, 9, 1))
    shown = answer.covered_through.isoformat() if answer.covered_through else "paused"
    assert shown == row["covered through"]
    kept = (answer.base_covered_through, answer.covered_through, answer.extended_days, answer.paused_since)
    assert clock_fields(start, add_months(start, 12), as_windows(row["pauses"])) == kept


def test_policy_page_holds_its_whole_table():
    assert len(WORKED_CLOCKS) >= 20


def test_kept_fields_refuse_what_the_clock_refuses():
    with pytest.raises(ClockError) as refused:
        clock_fields(START, BASE_END, [(date(2025, 6, 29), date(2025, 6, 11))])
    assert (refused.value.field, refused.value.what) == ("pauses", "back on 2025-06-11 before left on 2025-06-29")


def test_cover_may_reach_the_last_day_of_the_calendar():
    start, days = date(9998, 12, 30), [(date(9999, 3, 1), date(9999, 3, 1))]
    assert clock(start, 12, days, start).covered_through == date.max
    assert clock_fields(start, date(9999, 12, 30), days)[1] == date.max


@pytest.mark.parametrize("day", [JUNE[0], JUNE[1]])
def test_rule_1_9_first_and_last_day_of_a_pause_are_paused_whatever_day_the_clock_was_made(day: date):
    assert clock(START, 12, [JUNE], START).state_on(day) == "paused"


def test_open_pause_that_has_not_reached_the_start_counts_no_day_yet():
    answer = clock(START, 12, [(date(2025, 2, 20), None)], date(2025, 2, 25))
    assert answer.span_of(answer.pauses[0]) is None


@pytest.mark.parametrize("months", [1, 6, 12, 13, 24, 36, 120])
def test_rule_1_3_length_is_the_term_the_part_froze(months: int):
    assert kit_clock(months=months).base_covered_through == add_months(START, months)


@pytest.mark.parametrize(
    ("start", "months", "last_day"),
    [
        pytest.param(date(2025, 3, 15), 12, date(2026, 3, 15), id="same number"),
        pytest.param(date(2024, 2, 29), 12, date(2025, 2, 28), id="29 Feb into a common year"),
        pytest.param(date(2024, 2, 29), 48, date(2028, 2, 29), id="29 Feb into a leap year"),
        pytest.param(date(2023, 2, 28), 12, date(2024, 2, 28), id="28 Feb stays 28 Feb"),
        pytest.param(date(2025, 1, 31), 1, date(2025, 2, 28), id="31 Jan + 1"),
        pytest.param(date(2024, 1, 31), 1, date(2024, 2, 29), id="31 Jan + 1 in a leap year"),
        pytest.param(date(2025, 1, 31), 2, date(2025, 3, 31), id="31 Jan + 2 added at once"),
        pytest.param(date(2025, 8, 31), 1, date(2025, 9, 30), id="31 Aug + 1"),
        pytest.param(date(2025, 12, 31), 2, date(2026, 2, 28), id="over the year"),
        pytest.param(date(2025, 12, 1), 12, date(2026, 12, 1), id="December stays December"),
        pytest.param(date(1900, 2, 28), 1200, date(2000, 2, 28), id="a century"),
        pytest.param(date(9998, 12, 31), 12, date(9999, 12, 31), id="the last day there is"),
    ],
)
def test_rule_1_4_last_covered_day_has_the_same_number_or_is_the_last(start: date, months: int, last_day: date):
    assert add_months(start, months) == last_day


def test_rule_1_4_last_covered_day_is_still_covered():
    assert kit_clock(on=BASE_END).state == "covered"
    assert kit_clock(on=date(2026, 3, 4)).state == "expired"


def test_rule_1_5_pause_counts_both_ends():
    assert kit_clock(JUNE).extended_days == 19


def test_rule_1_5_pause_counts_a_day_once_when_windows_overlap():
    assert end_of(JUNE, (date(2025, 6, 20), date(2025, 7, 2))) == date(2026, 3, 25)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(JUNE, id="repeated"),
        pytest.param((date(2025, 6, 15), date(2025, 6, 16)), id="nested"),
        pytest.param((JUNE[1], JUNE[1]), id="its last day again"),
    ],
)
def test_rule_1_5_pause_adds_nothing_when_its_days_already_count(again: tuple[date, date]):
    assert end_of(JUNE, again) == end_of(JUNE)


def test_rule_1_5_pause_joins_its_neighbour():
    split = kit_clock((JUNE[0], date(2025, 6, 20)), (date(2025, 6, 21), JUNE[1]))
    assert split == kit_clock(JUNE)


@pytest.mark.parametrize("back_on", [date(2025, 3, 2), START], ids=["the day before", "the start day"])
def test_rule_1_5_pause_up_to_the_start_extends_nothing(back_on: date):
    answer = kit_clock((date(2025, 2, 1), back_on))
    assert (answer.extended_days, answer.pauses) == (0, ())


def test_rule_1_5_pause_over_the_start_counts_from_the_day_after():
    answer = kit_clock((date(2025, 2, 20), date(2025, 3, 5)))
    assert answer.extended_days == 2
    assert answer.span_of(answer.pauses[0]) == (date(2025, 3, 4), date(2025, 3, 5))


def test_rule_1_5_pause_on_the_last_covered_day_counts_in_full():
    assert end_of((BASE_END, date(2026, 3, 12))) == date(2026, 3, 13)


def test_rule_1_5_pause_after_the_last_covered_day_revives_nothing():
    answer = kit_clock((date(2026, 3, 4), date(2026, 3, 20)))
    assert (answer.covered_through, answer.ignored) == (BASE_END, (Pause(date(2026, 3, 4), date(2026, 3, 20)),))


def test_rule_1_5_pause_chain_counts_each_that_begins_in_cover_won_before():
    # Three days, then windows on the first and on the last day won, then one on the day after what those won.
    chain = [
        (date(2025, 6, 1), date(2025, 6, 3)),
        (date(2026, 3, 6), date(2026, 3, 7)),
        (date(2026, 3, 8), date(2026, 3, 8)),
        (date(2026, 3, 10), date(2026, 3, 30)),
    ]
    assert end_of(*chain[:1]) == date(2026, 3, 6)
    assert end_of(*chain[:2]) == date(2026, 3, 8)
    assert end_of(*chain[:3]) == date(2026, 3, 9)
    assert end_of(*chain) == date(2026, 3, 9)


def test_rule_1_5_pause_over_a_leap_day_counts_it():
    assert clock(date(2024, 1, 10), 12, [(date(2024, 2, 28), date(2024, 3, 1))], START).extended_days == 3


@pytest.mark.parametrize(
    "left_on",
    [
        pytest.param(date(2025, 1, 1), id="before the start"),
        pytest.param(START, id="on the start day"),
        pytest.param(date(2025, 6, 11), id="inside the cover"),
        pytest.param(BASE_END, id="on the last covered day"),
    ],
)
def test_rule_1_6_open_window_freezes_the_clock(left_on: date):
    answer = kit_clock((left_on, None), on=date(2030, 1, 1))
    assert (answer.covered_through, answer.extended_days) == (None, None)
    assert (answer.paused_since, answer.state) == (left_on, "paused")


def test_rule_1_6_open_window_after_the_last_covered_day_freezes_nothing():
    answer = kit_clock((date(2026, 3, 4), None), on=date(2026, 3, 10))
    assert (answer.covered_through, answer.state, answer.paused_since) == (BASE_END, "expired", None)
    assert answer.ignored == (Pause(date(2026, 3, 4), None),)


def test_rule_1_6_open_window_freezes_inside_cover_won_by_an_earlier_pause():
    assert end_of(JUNE, (date(2026, 3, 22), None)) is None
    assert end_of(JUNE, (date(2026, 3, 23), None)) == date(2026, 3, 22)


@pytest.mark.parametrize(
    ("closed", "since"),
    [
        pytest.param((date(2025, 6, 1), date(2025, 6, 10)), date(2025, 6, 1), id="ends the day before"),
        pytest.param((date(2025, 6, 1), date(2025, 6, 9)), date(2025, 6, 11), id="ends two days before"),
        pytest.param((date(2025, 6, 1), date(2025, 7, 9)), date(2025, 6, 1), id="overlaps"),
        pytest.param((date(2025, 7, 1), date(2025, 7, 9)), date(2025, 6, 11), id="lies inside"),
    ],
)
def test_rule_1_6_paused_since_is_the_first_day_of_the_whole_absence(closed: tuple[date, date], since: date):
    assert kit_clock(closed, (date(2025, 6, 11), None)).paused_since == since


def test_rule_1_6_first_of_two_open_windows_decides():
    early, late = (date(2025, 6, 11), None), (date(2026, 4, 1), None)
    assert kit_clock(late, early).paused_since == early[0]
    assert kit_clock(late).covered_through == BASE_END


@pytest.mark.parametrize(
    ("on", "if_back"),
    [
        pytest.param(date(2025, 6, 29), date(2026, 3, 22), id="19 days so far"),
        pytest.param(date(2025, 6, 11), date(2026, 3, 4), id="the day it leaves"),
        pytest.param(date(2025, 6, 1), date(2026, 3, 4), id="a day before it leaves"),
        pytest.param(date(9999, 12, 31), date(9999, 12, 31), id="the end of the calendar"),
    ],
)
def test_rule_1_6_clock_says_the_last_day_if_it_is_back_today(on: date, if_back: date):
    assert kit_clock((JUNE[0], None), on=on).covered_through_if_back == if_back


def test_rule_1_6_if_back_today_keeps_the_windows_after_today():
    later = (date(2025, 8, 1), date(2025, 8, 10))
    answer = kit_clock((JUNE[0], None), later, on=JUNE[1])
    assert answer.covered_through_if_back == end_of(JUNE, later)


def test_rule_1_6_if_back_today_equals_the_last_day_when_nothing_is_away():
    answer = kit_clock(JUNE)
    assert answer.covered_through_if_back == answer.covered_through == date(2026, 3, 22)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        pytest.param(date(2025, 3, 2), "upcoming", id="the day before the start"),
        pytest.param(date(2025, 3, 3), "covered", id="the start day"),
        pytest.param(date(2025, 6, 10), "covered", id="the day before a pause"),
        pytest.param(date(2025, 6, 11), "paused", id="the first day of a pause"),
        pytest.param(date(2025, 6, 29), "paused", id="the last day of a pause"),
        pytest.param(date(2025, 6, 30), "covered", id="the day after a pause"),
        pytest.param(date(2026, 3, 22), "covered", id="the last covered day"),
        pytest.param(date(2026, 3, 23), "expired", id="the day after it"),
    ],
)
def test_rule_1_9_state_is_selected_by_the_day(on: date, state: str):
    assert kit_clock(JUNE, on=on).state == state


def test_rule_1_9_windows_after_the_day_count_too():
    answer = kit_clock(JUNE, on=date(2025, 4, 1))
    assert (answer.state, answer.covered_through) == ("covered", date(2026, 3, 22))


def test_rule_1_9_start_day_inside_a_window_is_paused_though_it_adds_nothing():
    answer = kit_clock((date(2025, 2, 20), START), on=START)
    assert (answer.state, answer.extended_days) == ("paused", 0)


def test_rule_1_9_window_before_the_start_leaves_the_part_upcoming():
    assert kit_clock((date(2025, 2, 1), None), on=date(2025, 2, 10)).state == "upcoming"


def test_rule_1_9_day_in_a_window_after_the_end_is_expired():
    assert kit_clock((date(2026, 3, 4), date(2026, 3, 20)), on=date(2026, 3, 10)).state == "expired"


def test_rule_1_9_day_before_an_open_window_is_covered_while_frozen():
    answer = kit_clock((date(2025, 12, 1), None), on=date(2025, 11, 30))
    assert (answer.state, answer.covered_through) == ("covered", None)


def test_clock_reads_pauses_from_any_iterable():
    assert clock(START, 12, iter([Pause(*JUNE)]), date(2025, 9, 1)) == kit_clock(JUNE)


def test_clock_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        kit_clock().covered_through = date(2030, 1, 1)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("ask", "field", "what"),
    [
        pytest.param(lambda: kit_clock(months=0), "term_months", "must be at least 1", id="no term"),
        pytest.param(lambda: kit_clock(months=-12), "term_months", "must be at least 1", id="a negative term"),
        pytest.param(
            lambda: kit_clock(months=10**30), "term_months", "the term runs past the year 9999", id="a huge term"
        ),
        pytest.param(
            lambda: clock(date(9999, 1, 1), 12, [], START),
            "term_months",
            "the term runs past the year 9999",
            id="the term leaves the calendar",
        ),
        pytest.param(
            lambda: kit_clock(JUNE, (date(2025, 8, 2), date(2025, 8, 1))),
            "pauses[1]",
            "back on 2025-08-01 before left on 2025-08-02",
            id="back before left",
        ),
        pytest.param(
            lambda: kit_clock((date(2025, 8, 2), date(9999, 12, 31))),
            "pauses",
            "the cover runs past the year 9999",
            id="the cover leaves the calendar",
        ),
        pytest.param(
            lambda: kit_clock(on=datetime(2025, 9, 1, tzinfo=UTC)),
            "on",
            "a local date is needed, not an instant",
            id="an instant for the day",
        ),
        pytest.param(
            lambda: clock(datetime(2025, 3, 3, tzinfo=UTC), 12, [], START),
            "starts_on",
            "a local date is needed, not an instant",
            id="an instant for the start",
        ),
        pytest.param(
            lambda: kit_clock((datetime(2025, 8, 2, tzinfo=UTC), None)),
            "pauses[0]",
            "local dates are needed, not instants",
            id="an instant for a pause",
        ),
    ],
)
def test_clock_refuses_and_says_where(ask, field: str, what: str):
    with pytest.raises(ClockError) as refusal:
        ask()
    assert (refusal.value.field, refusal.value.what) == (field, what)
    assert str(refusal.value) == f"{field}: {what}"
