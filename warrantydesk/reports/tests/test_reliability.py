"""The mean cumulative function, against published figures, R's, and a plain walk over every unit and age."""

import csv
import json
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warrantydesk.reports.reliability import mean_cumulative_function


def rows(path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def valve_seats(shared_data):
    """41 engines: the ages at which valve seats were replaced, and the age at which watching ended."""
    histories = defaultdict(lambda: ([], []))
    for row in rows(shared_data / "reliability" / "survival_valveSeat.csv"):
        histories[row["id"]][0 if float(row["status"]) else 1].append(float(row["time"]))
    return [(events, max(ends)) for events, ends in histories.values()]


@pytest.mark.shared_data
def test_valve_seats_agree_with_published_figures(shared_data, valve_seats):
    expected = rows(shared_data / "reliability" / "expected_valveSeat_mcf.csv")
    points = mean_cumulative_function(valve_seats)
    assert [(p.age, p.at_risk, p.events) for p in points] == [
        (float(row["time"]), int(row["n_at_risk"]), int(row["events"])) for row in expected
    ]
    for point, row in zip(points, expected, strict=True):
        assert point.mcf == pytest.approx(float(row["mcf"]), abs=1e-9)
        assert point.standard_error == pytest.approx(float(row["se_lawless_nadeau"]), abs=1e-6)


@pytest.mark.shared_data
def test_valve_seats_agree_with_r(shared_data, valve_seats):
    points = {p.age: p for p in mean_cumulative_function(valve_seats)}
    compared = 0
    for row in rows(shared_data / "reliability" / "expected_valveSeat_R_survival.csv"):
        point = points.get(float(row["time"]))
        if point is not None:
            assert point.mcf == pytest.approx(float(row["cumhaz"]), abs=1e-9)
            assert point.standard_error == pytest.approx(float(row["se_robust"]), abs=1e-6)
            compared += 1
    assert compared == len(points)


@pytest.mark.shared_data
def test_five_systems_agree_with_published_figures(shared_data):
    systems = json.loads((shared_data / "reliability" / "nevada_and_small.json").read_text())["mcf_5_systems"]
    points = mean_cumulative_function((ages[:-1], ages[-1]) for ages in systems["systems_last_value_is_end_of_history"])
    assert [p.age for p in points] == [age for age, _mcf, _variance in systems["published_time_mcf_variance"]]
    assert [p.mcf for p in points] == pytest.approx(
        [mcf for _age, mcf, _variance in systems["published_time_mcf_variance"]], abs=1e-5
    )


@pytest.mark.parametrize(
    ("histories", "points"),
    [
        pytest.param([], [], id="no unit"),
        pytest.param([([], 10)], [], id="nothing ever failed"),
        pytest.param([([3], 10)], [(3, 1, 1, 1.0)], id="one unit"),
        pytest.param([([3, 3], 10), ([], 10)], [(3, 2, 2, 1.0)], id="twice on one day"),
        pytest.param([([5], 5), ([], 4)], [(5, 1, 1, 1.0)], id="watched up to that very age counts, up to before not"),
        pytest.param([([0], 0), ([], 0)], [(0, 2, 1, 0.5)], id="dead on arrival"),
    ],
)
def test_mean_cumulative_function_of_small_fleets(histories, points):
    assert [(p.age, p.at_risk, p.events, p.mcf) for p in mean_cumulative_function(histories)] == points


@pytest.mark.parametrize(
    ("history", "says"),
    [
        pytest.param(([11], 10), "between 0 and the end", id="after the end"),
        pytest.param(([-1], 10), "between 0 and the end", id="before the start"),
        pytest.param(([float("nan")], 10), "between 0 and the end", id="no number"),
        pytest.param(([], float("inf")), "no age", id="watched for ever"),
        pytest.param(([], -1), "no age", id="watched for less than nothing"),
    ],
)
def test_mean_cumulative_function_refuses_impossible_ages(history, says):
    with pytest.raises(ValueError, match=rf"histories\[1\].*{says}"):
        mean_cumulative_function([([1], 2), history])


def walked(histories):
    """The same by the definition: every unit at every age, share by share."""
    answer = []
    ages = sorted({age for events, _end in histories for age in events})
    mcf, residuals = 0.0, [0.0] * len(histories)
    for age in ages:
        watched = [number for number, (_events, end) in enumerate(histories) if end >= age]
        failures = {number: histories[number][0].count(age) for number in watched}
        rate = sum(failures.values()) / len(watched)
        mcf += rate
        for number in watched:
            residuals[number] += (failures[number] - rate) / len(watched)
        answer.append((age, len(watched), mcf, sum(one * one for one in residuals) ** 0.5))
    return answer


@st.composite
def fleets(draw):
    ends = draw(st.lists(st.integers(0, 30), max_size=12))
    return [(draw(st.lists(st.integers(0, end), max_size=5)), end) for end in ends]


@given(fleets())
def test_mean_cumulative_function_equals_a_walk_over_every_unit(fleet):
    points = mean_cumulative_function(fleet)
    expected = walked(fleet)
    assert [(p.age, p.at_risk) for p in points] == [row[:2] for row in expected]
    assert [p.mcf for p in points] == pytest.approx([row[2] for row in expected], abs=1e-9)
    assert [p.standard_error for p in points] == pytest.approx([row[3] for row in expected], abs=1e-6)


@given(fleets(), st.randoms())
def test_the_order_of_units_does_not_matter(fleet, random):
    mixed = list(fleet)
    random.shuffle(mixed)
    one, other = mean_cumulative_function(fleet), mean_cumulative_function(mixed)
    assert [(p.age, p.at_risk, p.events) for p in one] == [(p.age, p.at_risk, p.events) for p in other]
