"""Every figure of the decisions against plain SQL on the tables of the desk."""

import json
from collections import Counter, defaultdict

import pytest

from warrantydesk.reports.figures import decisions
from warrantydesk.reports.tables import Table
from warrantydesk.reports.tests.nasty import DAYS, asked, product_of
from warrantydesk.reports.tests.plainly import as_date, desk_day, plainly

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nasty_desk"),
    pytest.mark.xdist_group("nasty_desk"),
]
VERDICTS = (
    "SELECT claim.case_id, line.product_id, part.product_id, claim.verdict, claim.goodwill_reason, claim.decided_at, "
    "claim.decided_by_id, reason.code FROM cases_claimedpart claim "
    "JOIN products_coveredpart part ON part.id = claim.part_id JOIN products_soldunit unit ON unit.id = part.unit_id "
    "JOIN products_invoiceline line ON line.id = unit.line_id "
    "LEFT JOIN products_voidreason reason ON reason.id = claim.reason_id WHERE claim.verdict <> 'undecided'"
)


def verdicts() -> list[tuple]:
    return [row for row in plainly(VERDICTS) if DAYS.first <= desk_day(row[5]) <= DAYS.last]


def by_product(**filters) -> Table:
    return decisions.by_product(asked(**filters), decisions.verdicts_of(asked(**filters)))


@pytest.mark.parametrize(("table", "column"), [(decisions.by_product, 1), (decisions.by_part, 2)])
def test_verdicts_are_those_of_plain_sql(table, column: int):
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in verdicts():
        found[row[column]][2 if row[3] == "denied" else bool(row[4])] += 1
    shown = table(asked(), decisions.verdicts_of(asked()))
    assert {int(row.key): list(row.cells[1:4]) for row in shown.rows} == found
    assert shown.total.cells[4] == len(verdicts())
    assert all(row.cells[5] == pytest.approx((row.cells[1] + row.cells[2]) / row.cells[4]) for row in shown.rows)


def test_reasons_are_those_of_plain_sql():
    found = Counter(row[7] for row in verdicts() if row[3] == "denied")
    assert {row.key: row.cells[1] for row in decisions.reasons(asked()).rows} == found


def test_partial_approvals_are_those_of_plain_sql():
    by_case = defaultdict(set)
    for row in verdicts():
        by_case[row[0]].add(row[3])
    kinds = Counter(
        "some" if len(kinds) == 2 else {"covered": "all", "denied": "none"}[next(iter(kinds))]
        for kinds in by_case.values()
    )
    assert {row.key: row.cells[1] for row in decisions.partly(asked()).rows} == kinds
    assert kinds["some"] == 2


def test_reviewers_are_compared_with_what_the_desk_covers_of_the_same_parts():
    own, desk = defaultdict(list), defaultdict(list)
    for _case, _product, part, verdict, _goodwill, _at, reviewer, _reason in verdicts():
        own[reviewer].append((part, verdict == "covered"))
        desk[part].append(verdict == "covered")
    rows = {int(row.key): row for row in decisions.reviewers(asked()).rows}
    assert rows.keys() == own.keys()
    for reviewer, decided in own.items():
        _name, number, share, low, high, expected, told = rows[reviewer].cells
        assert number == len(decided)
        assert share == pytest.approx(sum(yes for _part, yes in decided) / number)
        assert expected == pytest.approx(sum(sum(desk[part]) / len(desk[part]) for part, _yes in decided) / number)
        assert low <= share <= high
        assert rows[reviewer].small == (number < 20)
        assert told


def test_appeals_are_those_of_plain_sql():
    rows = plainly("SELECT case_id, name, data FROM cases_caseevent WHERE kind = 'transition' ORDER BY case_id, at, id")
    found: Counter[str] = Counter()
    waiting: dict[int, list[int]] = {}
    for case, name, written in rows:
        data = json.loads(written) if isinstance(written, str) else written
        if name == "reopen":
            waiting[case] = data["cleared"]
        elif name in ("approve", "deny") and case in waiting:
            cleared = waiting.pop(case)
            told = [one for one in data["claims"] if one["claim"] in cleared and one["verdict"] == "covered"]
            found["changed" if told else "upheld"] += 1
    found["waiting"] = len(waiting)
    assert {row.key: row.cells[1] for row in decisions.appeals(asked()).rows} == found
    assert found == {"waiting": 1, "upheld": 1, "changed": 1}


def test_claims_near_the_end_are_those_of_plain_sql():
    sql = (
        "SELECT c.received_at, part.covered_through, c.submitted_on FROM cases_claimedpart claim "
        "JOIN cases_case c ON c.id = claim.case_id JOIN products_coveredpart part ON part.id = claim.part_id"
    )
    found: Counter[str] = Counter()
    for at, through, on in plainly(sql):
        if not DAYS.first <= desk_day(at) <= DAYS.last:
            continue
        if through is None:  # away: the clock stands still
            found["away"] += 1
            continue
        left = (as_date(through) - as_date(on)).days
        found["0" if left < 0 else "1" if left <= 7 else "2" if left <= 30 else "3" if left <= 90 else "4"] += 1
    table = decisions.near_expiry(asked())
    assert {row.key: row.cells[1] for row in table.rows if row.cells[1]} == found
    assert found["0"] == 1  # one day after its last covered one
    assert found["1"] == 1  # on that very day


@pytest.mark.parametrize("code", ["products", "parts", "reasons", "partly", "reviewers", "appeals", "ending"])
def test_cases_behind_a_number_are_its_own(code: str):
    table = next(one for one in decisions.tables(asked()) if one.code == code)
    for row in table.rows:
        behind = table.cases(row.key).count()
        claims = row.cells[4] if code in ("products", "parts") else row.cells[1]
        assert 0 <= behind <= claims
        assert bool(behind) == bool(claims)
        if code in ("partly", "appeals"):
            assert behind == claims


def test_filters_leave_only_what_was_asked_for():
    kit = product_of("Nasty kit")
    assert [row.cells[0] for row in by_product(product=kit.pk).rows] == ["Nasty kit"]
    assert by_product(country="NO").total.cells[4] == 7
    assert by_product(country="JP").is_empty
    july = DAYS.first.replace(month=7)
    assert by_product(batch=july).total.cells[4] == 2
    never = product_of("Never sold")
    assert all(table.is_empty for table in decisions.tables(asked(part=never.pk)))
