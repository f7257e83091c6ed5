"""The counted rows as the pure modules want them: what was sold, and what of it failed, for a part or a product."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import starmap
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ages import first_of_month, months_between, shifted
from warrantydesk.reports.early_warning import RECENT_MONTHS, Watched
from warrantydesk.reports.models import ClaimFigures
from warrantydesk.reports.service_life import Failed, Life, Sold, life_table, mean_by_month
from warrantydesk.reports.service_life import watched_months as watched


def last_whole_month(asked: Asked) -> date:
    """The last month that was over by the end of the chosen days."""
    return shifted(first_of_month(asked.range.last + timedelta(days=1)), -1)


def failures(asked: Asked) -> QuerySet[ClaimFigures]:
    """The claims that count as failures: confirmed, not withdrawn, and on or after the start of the cover."""
    return asked.claims().filter(counts=True, months_in_service__isnull=False)


def life_of_part(asked: Asked, part: int) -> list[Life]:
    alike = ("sold_in", "term_months", "paused_days")
    sold = asked.cohorts().filter(part=part).values_list(*alike).annotate(number=Sum("parts"))
    rows = failures(asked).filter(part=part).values_list("covered_part", *alike, "months_in_service", "claimed_in")
    failed = (
        Failed(key, Sold(sold_in, term, paused, 1), month, claimed)
        for key, sold_in, term, paused, month, claimed in rows.iterator(5000)
    )
    return life_table(starmap(Sold, sold), failed, last_whole_month(asked))


def life_of_product(asked: Asked, product: int) -> list[Life]:
    """Of the whole units sold: a case counts once, however many of its parts it is about."""
    alike = ("sold_in", "term_months")
    sold = asked.cohorts().filter(product=product, units__gt=0).values_list(*alike).annotate(number=Sum("units"))
    rows = failures(asked).filter(product=product).values_list("unit", "figures", *alike)
    rows = rows.annotate(month=Min("months_in_service"), claimed=Min("claimed_in"))
    failed = (
        Failed(unit, Sold(sold_in, term, 0, 1), month, claimed)
        for unit, _case, sold_in, term, month, claimed in rows.iterator(5000)
    )
    return life_table(
        (Sold(sold_in, term, 0, number) for sold_in, term, number in sold), failed, last_whole_month(asked)
    )


def curves_of_products(asked: Asked, products: list[int]) -> dict[int, list[float]]:
    """The mean cumulative function of each product by months of service, without its band: counted by the database,
    so that it costs the same however many claims there are."""
    until, alike = last_whole_month(asked), ("product", "sold_in", "term_months")
    sold: dict[int, list[Sold]] = defaultdict(list)
    rows = asked.cohorts().filter(product__in=products, units__gt=0).values_list(*alike)
    for product, month, term, number in rows.annotate(number=Sum("units")):
        sold[product].append(Sold(month, term, 0, number))
    claims: dict[int, Counter[int]] = defaultdict(Counter)
    failed = (
        failures(asked).filter(product__in=products, claimed_in__lte=until).values_list(*alike, "months_in_service")
    )
    for product, month, term, age, number in failed.annotate(number=Count("figures", distinct=True)):
        if age <= watched(Sold(month, term, 0, 1), until):
            claims[product][age] += number
    return {product: mean_by_month(sold[product], claims[product], until) for product in products}


def sold_by_month(asked: Asked, field: str) -> dict[Any, dict[date, int]]:
    """Parts sold by `field` and month of sale, those of the months to come left out."""
    found: dict[Any, dict[date, int]] = defaultdict(dict)
    rows = asked.cohorts().filter(sold_in__lte=last_whole_month(asked))
    for key, month, number in rows.values_list(field, "sold_in").annotate(number=Sum("parts")):
        found[key][month] = number
    return found


def failed_by_month(asked: Asked) -> dict[int, dict[tuple[date, date], int]]:
    """Claims by part, and by month of sale and of the claim."""
    found: dict[int, dict[tuple[date, date], int]] = defaultdict(dict)
    rows = failures(asked).filter(claimed_in__lte=last_whole_month(asked))
    for part, sold, claimed, number in rows.values_list("part", "sold_in", "claimed_in").annotate(number=Count("pk")):
        found[part][sold, claimed] = number
    return found


def watched_months(sold: dict[date, int], failed: dict[tuple[date, date], int], until: date) -> Iterator[Watched]:
    """Every month of the calendar that each month's sales were watched in, with the claims of that month."""
    first_recent = shifted(until, 1 - RECENT_MONTHS)
    for month, parts in sold.items():
        for age in range(months_between(month, until) + 1):
            claimed = shifted(month, age)
            yield age, claimed >= first_recent, parts, failed.get((month, claimed), 0)
