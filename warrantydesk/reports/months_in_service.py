"""First claims by months in service: the warranty analyst's table, known as the Nevada format.      [pure]

Rows are months of sale, columns months of claim; read along the diagonals, it tells how many units reached a month of
their life without a claim, and how many of those claimed in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Month = tuple[int, int]  # year, month of the year


@dataclass(frozen=True, slots=True)
class MonthInService:
    """Of `at_risk` units watched through this month of their life without a claim before, `claims` claimed."""

    month: int
    at_risk: int
    claims: int


def months_in_service(
    sold: Mapping[Month, int], claims: Mapping[Month, Mapping[Month, int]], until: Month
) -> list[MonthInService]:
    """The table from the first month after the sale to the last that anything sold was watched for.

    `sold` is units by month of sale, `claims` first claims by month of sale and month of claim, `until` the last month
    that is known whole. Claims of the month of sale itself count to the first month of service. Later claims are not
    counted. ValueError for a claim before its sale, or more claims than units sold.
    """
    last = _index(until)
    watched = {sale: last - _index(sale) for sale in sold if _index(sale) < last}
    by_age = {sale: _by_age(sale, sold[sale], claims.get(sale, {})) for sale in watched}
    return [
        MonthInService(
            month,
            sum(sold[sale] - _before(by_age[sale], month) for sale in watched if watched[sale] >= month),
            sum(by_age[sale].get(month, 0) for sale in watched if watched[sale] >= month),
        )
        for month in range(1, max(watched.values(), default=0) + 1)
    ]


def _index(month: Month) -> int:
    return month[0] * 12 + month[1]


def _by_age(sale: Month, units: int, claims: Mapping[Month, int]) -> dict[int, int]:
    if sum(claims.values()) > units:
        raise ValueError(f"claims: {sum(claims.values())} first claims on the {units} units sold in {_written(sale)}")
    ages: dict[int, int] = {}
    for month, number in claims.items():
        if _index(month) < _index(sale):
            raise ValueError(f"claims: a claim in {_written(month)} on units sold in {_written(sale)}")
        age = max(_index(month) - _index(sale), 1)
        ages[age] = ages.get(age, 0) + number
    return ages


def _before(ages: Mapping[int, int], month: int) -> int:
    return sum(number for age, number in ages.items() if age < month)


def _written(month: Month) -> str:
    return f"{month[0]:04}-{month[1]:02}"
