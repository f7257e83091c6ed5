"""The table of first claims by months in service, against a published one and by hand."""

import json

import pytest

from warrantydesk.reports.months_in_service import MonthInService, months_in_service


def month(written: str) -> tuple[int, int]:
    year, _dash, number = written.partition("-")
    return int(year), int(number)


@pytest.mark.shared_data
def test_months_in_service_agree_with_the_published_table(shared_data):
    table = json.loads((shared_data / "reliability" / "nevada_and_small.json").read_text())["nevada"]
    sold = {month(sale): units for sale, units in table["shipped"].items()}
    claims = {
        month(sale): {month(claim): number for claim, number in row.items()} for sale, row in table["returns"].items()
    }
    until = max(claim for row in claims.values() for claim in row)
    found = months_in_service(sold, claims, until)
    assert {str(one.month): {"at_risk": one.at_risk, "claims": one.claims} for one in found} == table[
        "expected_months_in_service"
    ]


MARCH, APRIL, MAY, JUNE = (2026, 3), (2026, 4), (2026, 5), (2026, 6)


@pytest.mark.parametrize(
    ("sold", "claims", "until", "table"),
    [
        pytest.param({}, {}, JUNE, [], id="nothing sold"),
        pytest.param({JUNE: 5}, {}, JUNE, [], id="sold in the last month: not watched for one yet"),
        pytest.param({MAY: 5}, {MAY: {MAY: 1}}, JUNE, [(1, 5, 1)], id="claimed in the month of sale"),
        pytest.param(
            {APRIL: 5}, {APRIL: {MAY: 2}}, JUNE, [(1, 5, 2), (2, 3, 0)], id="who claimed is no longer at risk"
        ),
        pytest.param(
            {APRIL: 5},
            {APRIL: {APRIL: 1, MAY: 1}},
            JUNE,
            [(1, 5, 2), (2, 3, 0)],
            id="two months, one month of service",
        ),
        pytest.param({MAY: 5}, {MAY: {JUNE: 5}}, JUNE, [(1, 5, 5)], id="every unit claimed"),
        pytest.param({APRIL: 5}, {APRIL: {(2026, 7): 2}}, JUNE, [(1, 5, 0), (2, 5, 0)], id="claims after the end"),
        pytest.param(
            {(2025, 12): 2, MARCH: 3}, {}, APRIL, [(1, 5, 0), (2, 2, 0), (3, 2, 0), (4, 2, 0)], id="over a year"
        ),
    ],
)
def test_months_in_service_of_small_tables(sold, claims, until, table):
    assert months_in_service(sold, claims, until) == [MonthInService(*row) for row in table]


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        pytest.param({MAY: {APRIL: 1}}, "a claim in 2026-04 on units sold in 2026-05", id="before the sale"),
        pytest.param({MAY: {JUNE: 6}}, "6 first claims on the 5 units", id="more than were sold"),
    ],
)
def test_months_in_service_refuse_impossible_claims(claims, says):
    with pytest.raises(ValueError, match=says):
        months_in_service({MAY: 5}, claims, JUNE)
