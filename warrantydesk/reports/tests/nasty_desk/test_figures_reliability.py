"""Every figure of the reliability report against plain SQL on the tables of the desk."""

from collections import Counter, defaultdict
from fractions import Fraction
from math import comb

import pytest

from warrantydesk.reports.counting.ages import months_between, shifted
from warrantydesk.reports.counting.rounds import differences
from warrantydesk.reports.early_warning import trend
from warrantydesk.reports.figures import reliability
from warrantydesk.reports.figures.lives import failed_by_month, last_whole_month, sold_by_month, watched_months
from warrantydesk.reports.figures.names import product_names
from warrantydesk.reports.tests.nasty import asked, product_of
from warrantydesk.reports.tests.plainly import as_date, countries, month_of, plainly

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nasty_desk"),
    pytest.mark.xdist_group("nasty_desk"),
]
CLAIMS = (
    "SELECT c.id, part.id, part.product_id, line.product_id, part.unit_id, part.starts_on, c.submitted_on "
    "FROM cases_claimedpart claim JOIN cases_case c ON c.id = claim.case_id "
    "JOIN products_coveredpart part ON part.id = claim.part_id JOIN products_soldunit unit ON unit.id = part.unit_id "
    "JOIN products_invoiceline line ON line.id = unit.line_id "
    "WHERE claim.confirmed AND c.state <> 'withdrawn' AND c.submitted_on >= part.starts_on"
)
UNTIL = month_of("2025-11-01")


def claims() -> list[tuple]:
    return [row for row in plainly(CLAIMS) if month_of(row[6]) <= UNTIL]


def table(code: str, **filters):
    return next(one for one in reliability.tables(asked(**filters)) if one.code == code)


def watched_by(rows: list, month: int) -> int:
    return sum(min(months_between(month_of(starts), UNTIL), term) >= month for starts, term in rows)


def service_month(starts, on) -> int:
    return max(months_between(as_date(starts), as_date(on)), 1)


def test_last_whole_month_is_the_one_before_the_last_day():
    assert last_whole_month(asked()) == UNTIL


@pytest.mark.parametrize("name", ["Old motor", "One alone"])
def test_life_of_a_part_is_that_of_plain_sql(name: str):
    part = product_of(name)
    sold = plainly("SELECT starts_on, term_months FROM products_coveredpart WHERE product_id = %s", part.pk)
    found = Counter(service_month(row[5], row[6]) for row in claims() if row[2] == part.pk)
    rows = table("life", part=part.pk).rows
    assert len(rows) == max(min(months_between(month_of(starts), UNTIL), term) for starts, term in sold)
    mcf = 0.0
    for row in rows:
        month, at_risk, events, per_hundred, so_far, low, high = row.cells
        assert at_risk == watched_by(sold, month)
        assert events == found[month]
        mcf += 100 * events / at_risk
        assert (per_hundred, so_far) == (pytest.approx(100 * events / at_risk), pytest.approx(mcf))
        assert low <= so_far <= high


@pytest.mark.parametrize("country", ["", "NO"])  # from the ledger of everywhere, and from that of the country
def test_life_of_a_kit_counts_a_case_once(country: str):
    kit = product_of("Nasty kit")
    sql = (
        "SELECT i.issued_on FROM products_soldunit u JOIN products_invoiceline l ON l.id = u.line_id "
        "JOIN products_invoice i ON i.id = l.invoice_id WHERE l.product_id = %s"
    )
    sold = [(issued, 12) for (issued,) in plainly(sql, kit.pk)]
    cases = {(row[0], row[4]): service_month(row[5], row[6]) for row in claims() if row[3] == kit.pk}
    found = Counter(cases.values())
    rows = table("life", product=kit.pk, country=country).rows
    assert {row.cells[0]: (row.cells[1], row.cells[2]) for row in rows} == {
        month: (watched_by(sold, month), found[month]) for month in range(1, len(rows) + 1)
    }
    assert sum(found.values()) == 4


def test_a_part_never_sold_has_no_life_and_no_division_by_zero():
    shown = reliability.tables(asked(part=product_of("Never sold").pk))
    assert all(one.is_empty for one in shown)


def test_pareto_is_that_of_plain_sql():
    found = Counter(row[2] for row in claims())
    sold = dict(
        plainly(
            "SELECT product_id, COUNT(*) FROM products_coveredpart WHERE starts_on < '2025-12-01' GROUP BY product_id"
        )
    )
    shown = table("pareto")
    assert {int(row.key): row.cells[1] for row in shown.rows} == found
    assert {int(row.key): row.cells[3] for row in shown.rows} == {key: sold[key] for key in found}
    assert shown.rows[-1].cells[2] == pytest.approx(1.0)


def test_pareto_and_cohorts_of_one_country_are_those_of_plain_sql():
    sold_to = countries()
    own = [row for row in claims() if sold_to[row[0]] == "NO"]
    assert 0 < len(own) < len(claims())
    shown = table("pareto", country="NO")
    assert {int(row.key): row.cells[1] for row in shown.rows} == Counter(row[2] for row in own)
    found = Counter((month_of(row[5]), month_of(row[6])) for row in own)
    for row in table("cohorts", country="NO").rows:
        month, parts, *rates = row.cells
        claimed = {shifted(month, age): rate for age, rate in enumerate(rates) if rate is not None}
        assert claimed == {one: pytest.approx(100 * found[month, one] / parts) for one in claimed}
    assert table("pareto", country="JP").is_empty


def test_cohorts_are_those_of_plain_sql():
    sold = Counter(month_of(starts) for (starts,) in plainly("SELECT starts_on FROM products_coveredpart"))
    found = defaultdict(int)
    for row in claims():
        found[month_of(row[5]), month_of(row[6])] += 1
    for row in table("cohorts").rows:
        month, parts, *rates = row.cells
        assert parts == sold[month]
        for age, rate in enumerate(rates):
            claimed = shifted(month, age)
            assert (rate is None) == (claimed > UNTIL)
            assert rate is None or rate == pytest.approx(100 * found[month, claimed] / parts)


def test_reasons_are_those_of_plain_sql():
    sql = CLAIMS.replace("SELECT c.id,", "SELECT COALESCE(r.code, 'none'),").replace(
        "WHERE", "LEFT JOIN products_voidreason r ON r.id = claim.reason_id WHERE"
    )
    found = Counter(row[0] for row in plainly(sql) if month_of(row[6]) <= UNTIL)
    assert {row.key: row.cells[1] for row in table("reasons").rows} == found


@pytest.mark.parametrize("code", ["pareto", "reasons", "cohorts"])
def test_cases_behind_a_number_are_there(code: str):
    shown = table(code)
    for row in shown.rows:
        behind = shown.cases(row.key).count()
        if code != "cohorts":
            assert 0 < behind <= row.cells[1]


def test_stored_rows_are_those_a_recount_gives():
    assert list(differences()) == []
    assert plainly("SELECT COUNT(*) FROM reports_casefigures") == plainly("SELECT COUNT(*) FROM cases_case")


def test_curves_without_a_band_are_those_with_one():
    kit = product_of("Nasty kit")
    own = [row.cells[4] for row in table("life", product=kit.pk).rows]
    compared = table("life")
    place = [str(column.heading) for column in compared.columns].index("Nasty kit")
    assert [row.cells[place] for row in compared.rows[: len(own)]] == pytest.approx(own)


def test_early_warning_is_that_of_plain_sql():
    """Each part against itself, month of age by month of age, with exact fractions; then the list of those named."""
    until = month_of("2025-11-01")
    months: dict[int, dict[tuple[int, bool], list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))

    def age_of(starts, month) -> int:
        return (month.year - month_of(starts).year) * 12 + month.month - month_of(starts).month

    def is_recent(starts, age: int) -> bool:
        return age_of(starts, until) - age < 3

    for product, starts in plainly("SELECT product_id, starts_on FROM products_coveredpart"):
        for age in range(age_of(starts, until) + 1):
            months[product][age, is_recent(starts, age)][0] += 1
    sql = (
        "SELECT part.product_id, part.starts_on, c.submitted_on FROM cases_claimedpart claim "
        "JOIN cases_case c ON c.id = claim.case_id JOIN products_coveredpart part ON part.id = claim.part_id "
        "WHERE claim.confirmed AND c.state <> 'withdrawn' AND c.submitted_on >= part.starts_on"
    )
    for product, starts, on in plainly(sql):
        if month_of(on) <= until:
            age = age_of(starts, month_of(on))
            months[product][age, is_recent(starts, age)][1] += 1
    chances = {}
    for product, seen in months.items():
        both = [age for age, recent in seen if recent and (age, False) in seen]
        late, early = (sum(seen[age, recent][1] for age in both) for recent in (True, False))
        if not late + early:
            continue
        weight = sum(
            Fraction(seen[age, True][1] + seen[age, False][1])
            * Fraction(seen[age, True][0], seen[age, True][0] + seen[age, False][0])
            for age in both
        )
        share = weight / (late + early)
        chances[product] = sum(
            comb(late + early, n) * share**n * (1 - share) ** (late + early - n) for n in range(late, late + early + 1)
        )
    ordered = sorted(chances, key=lambda product: chances[product])
    last = max((n for n, one in enumerate(ordered, 1) if chances[one] <= Fraction(n, 10 * len(ordered))), default=0)
    shown = reliability.warnings(asked(), product_names(), sold_by_month(asked(), "part"), failed_by_month(asked()))
    assert chances
    assert shown.note == f"{len(chances)} parts were compared."
    assert {int(row.key): row.cells[4] for row in shown.rows} == {
        one: pytest.approx(float(chances[one])) for one in ordered[:last]
    }
    lately = watched_months(sold_by_month(asked(), "part")[ordered[0]], failed_by_month(asked())[ordered[0]], until)
    assert trend(lately).probability == pytest.approx(float(chances[ordered[0]]))
