"""Exposure, shipping, money and intake quality against plain SQL on the tables of the desk."""

import datetime as dt
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
    pytest.mark.xdist_group("nasty_desk"),
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


def months_of_service() -> tuple[Counter, Counter]:
    """(part, month of service) → parts watched through it, and claims in it; by hand, claim by claim."""
    until = month_of("2025-11-01")
    watched: Counter[tuple[int, int]] = Counter()
    for product, starts, term in plainly("SELECT product_id, starts_on, term_months FROM products_coveredpart"):
        lived = (until.year - month_of(starts).year) * 12 + until.month - month_of(starts).month
        for month in range(1, min(lived, term) + 1):
            watched[product, month] += 1
    sql = (
        "SELECT part.product_id, part.starts_on, c.submitted_on, part.id FROM cases_claimedpart claim "
        "JOIN cases_case c ON c.id = claim.case_id JOIN products_coveredpart part ON part.id = claim.part_id "
        "WHERE claim.confirmed AND c.state <> 'withdrawn' AND c.submitted_on >= part.starts_on"
    )
    claims: Counter[tuple[int, int]] = Counter()
    for product, starts, on, part in plainly(sql):
        if month_of(on) > until:
            continue
        away = 0
        for left, back in plainly(f"SELECT left_on, back_on FROM products_pausewindow WHERE part_id = {part}"):
            last = min(as_date(back) if back else as_date(on), as_date(on))
            away += max((last - max(as_date(left), as_date(starts) + dt.timedelta(days=1))).days + 1, 0)
        lived_to = max(as_date(on) - dt.timedelta(days=away), as_date(starts))
        age = (lived_to.year - month_of(starts).year) * 12 + lived_to.month - month_of(starts).month
        claims[product, max(age, 1)] += 1
    return watched, claims


def expected_by_hand() -> dict[tuple[int, int], float]:
    """(part, months ahead) → claims to expect."""
    watched, claims = months_of_service()
    ages: dict[int, list[int]] = defaultdict(list)
    for product, month in sorted(watched):
        ages[product].append(month)
    found: dict[tuple[int, int], float] = defaultdict(float)
    sql = "SELECT product_id, starts_on, covered_through FROM products_coveredpart WHERE voided_at IS NULL"
    for product, starts, through in plainly(sql):
        for place in range(13):
            month = shifted(DECEMBER, place)
            if month_of(starts) <= month and (through is None or month_of(through) >= month) and ages[product]:
                age = max((month.year - month_of(starts).year) * 12 + month.month - month_of(starts).month, 1)
                known = max((one for one in ages[product] if one <= age), default=ages[product][0])
                found[product, place] += claims[product, known] / watched[product, known]
    return found


def test_claims_to_expect_are_those_of_plain_sql():
    by_hand = expected_by_hand()
    for place, row in enumerate(table(exposure, "months").rows):
        assert row.cells[2] == pytest.approx(sum(n for (_part, at), n in by_hand.items() if at == place))
    for row in table(exposure, "parts").rows:
        whole = sum(n for (part, at), n in by_hand.items() if part == int(row.key) and at < 12)
        assert row.cells[2] == pytest.approx(whole)
    assert sum(by_hand.values()) > 0


def test_worth_of_the_parts_to_give_is_that_of_plain_sql():
    sql = (
        "SELECT claim.verdict, claim.resolution FROM cases_claimedpart claim JOIN cases_case c ON c.id = claim.case_id "
        "JOIN products_coveredpart part ON part.id = claim.part_id "
        "WHERE claim.confirmed AND c.state <> 'withdrawn' AND c.submitted_on >= part.starts_on"
    )
    told = plainly(sql)
    share = sum(how == "replacement" for _verdict, how in told) / sum(verdict != "undecided" for verdict, _how in told)
    prices: dict[tuple[int, str], list[Decimal]] = defaultdict(list)
    sold = (
        "SELECT line.product_id, i.currency, line.unit_price, i.issued_on FROM products_invoiceline line "
        "JOIN products_invoice i ON i.id = line.invoice_id JOIN products_product p ON p.id = line.product_id "
        "WHERE p.kind = 'single' AND line.unit_price > 0"
    )
    for product, currency, price, on in plainly(sold):
        if dt.date(2024, 12, 10) <= as_date(on) <= dt.date(2025, 12, 10):
            prices[product, currency].append(Decimal(str(price)))
    worth: dict[str, float] = defaultdict(float)
    by_hand = expected_by_hand()
    for (product, currency), known in prices.items():
        claims = sum(n for (part, at), n in by_hand.items() if part == product and at < 12)
        worth[currency] += claims * share * float(sum(known) / len(known))
    rows = {row.cells[0]: float(row.cells[1].amount) for row in table(exposure, "cost").rows}
    assert rows == pytest.approx({code: amount for code, amount in worth.items() if amount}, abs=0.01)
    assert rows


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
    assert days == [13, 13]


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
    assert sum(row.cells[1] for row in rows) == 4


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


@pytest.mark.parametrize(
    ("report", "code", "column"),
    [
        (money, "months", 2),
        (money, "products", 2),
        (shipping, "away", 0),
        (shipping, "granted", 0),
        (exposure, "months", 0),
    ],
)  # fmt: skip
def test_rows_lead_to_their_cases(report, code: str, column: int):
    """A case has one quote in force; a unit that was away twice is one case more than none."""
    shown = table(report, code)
    assert shown.rows
    for row in shown.rows:
        behind = shown.cases(row.key).count()
        assert behind == row.cells[column] if column else behind > 0
    assert shown.cases("no-such-key") is None
