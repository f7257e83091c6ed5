"""The counted rows as the pure modules want them: what was sold, and what of it failed, for a part or a product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import starmap
from typing import Any

from django.db.models import Count, QuerySet, Sum

from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ages import first_of_month, months_between, shifted
from warrantydesk.reports.counting.ledgers import read_history
from warrantydesk.reports.early_warning import RECENT_MONTHS, Watched
from warrantydesk.reports.models import ClaimFigures
from warrantydesk.reports.service_life import Failed, Life, Sold, life_table
from warrantydesk.reports.tallies import CountryFailureTally, CountryHistoryTally, FailureTally, HistoryTally

ALIKE = ("sold_in", "term_months", "paused_days", "history")


def last_whole_month(asked: Asked) -> date:
    """The last month that was over by the end of the chosen days."""
    return shifted(first_of_month(asked.range.last + timedelta(days=1)), -1)


def failures(asked: Asked) -> QuerySet[ClaimFigures]:
    """The claims that count as failures: confirmed, not withdrawn, and on or after the start of the cover."""
    return asked.claims().filter(counts=True, months_in_service__isnull=False)


def failed(asked: Asked, *by: str, units: bool = False) -> dict[Any, int]:
    """Claims that count as failures, up to the last whole month, by keys of `FailureTally`. Of `units`, a case counts
    once however many of its parts it is about."""
    until = last_whole_month(asked)
    rows: Any
    if asked.reviewer:
        number = Count("figures", distinct=True) if units else Count("pk")
        rows = failures(asked).filter(claimed_in__lte=until).values_list(*by).annotate(n=number)
    else:
        wanted = {"product": asked.product, "part": asked.part, "sold_in": asked.batch}
        told = _ledger(asked, FailureTally, CountryFailureTally, wanted)
        told = told.filter(claimed_in__lte=until, part__isnull=units)
        rows = told.values_list(*by).annotate(n=Sum("number"))
    return {(row[0] if len(by) == 1 else tuple(row[:-1])): row[-1] for row in rows if row[-1]}


def _ledger(asked: Asked, everywhere: Any, of_country: Any, wanted: dict[str, Any]) -> QuerySet[Any]:
    """The rows of one ledger, or of its like by country where a country is chosen, that are `wanted`."""
    rows = of_country.objects.filter(country=asked.country) if asked.country else everywhere.objects.all()
    return rows.filter(**{name: value for name, value in wanted.items() if value}).order_by()


def life_of_part(asked: Asked, part: int) -> list[Life]:
    alike = ("sold_in", "term_months", "paused_days")
    sold = asked.cohorts().filter(part=part).values_list(*alike).annotate(number=Sum("parts"))
    # Whatever product they belong to: parts of all products that are alike are one row.
    told = _histories(asked, part=part).values_list(*ALIKE).annotate(n=Sum("number")).exclude(n=0)
    return life_table(starmap(Sold, sold), starmap(_failed, told), last_whole_month(asked))


def life_of_product(asked: Asked, product: int) -> list[Life]:
    return lives_of_products(asked, units_sold(asked, product), [product])[0]


def lives_of_products(asked: Asked, sold: dict[int, list[Sold]], products: Sequence[int]) -> list[list[Life]]:
    """Of the whole units `sold`: a case counts once, however many of its parts it is about."""
    told: dict[int, list[Failed]] = defaultdict(list)
    rows = _histories(asked, product__in=products).filter(part=None).values_list("product", *ALIKE)
    for product, *of in rows.annotate(n=Sum("number")).exclude(n=0):
        told[product].append(_failed(*of))
    return [life_table(sold.get(one, []), told.get(one, []), last_whole_month(asked)) for one in products]


def units_sold(asked: Asked, product: int | None = None) -> dict[int, list[Sold]]:
    """Product → the units that were sold alike."""
    rows = asked.sold().filter(product=product) if product else asked.sold()
    found: dict[int, list[Sold]] = defaultdict(list)
    for key, sold_in, term, number in rows.values_list("product", "sold_in", "term_months").annotate(n=Sum("units")):
        if number:
            found[key].append(Sold(sold_in, term, 0, number))
    return found


def _histories(asked: Asked, **wanted: Any) -> QuerySet[Any]:
    """What happened to the parts that pass the filters; those without a part tell of whole units."""
    return _ledger(
        asked, HistoryTally, CountryHistoryTally, {"product": asked.product, "sold_in": asked.batch, **wanted}
    )


def _failed(sold_in: date, term: int, paused: int, history: str, number: int) -> Failed:
    return Failed(Sold(sold_in, term, paused, number), read_history(history))


def sold_by_month(asked: Asked, field: str) -> dict[Any, dict[date, int]]:
    """Parts sold by `field` and month of sale, those of the months to come left out."""
    found: dict[Any, dict[date, int]] = defaultdict(dict)
    rows = asked.sold().filter(sold_in__lte=last_whole_month(asked))
    for key, month, number in rows.values_list(field, "sold_in").annotate(number=Sum("parts")):
        if number:
            found[key][month] = number
    return found


def failed_by_month(asked: Asked) -> dict[int, dict[tuple[date, date], int]]:
    """Claims by part, and by month of sale and of the claim."""
    found: dict[int, dict[tuple[date, date], int]] = defaultdict(dict)
    for (part, sold, claimed), number in failed(asked, "part", "sold_in", "claimed_in").items():
        found[part][sold, claimed] = number
    return found


def watched_months(sold: dict[date, int], failed: dict[tuple[date, date], int], until: date) -> Iterator[Watched]:
    """Every month of the calendar that each month's sales were watched in, with the claims of that month."""
    first_recent = shifted(until, 1 - RECENT_MONTHS)
    for month, parts in sold.items():
        for age in range(months_between(month, until) + 1):
            claimed = shifted(month, age)
            yield age, claimed >= first_recent, parts, failed.get((month, claimed), 0)
