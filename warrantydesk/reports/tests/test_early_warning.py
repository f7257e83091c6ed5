"""The early warning, the forecast and the ages: rules as tables, without a database."""

import datetime as dt
from fractions import Fraction
from math import comb

import pytest

from warrantydesk.reports.counting.ages import days_away, months_in_service, shifted
from warrantydesk.reports.early_warning import at_least, named, trend
from warrantydesk.reports.forecast import backlog, expected_claims
from warrantydesk.reports.reliability import Point, mean_cumulative_function, mean_cumulative_function_of_many
from warrantydesk.reports.service_life import Failed, Sold, life_table, likely_share, watched_months


@pytest.mark.parametrize(
    ("successes", "trials", "share"),
    [(0, 10, 0.2), (3, 10, 0.2), (10, 10, 0.2), (5, 9, 0.5), (1, 1, 0.01), (1, 5, 0.0), (3, 5, 1.0), (40, 50, 0.02)],
)
def test_at_least_is_the_sum_of_the_binomial(successes: int, trials: int, share: float):
    plain = sum(comb(trials, n) * share**n * (1 - share) ** (trials - n) for n in range(successes, trials + 1))
    assert at_least(successes, trials, share) == pytest.approx(plain, rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("months", "expected", "probability"),
    [
        pytest.param([], 0.0, 1.0, id="nothing watched"),
        pytest.param([(0, False, 100, 0), (0, True, 100, 0)], 0.0, 1.0, id="no claim at all"),
        pytest.param([(0, False, 100, 5), (0, True, 100, 5)], 5.0, 0.623, id="as before"),
        pytest.param([(0, False, 100, 2), (0, True, 100, 14)], 2.0, 0.00209, id="seven times as many"),
        pytest.param([(0, False, 300, 6), (0, True, 100, 2)], 2.0, 0.6329, id="a third of parts and claims"),
        pytest.param([(0, True, 100, 9)], 0.0, 1.0, id="an age nobody was before says nothing"),
        pytest.param([(3, False, 0, 0), (3, True, 0, 0)], 0.0, 1.0, id="nobody of this age"),
        pytest.param([(0, False, 1, 1), (0, True, 1, 1)], 1.0, 0.75, id="one part in each span"),
        pytest.param(
            [(0, False, 50, 1), (0, False, 50, 1), (0, True, 60, 6), (0, True, 40, 8)],
            2.0,
            0.00209,
            id="months of one age add up",
        ),
    ],
)
def test_trend_of_small_tables(months, expected: float, probability: float):
    found = trend(months)
    assert found.expected == pytest.approx(expected)
    assert found.probability == pytest.approx(probability, rel=1e-3)


def test_trend_tells_both_spans_and_how_many_times_the_rate_is():
    found = trend([(0, False, 200, 4), (0, True, 100, 9), (7, True, 100, 3)])
    assert (found.earlier, found.recent, found.expected, found.times) == (4, 9, pytest.approx(2), pytest.approx(4.5))
    assert (trend([]).times, found.few, trend([(0, False, 9, 1), (0, True, 9, 4)]).few) == (None, False, True)


def test_trend_is_not_alarmed_by_a_fleet_that_grew_older():
    """Old parts fail ten times as often; lately there are more old ones, and each age fails as it always did."""
    months = [(1, False, 1000, 10), (12, False, 100, 10), (1, True, 100, 1), (12, True, 1000, 100)]
    found = trend(months)
    assert found.expected == pytest.approx(101, rel=0.02)
    assert found.probability > 0.4


@pytest.mark.parametrize(
    ("probabilities", "warned"),
    [
        pytest.param({}, set(), id="nothing"),
        pytest.param({1: 0.04}, {1}, id="one alone"),
        pytest.param({1: 0.1}, {1}, id="just on the line"),
        pytest.param({1: 0.04, 2: 0.9, 3: 0.9}, set(), id="among three, 0.04 is more than 0.1/3"),
        pytest.param({1: 0.02, 2: 0.06, 3: 0.9}, {1, 2}, id="the second is carried by its own line"),
        pytest.param(dict.fromkeys(range(100), 0.5), set(), id="a hundred parts that are as ever"),
    ],
)
def test_named_keeps_the_share_of_false_alarms_down(probabilities, warned: set[int]):
    assert named(probabilities) == warned


def test_backlog_of_steady_weeks_goes_on_as_they_did():
    assert [one.expected for one in backlog(10, [5] * 12, [4] * 12, 3)] == [11, 12, 13]
    assert backlog(10, [5, 5, 5], [1, 1, 1], 3) == []


def test_backlog_reaches_as_far_as_the_weeks_were_spread():
    """By hand: changes of 3, -1, 4 and 2 have the mean 2 and the spread √(14/3)."""
    ahead = backlog(10, [6, 4, 8, 6], [3, 5, 4, 4], 2)
    told = [(one.week, one.expected, round(one.low, 3), round(one.high, 3)) for one in ahead]
    assert told == [(1, 12, 8.905, 15.095), (2, 14, 9.205, 18.795)]


def test_backlog_is_never_less_than_none():
    assert {(one.expected, one.low, one.high) for one in backlog(1, [0] * 4, [5] * 4, 2)} == {(0, 0, 0)}


@pytest.mark.parametrize(
    ("watched", "rates", "expected"),
    [
        ({}, {1: 0.5}, 0.0), ({1: 10}, {}, 0.0),
        ({1: 10, 2: 20}, {1: 0.1, 2: 0.2}, 5.0), ({5: 10}, {1: 0.1, 2: 0.2}, 2.0),
        ({1: 10}, {3: 0.2, 4: 0.9}, 2.0),
    ],
)  # fmt: skip
def test_expected_claims(watched, rates, expected: float):
    assert expected_claims(watched, rates) == pytest.approx(expected)


def day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


MARCH = day("2025-03-10")


@pytest.mark.parametrize(
    ("windows", "days"),
    [
        pytest.param([], 0, id="never"),
        pytest.param([("2025-04-01", "2025-04-03")], 3, id="both ends"),
        pytest.param([("2025-04-01", "2025-04-03"), ("2025-04-02", "2025-04-05")], 5, id="overlapping"),
        pytest.param([("2025-04-01", None)], 30, id="still away"),
        pytest.param([("2025-03-08", "2025-03-12")], 2, id="from before the start"),
        pytest.param([("2025-06-01", "2025-06-03")], 0, id="after the claim"),
    ],
)
def test_days_away_count_each_day_once(windows, days: int):
    read = [(day(left), day(back) if back else None) for left, back in windows]
    assert days_away(read, MARCH, day("2025-04-30")) == days


@pytest.mark.parametrize(
    ("on", "windows", "month"),
    [
        ("2025-03-09", [], None), ("2025-03-10", [], 1), ("2025-04-30", [], 1), ("2025-05-01", [], 2),
        ("2026-03-10", [], 12),
        ("2025-05-01", [("2025-04-20", "2025-04-20")], 1), ("2025-03-11", [("2025-03-10", "2025-03-11")], 1),
    ],
)  # fmt: skip
def test_months_in_service(on: str, windows, month: int | None):
    read = [(day(left), day(back)) for left, back in windows]
    assert months_in_service(MARCH, read, day(on)) == month


def test_shifted_months_cross_the_year():
    assert shifted(day("2025-11-01"), 3) == day("2026-02-01")
    assert shifted(day("2025-02-01"), -2) == day("2024-12-01")


JANUARY, JUNE = day("2025-01-01"), day("2025-06-01")


@pytest.mark.parametrize(
    ("sold", "months"),
    [
        (Sold(JANUARY, 12, 0, 1), 5), (Sold(JUNE, 12, 0, 1), 0), (Sold(day("2023-01-01"), 12, 0, 1), 12),
        (Sold(JANUARY, 12, 30, 1), 4), (Sold(JANUARY, 12, 29, 1), 5),
    ],
)  # fmt: skip
def test_watched_months_end_with_the_term_and_leave_days_away_out(sold: Sold, months: int):
    assert watched_months(sold, JUNE) == months


def test_life_table_is_the_mean_cumulative_function_of_its_units():
    old, young = Sold(JANUARY, 12, 0, 3), Sold(day("2025-04-01"), 12, 0, 2)
    one_old, one_young = Sold(JANUARY, 12, 0, 1), Sold(day("2025-04-01"), 12, 0, 1)
    failed = [
        Failed(one_old, ((2, JUNE), (5, JUNE))),
        Failed(one_young, ((2, JUNE),)),
        Failed(one_young, ((9, JUNE),)),
    ]
    life = life_table([old, young], failed, JUNE)
    plain = mean_cumulative_function([((2, 5), 5), ((), 5), ((), 5), ((2,), 2), ((), 2)])
    assert [(one.month, one.at_risk, one.claims) for one in life] == [
        (1, 5, 0),
        (2, 5, 2),
        (3, 3, 0),
        (4, 3, 0),
        (5, 3, 1),
    ]
    assert [life[1].mcf, life[4].mcf] == pytest.approx([one.mcf for one in plain])
    assert life[4].high - life[4].mcf == pytest.approx(1.959964 * plain[1].standard_error)
    assert life_table([], [], JUNE) == []


def test_life_table_adds_up_what_is_alike():
    """Two lots of one month, two rows of one history; a claim in the first month counts, one later than watched not."""
    lots = [Sold(JANUARY, 12, 0, 6), Sold(JANUARY, 12, 0, 4)]
    failed = [
        Failed(Sold(JANUARY, 12, 0, 3), ((1, JANUARY),)),
        Failed(Sold(JANUARY, 12, 0, 2), ((1, JANUARY), (6, JUNE))),
        Failed(Sold(JANUARY, 12, 0, 1), ((3, JUNE),)),
    ]
    life = life_table(lots, failed, JUNE)
    plain = mean_cumulative_function([*[((1,), 5)] * 5, ((3,), 5), *[((), 5)] * 4])
    assert [(one.month, one.at_risk, one.claims) for one in life] == [
        (1, 10, 5),
        *[(n, 10, int(n == 3)) for n in (2, 3, 4, 5)],
    ]
    assert [one.mcf for one in life] == pytest.approx([0.5, 0.5, 0.6, 0.6, 0.6])
    reach = 1.959964 * plain[0].standard_error
    assert (life[0].low, life[0].high) == pytest.approx((0.5 - reach, 0.5 + reach))
    assert life[0].low > 0
    assert (life[1].low, life[1].high) == (life[0].low, life[0].high), (
        "a month without a claim says what the last one said"
    )


def test_life_table_begins_with_nothing_and_counts_no_part_that_is_not_there():
    sold = Sold(JANUARY, 12, 0, 2)
    life = life_table([sold], [Failed(sold, ((2, JUNE),))], JUNE)
    assert (life[0].mcf, life[0].low, life[0].high, life[0].per_hundred) == (0.0, 0.0, 0.0, 0.0)
    assert [one.mcf for one in life[1:]] == [1.0] * 4, "each of the two has failed once"
    few = Sold(JANUARY, 12, 0, 40)
    rare = life_table([few], [Failed(Sold(JANUARY, 12, 0, 1), ((1, JUNE),))], JUNE)
    assert (rare[0].low, rare[0].per_hundred) == (0.0, 2.5), "never below nothing"


def test_many_uneventful_units_count_as_if_each_were_named():
    units = [((1.0, 4.0), 9.0), ((2.0,), 3.0), *[((), 9.0)] * 5, *[((), 3.0)] * 4]
    grouped = mean_cumulative_function_of_many(units[:2], {9.0: 5, 3.0: 4})
    _alike(grouped, mean_cumulative_function(units))


def test_units_with_the_same_events_count_as_if_each_were_named():
    units = [*[((1.0, 4.0), 9.0)] * 3, *[((2.0,), 3.0)] * 2, ((4.0, 4.0), 5.0), *[((), 9.0)] * 5]
    grouped = mean_cumulative_function_of_many([units[0], units[3], units[5]], {9.0: 5}, [3, 2, 1])
    _alike(grouped, mean_cumulative_function(units))


def _alike(grouped: list[Point], named: list[Point]) -> None:
    for one, other in zip(grouped, named, strict=True):
        assert (one.age, one.at_risk, one.events) == (other.age, other.at_risk, other.events)
        assert one.standard_error == pytest.approx(other.standard_error, rel=1e-12)


@pytest.mark.parametrize(
    ("share", "number", "low", "high"), [(0.0, 0, 0.0, 1.0), (0.0, 10, 0.0, 0.2775), (0.5, 100, 0.4038, 0.5962)]
)
def test_likely_share_is_wilsons(share: float, number: int, low: float, high: float):
    assert likely_share(share, number) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(("successes", "trials", "share"), [(300, 1000, 0.25), (200, 900, 0.25)])
def test_chance_is_exact_on_both_sides_of_the_middle(successes: int, trials: int, share: float):
    exact = Fraction(share)
    whole = sum(comb(trials, n) * exact**n * (1 - exact) ** (trials - n) for n in range(successes, trials + 1))
    assert at_least(successes, trials, share) == pytest.approx(float(whole), rel=1e-9)
