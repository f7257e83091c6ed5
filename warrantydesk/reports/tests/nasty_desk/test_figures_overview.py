"""Every figure of the overview against plain SQL on the tables of the desk."""

import datetime as dt
import math
from collections import Counter, defaultdict
from statistics import median

import pytest

from warrantydesk.reports.counting.rounds import differences
from warrantydesk.reports.figures import open_cases, overview
from warrantydesk.reports.tables import Table
from warrantydesk.reports.tests.nasty import DAYS, NOW, asked, product_of
from warrantydesk.reports.tests.plainly import TRANSITIONS, countries, desk_day, moment, monday_of, plainly

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nasty_desk"),
    pytest.mark.xdist_group("nasty_desk"),
]
OPEN = ("submitted", "evidence_review", "approved", "in_repair")
ENDED = ("denied", "returned", "withdrawn")


def table_of(code: str, **filters) -> Table:
    return next(one for one in overview.tables(asked(**filters)) if one.code == code)


def inside(day: dt.date) -> bool:
    return DAYS.first <= day <= DAYS.last


def last_moves() -> dict[int, tuple[dt.datetime, str]]:
    return {case: (moment(at), to_state) for case, at, _name, to_state in plainly(TRANSITIONS)}


def test_what_was_counted_at_once_is_what_a_recount_gives():
    """On PostgreSQL the stretches are counted by SQL: here they are held against the rule, case by case."""
    assert list(differences()) == []


def test_weeks_are_those_of_plain_sql():
    came = Counter(
        monday_of(day) for (at,) in plainly("SELECT received_at FROM cases_case") if inside(day := desk_day(at))
    )
    went = Counter(monday_of(desk_day(at)) for at, to in last_moves().values() if to in ENDED and inside(desk_day(at)))
    table = table_of("weeks")
    assert [row.cells for row in table.rows] == [(week, came[week], went[week]) for week in DAYS.weeks]
    assert table.total.cells[1:] == (came.total(), went.total())
    assert came.total() > 20
    assert went.total() > 5


def test_states_are_those_of_plain_sql():
    found = Counter(state for at, state in plainly("SELECT received_at, state FROM cases_case") if inside(desk_day(at)))
    table = table_of("states")
    assert {row.key: row.cells[1] for row in table.rows if row.cells[1]} == found


def test_open_ages_are_those_of_plain_sql():
    today = desk_day(NOW)
    found: Counter[tuple[str, int]] = Counter()
    for at, state in plainly("SELECT received_at, state FROM cases_case"):
        if state in OPEN:
            age = (today - desk_day(at)).days
            found[
                state, next(place for place, (_low, most) in enumerate(open_cases.AGES) if most is None or age <= most)
            ] += 1
    table = table_of("open")
    assert {
        (row.key, place): number for row in table.rows for place, number in enumerate(row.cells[1:-1]) if number
    } == found
    assert table.total.cells[-1] == sum(found.values())


def test_what_is_due_is_that_of_plain_sql():
    rows = plainly(
        "SELECT due_at FROM cases_case WHERE state IN ('submitted','evidence_review','approved','in_repair')"
    )
    overdue = sum(due is not None and moment(due) < NOW for (due,) in rows)
    nothing = sum(due is None for (due,) in rows)
    table = table_of("due")
    numbers = {row.key: row.cells[1] for row in table.rows}
    assert (numbers["overdue"], numbers["none"]) == (overdue, nothing)
    assert sum(numbers.values()) == len(rows)
    assert overdue


def ninth_tenth(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.9 * len(values)) - 1]


def test_days_to_the_decision_are_those_of_plain_sql():
    received = {case: moment(at) for case, at in plainly("SELECT id, received_at FROM cases_case")}
    days, begun = [], dict(received)
    for case, at, name, _to in plainly(TRANSITIONS):
        if name == "reopen":
            begun[case] = moment(at)
        elif name in ("approve", "deny") and inside(desk_day(at)):
            days.append((moment(at) - begun[case]).total_seconds() / 86400)
    row = next(row for row in table_of("stages").rows if row.key == "decision")
    assert row.cells[1] == len(days)
    assert row.cells[2] == pytest.approx(median(days))
    assert row.cells[3] == pytest.approx(ninth_tenth(days))


def of_country() -> tuple[dict[str, object], set[int]]:
    return {"country": "NO"}, {case for case, code in countries().items() if code == "NO"}


def of_part() -> tuple[dict[str, object], set[int]]:
    part = product_of("Old motor").pk
    sql = (
        "SELECT c.case_id FROM cases_claimedpart c JOIN products_coveredpart p ON p.id = c.part_id "
        "WHERE p.product_id = %s"
    )
    return {"part": part}, {case for (case,) in plainly(sql, part)}


@pytest.mark.parametrize("meant", [of_country, of_part])
def test_what_some_cases_ask_and_wait_is_that_of_plain_sql(meant):
    filters, those = meant()
    received = {case: moment(at) for case, at in plainly("SELECT id, received_at FROM cases_case")}
    came = Counter(monday_of(day) for case in those if inside(day := desk_day(received[case])))
    went = sum(to in ENDED and inside(desk_day(at)) for case, (at, to) in last_moves().items() if case in those)
    decided = defaultdict(list)
    for case, at, name, _to in plainly(TRANSITIONS):
        if case in those and name in ("approve", "deny") and inside(desk_day(at)):
            decided[monday_of(desk_day(at))].append((moment(at) - received[case]).total_seconds() / 86400)
    weeks = table_of("weeks", **filters)
    assert {row.cells[0]: row.cells[1] for row in weeks.rows if row.cells[1]} == came
    assert weeks.total.cells[2] == went
    days = [one for some in decided.values() for one in some]
    stages = table_of("stages", **filters)
    row = next(row for row in stages.rows if row.key == "decision")
    assert row.cells[1:4] == (len(days), pytest.approx(median(days)), pytest.approx(ninth_tenth(days)))
    by_week = overview.spreads_of_weeks(asked(**filters))["decision"]
    assert {week: (one.number, one.in_days.median) for week, one in by_week.items() if one.number} == {
        week: (len(some), pytest.approx(median(some))) for week, some in decided.items()
    }
    assert 0 < len(days) < len(received)


def test_days_in_repair_are_those_of_plain_sql():
    moves = defaultdict(dict)
    for case, at, name, _to in plainly(TRANSITIONS):
        moves[case][name] = moment(at)
    days = [
        (one["send_back"] - one["start_repair"]).total_seconds() / 86400 for one in moves.values() if "send_back" in one
    ]
    row = next(row for row in table_of("stages").rows if row.key == "repair")
    assert (row.cells[1], row.cells[2]) == (len(days), pytest.approx(median(days)))


def test_first_answers_are_those_of_plain_sql():
    first: dict[int, dt.datetime] = {}
    sql = (
        "SELECT case_id, at FROM cases_caseevent WHERE actor_kind = 'staff' AND (kind, name) IN (('message', "
        "'written'), ('transition', 'request_information'), ('transition', 'approve'), ('transition', 'deny'), "
        "('transition', 'withdraw')) ORDER BY case_id, at, id"
    )
    for case, at in plainly(sql):
        first.setdefault(case, moment(at))
    received = {case: moment(at) for case, at in plainly("SELECT id, received_at FROM cases_case")}
    days = [(at - received[case]).total_seconds() / 86400 for case, at in first.items() if inside(desk_day(at))]
    total = table_of("reply").total
    assert total.cells[1] == len(days)
    assert total.cells[2] == pytest.approx(median(days))
    assert total.cells[3] == pytest.approx(ninth_tenth(days))


def test_forecast_begins_with_what_is_open_and_is_about_now():
    rows = plainly(
        "SELECT COUNT(*) FROM cases_case WHERE state IN ('submitted','evidence_review','approved','in_repair')"
    )
    table = table_of("forecast")
    assert len(table.rows) == open_cases.WEEKS_AHEAD
    assert table.chart.curves[0].marks[0].says.endswith(f": {rows[0][0]}")


@pytest.mark.parametrize("table", ["weeks", "due", "open", "stages", "reply", "states"])
def test_cases_behind_a_number_are_as_many_as_it_says(table: str):
    one = next(one for one in overview.tables(asked()) if one.code == table)
    keyed = [row for row in one.rows if row.key]
    assert keyed
    for row in keyed:
        number = row.cells[-1] if table == "open" else row.cells[1]
        behind = one.cases(row.key).count()
        # A case that was opened again goes through a stage twice, and is one case.
        assert behind <= number if table == "stages" else behind == number, row
