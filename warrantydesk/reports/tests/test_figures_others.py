"""Exposure, shipping, money and intake quality against plain SQL on the tables of the desk."""

from collections import Counter, defaultdict
from decimal import Decimal
from statistics import median

import pytest

from warrantydesk.reports.counting.ages import shifted
from warrantydesk.reports.figures import exposure, intake_quality, money, shipping
from warrantydesk.reports.tests.nasty import DAYS, asked, product_of
from warrantydesk.reports.tests.plainly import as_date, desk_day, moment, month_of, plainly

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nasty_desk"),
    pytest.mark.xdist_group("reports_figures"),
]
DECEMBER = month_of("2025-12-01")


def inside(stored) -> bool:
    return DAYS.first <= desk_day(stored) <= DAYS.last


def table(report, code: str, **filters):
    return next(one for one in report.tables(asked(**filters)) if one.code == code)


def test_parts_under_warranty_are_those_of_plain_sql():
    parts = plainly("SELECT starts_on, covered_through FROM products_coveredpart WHERE voided_at IS NULL")
    for row in table(exposure, "months").rows:
        month, number, expected = row.cells
        assert number == sum(
            month_of(starts) <= month and (through is None or month_of(through) >= month) for starts, through in parts
        )
        assert expected >= 0
    assert [row.cells[0] for row in table(exposure, "months").rows] == [shifted(DECEMBER, place) for place in range(13)]


def test_claims_to_expect_are_the_rates_of_the_ages_to_come():
    motor = product_of("Old motor").pk
    rates = exposure.claim_rates(asked())[motor]
    ending = exposure.still_covered(asked())[motor]
    first = table(exposure, "months", part=motor).rows[0].cells[2]
    by_hand = 0.0
    for (sold, ends), number in ending.items():
        age = max((DECEMBER.year - sold.year) * 12 + DECEMBER.month - sold.month, 1)
        if ends >= DECEMBER:
            by_hand += number * rates.get(age, rates[max(known for known in rates if known <= age)])
    assert first == pytest.approx(by_hand)


def test_days_pauses_added_are_those_of_plain_sql():
    rows = plainly("SELECT extended_days FROM products_coveredpart WHERE extended_days > 0")
    total = table(exposure, "pauses").total
    assert total.cells[1:3] == (len(rows), sum(days for (days,) in rows))
    assert rows


def test_days_away_are_those_of_plain_sql():
    sql = (
        "SELECT DISTINCT part.unit_id, w.left_on, w.back_on FROM products_pausewindow w "
        "JOIN products_coveredpart part ON part.id = w.part_id WHERE w.back_on IS NOT NULL"
    )
    days = [(as_date(back) - as_date(left)).days + 1 for _unit, left, back in plainly(sql)]
    total = table(shipping, "away").total
    assert total.cells[1:3] == (len(days), median(days))
    assert days == [13]


def test_days_in_transit_are_those_of_plain_sql():
    sql = (
        "SELECT s.direction, s.arrived_at, MIN(t.occurred_at) FROM shipments_repairshipment s "
        "JOIN shipments_trackingevent t ON t.shipment_id = s.id WHERE s.arrived_at IS NOT NULL "
        "GROUP BY s.id, s.direction, s.arrived_at"
    )
    found = defaultdict(list)
    for direction, at, left in plainly(sql):
        found[direction].append((moment(at) - moment(left)).total_seconds() / 86400)
    rows = table(shipping, "transit").rows
    assert {row.key.split("-")[1]: row.cells[2] for row in rows} == pytest.approx(
        {k: median(v) for k, v in found.items()}
    )
    assert sum(row.cells[1] for row in rows) == 2


def test_silent_and_lost_parcels_are_counted_by_carrier():
    shown = table(shipping, "astray")
    assert [row.cells for row in shown.rows] == [("ups", 2, 1)]
    assert shown.cases("ups").count() == 2


def test_quotes_are_those_of_plain_sql():
    sql = (
        "SELECT q.id, q.currency, q.answer, q.sent_at, SUM(l.amount) FROM cases_quote q JOIN cases_quoteline l "
        "ON l.quote_id = q.id WHERE q.superseded_at IS NULL AND q.sent_at IS NOT NULL "
        "GROUP BY q.id, q.currency, q.answer, q.sent_at"
    )
    found: Counter[tuple[str, str]] = Counter()
    amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for _id, currency, answer, at, amount in plainly(sql):
        if inside(at):
            found[currency, answer or "open"] += 1
            amounts[currency, answer or "open"] += Decimal(str(amount))
    rows = {tuple(row.key.split("-")): row for row in table(money, "quotes").rows if row.key}
    assert {key: row.cells[2] for key, row in rows.items()} == found
    assert {key: row.cells[3].amount for key, row in rows.items()} == amounts
    assert found["EUR", "accepted"] == 1
    for key, row in rows.items():
        assert table(money, "quotes").cases("-".join(key)).count() == row.cells[2]


@pytest.mark.parametrize("code", ["months", "products"])
def test_amounts_add_up_to_those_of_the_quotes_in_each_currency(code: str):
    whole: dict[str, Decimal] = defaultdict(Decimal)
    for row in table(money, "quotes").rows:
        whole[row.cells[3].currency] += row.cells[3].amount
    shown: dict[str, Decimal] = defaultdict(Decimal)
    for row in table(money, code).rows:
        shown[row.cells[1]] += row.cells[3].amount
    assert shown == whole


def test_parts_given_for_free_are_those_of_plain_sql():
    sql = (
        "SELECT part.product_id, claim.decided_at FROM cases_claimedpart claim JOIN products_coveredpart part "
        "ON part.id = claim.part_id WHERE claim.resolution = 'replacement'"
    )
    found = Counter(product for product, at in plainly(sql) if inside(at))
    rows = {int(row.key): row for row in table(money, "given").rows}
    assert {key: row.cells[1] for key, row in rows.items() if row.cells[1]} == found
    assert rows[product_of("Old motor").pk].cells[3] == "12.50 EUR"


def test_completeness_and_what_is_missing_are_those_of_plain_sql():
    sql = (
        "SELECT c.received_at, e.data, c.language FROM cases_case c JOIN cases_caseevent e ON e.case_id = c.id "
        "WHERE e.kind = 'opened'"
    )
    import json

    rows = [
        (json.loads(data) if isinstance(data, str) else data, code) for at, data, code in plainly(sql) if inside(at)
    ]
    missing = Counter(code for data, _language in rows for code in data["missing"])
    whole = sum(not data["missing"] for data, _language in rows)
    assert table(intake_quality, "complete").total.cells[1:3] == (len(rows), whole)
    assert {row.key: row.cells[1] for row in table(intake_quality, "missing").rows if row.cells[1]} == missing
    assert {row.key: row.cells[1] for row in table(intake_quality, "languages").rows} == Counter(
        code for _d, code in rows
    )
    assert missing["evidence"]


@pytest.mark.parametrize("report", [exposure, shipping, money])
def test_a_filter_that_lets_nothing_through_gives_empty_tables(report):
    assert all(one.is_empty for one in report.tables(asked(country="JP")))
    assert all(one.is_empty for one in report.tables(asked(part=product_of("Never sold").pk)))
