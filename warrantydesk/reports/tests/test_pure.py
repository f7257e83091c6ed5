"""Ranges, charts and files of the reports: no database, no page."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from products.spreadsheet import DANGEROUS, harmless
from warrantydesk.reports import charts, letters
from warrantydesk.reports.forms import RangeForm
from warrantydesk.reports.ranges import Range, latest_weeks

TODAY = dt.date(2026, 3, 31)  # a Tuesday
BERLIN = ZoneInfo("Europe/Berlin")
USUAL = Range(dt.date(2026, 1, 12), TODAY)


def test_usual_range_is_twelve_weeks_with_what_there_is_of_the_last():
    assert latest_weeks(TODAY) == USUAL
    assert len(USUAL.weeks) == 12
    assert (USUAL.weeks[0], USUAL.weeks[-1]) == (dt.date(2026, 1, 12), dt.date(2026, 3, 30))


def test_range_begins_and_ends_at_midnight_of_the_desk_also_when_the_clocks_change():
    start, end = Range(dt.date(2026, 3, 29), dt.date(2026, 3, 29)).instants(BERLIN)
    assert start == dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC)
    assert end == dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC)  # a day of 23 hours


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 800))
def test_every_day_of_a_range_lies_in_one_of_its_weeks(first: dt.date, length: int):
    chosen = Range(first, first + dt.timedelta(days=length))
    days = {day for monday in chosen.weeks for day in (monday + dt.timedelta(days=number) for number in range(7))}
    assert {first, chosen.last} <= days
    assert len(days) - (length + 1) < 14


ASKED = {
    "nothing": ("", USUAL, []),
    "both": ("from=2026-02-01&to=2026-02-28", Range(dt.date(2026, 2, 1), dt.date(2026, 2, 28)), []),
    "one_day": ("from=2026-02-01&to=2026-02-01", Range(dt.date(2026, 2, 1), dt.date(2026, 2, 1)), []),
    "only_from": ("from=2026-02-01", Range(dt.date(2026, 2, 1), TODAY), []),
    "only_to": ("to=2026-02-01", Range(dt.date(2025, 11, 10), dt.date(2026, 2, 1)), []),
    "both_left_empty": ("from=&to=", USUAL, []),
    "today": ("from=2026-03-31&to=2026-03-31", Range(TODAY, TODAY), []),
    "two_years": ("from=2024-04-01&to=2026-03-31", Range(dt.date(2024, 4, 1), TODAY), []),
    "no_such_day": ("from=2026-02-30", USUAL, ["from"]),
    "no_day_at_all": ("from=yesterday&to=2026-02-01", USUAL, ["from"]),
    "as_others_write_it": ("to=02/01/2026", USUAL, ["to"]),
    "swapped": ("from=2026-02-02&to=2026-02-01", USUAL, ["to"]),
    "future": ("to=2026-04-01", USUAL, ["to"]),
    "far_future": ("from=2026-01-01&to=9999-12-31", USUAL, ["to"]),
    "stone_age": ("from=0001-01-01", USUAL, ["from"]),
    "too_long": ("from=2020-01-01", USUAL, ["from"]),
    "from_after_today": ("from=2027-01-01", USUAL, ["from"]),
    "null_byte": ("from=%00", USUAL, ["from"]),
}


@pytest.mark.parametrize("name", ASKED)
def test_asked_days_are_taken_or_refused_with_the_usual_ones(name: str):
    query, expected, wrong = ASKED[name]
    form = RangeForm(QueryDict(query), TODAY)
    assert form.range == expected
    assert list(form.errors) == wrong


# ── charts ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("most", "grid"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (7, [0, 2, 4, 6, 8]),
        (9, [0, 5, 10]),
        (44, [0, 20, 40, 60]),
        (1001, [0, 500, 1000, 1500]),
    ],
)
def test_grid_holds_whole_numbers_up_to_the_highest_bar(most: int, grid: list[int]):
    assert [line.value for line in charts.columns([("a", most)]).grid] == grid


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=110))
def test_bars_stay_inside_their_chart_and_keep_their_proportions(values: list[int]):
    named = [(f"{number}", value) for number, value in enumerate(values)]
    columns, rows = charts.columns(named), charts.rows(named)
    for chart in (columns, rows):
        assert [bar.value for bar in chart.bars] == values
        for bar in chart.bars:
            assert 0 <= float(bar.x) <= float(bar.x) + float(bar.width) <= chart.width
            assert 0 <= float(bar.y) <= float(bar.y) + float(bar.height) <= chart.height + 0.1
    most, room = max(values) or 1, charts.ROWS_WIDTH - float(rows.foot) - charts.NUMBER_WIDTH
    for value, upright, lying in zip(values, columns.bars, rows.bars, strict=True):
        assert float(upright.height) == pytest.approx(value / columns.grid[-1].value * charts.PLOT_HEIGHT, abs=0.06)
        assert float(lying.width) == pytest.approx(value / most * room, abs=0.06)


def test_columns_stand_on_their_grid_with_their_words_in_the_middle():
    chart = charts.columns([("Jan", 2), ("Feb", 4)], said=lambda value: f"{value} h")
    words = {"label": "Jan", "name": "Jan", "value": 2, "shown": "2 h"}
    january = charts.Bar("171.5", "90.0", "36.0", "70.0", label_at="189.5", value_at="85.0", **words)
    words = {"label": "Feb", "name": "Feb", "value": 4, "shown": "4 h"}
    february = charts.Bar("466.5", "20.0", "36.0", "140.0", label_at="484.5", value_at="15.0", **words)
    grid = [charts.Line(at, value) for value, at in enumerate(("160.0", "125.0", "90.0", "55.0", "20.0"))]
    assert chart == charts.Chart(640, 184, "160.0", (january, february), tuple(grid), "columns")


def test_columns_get_narrow_and_lose_words_but_never_the_first():
    chart = charts.columns([(f"{number}", 1) for number in range(59)])
    assert (chart.bars[1].x, chart.bars[1].width, chart.bars[1].label_at) == ("53.5", "7.0", "57.0")
    assert [bar.label for bar in chart.bars[:6]] == ["0", "", "", "", "", "5"]


def test_lying_bars_stand_behind_their_words_and_before_their_number():
    chart = charts.rows([("Motor of the X axis, left", 3), ("Hot end", 6)], said=lambda value: f"{value} h")
    words = {"label": "Motor of the X axis, l…", "name": "Motor of the X axis, left", "value": 3, "shown": "3 h"}
    motor = charts.Bar("167.0", "5.0", "61.5", "16.0", label_at="17.0", value_at="236.5", **words)
    words = {"label": "Hot end", "name": "Hot end", "value": 6, "shown": "6 h"}
    hot_end = charts.Bar("167.0", "31.0", "123.0", "16.0", label_at="43.0", value_at="298.0", **words)
    assert chart == charts.Chart(340, 52, "167.0", (motor, hot_end), (), "rows")


@pytest.mark.parametrize("draw", [charts.columns, charts.rows])
def test_nothing_to_draw_is_a_chart_without_bars(draw: Callable):
    assert draw([]).bars == ()


def test_labels_are_left_out_where_the_columns_get_narrow_and_the_names_stay():
    chart = charts.columns([(f"week {number}", 1) for number in range(105)])
    assert 10 <= len([bar for bar in chart.bars if bar.label]) <= 13
    assert all(bar.name for bar in chart.bars)


@pytest.mark.parametrize(
    ("number", "says"),
    [(0, "0"), (7.25, "7.2"), (9999, "9999"), (10_000, "10k"), (12_345, "12.3k"), (115_385, "115k"), (999_499, "999k"),
     (999_500, "1M"), (5_240_000, "5.24M")],
)  # fmt: skip
def test_long_numbers_are_short_at_their_bar(number: float, says: str):
    assert charts.whole(number) == says


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("Motor", "Motor"),
        ("Motor of the X axis", "Motor of th…"),
        ("押出機モーター", "押出機モー…"),
        ("押出機モータ", "押出機モータ"),
        ("  Motor 押出機モータ", "  Motor 押…"),
        ("Motor of the X", "Motor of th…"),
        ("Motor of a big one", "Motor of a…"),
    ],
)
def test_labels_are_cut_where_the_room_ends_in_every_script(words: str, kept: str):
    assert letters.cut(words, 12) == kept


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("first", DANGEROUS, ids=["equals", "plus", "minus", "at", "tab", "return"])
def test_words_that_look_like_a_formula_stay_words(first: str):
    assert harmless(f"{first}cmd|' /C calc'!A0") == f"'{first}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (-3, "-3"), (0, "0"), (2.5, "2.5"), ("", ""), ("In repair", "In repair"), ("a=b", "a=b")],
)
def test_other_cells_are_written_as_they_are(cell: object, text: str):
    assert harmless(cell) == text


@given(st.text(st.characters(codec="utf-8")))
def test_no_words_begin_dangerously_once_they_are_made_harmless(words: str):
    made = harmless(words)
    assert not made.startswith(DANGEROUS)
    assert made.removeprefix("'") == words.removeprefix("'")


@pytest.mark.parametrize(
    ("labels", "nth"),
    [([], 1), (["1"], 1), (["1"] * 13, 1), (["1"] * 14, 2), (["Nov 2026"] * 13, 2), (["x" * 200] * 3, 3)],
    ids=["none", "one", "as many as may be", "one more", "months", "longer than the drawing"],
)
def test_labels_are_left_out_where_they_would_stand_on_each_other(labels: list[str], nth: int):
    assert charts.every_nth(labels, 596) == nth
