"""Exposure: how much warranty is still out there, and what it will bring."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import formats
from django.utils.translation import gettext as _

from cases.models import Case
from warrantydesk.faces.formats import day
from warrantydesk.reports import charts, curves
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ages import first_of_month, months_between, shifted
from warrantydesk.reports.figures.counted import counted
from warrantydesk.reports.figures.drilling import cases_of, read_day
from warrantydesk.reports.figures.lives import failed, failures, last_whole_month
from warrantydesk.reports.figures.names import month_name, product_names
from warrantydesk.reports.figures.pareto import cases_of_part
from warrantydesk.reports.figures.prices import CENT, mean_prices
from warrantydesk.reports.forecast import expected_claims
from warrantydesk.reports.service_life import Sold, watched_months
from warrantydesk.reports.tables import COUNT, MONEY, MONTH, NUMBER, Column, Money, Row, Table

AHEAD = 12
MOST_BARS = 12
Ahead = dict[int, Counter[tuple[date, date]]]  # part → (month of sale, month of its end) → parts


def tables(asked: Asked) -> list[Table]:
    names, rates = product_names(), claim_rates(asked)
    ahead = still_covered(asked)
    expected = {part: _expected(asked, rates.get(part, {}), ending) for part, ending in ahead.items()}
    return [
        by_month(asked, ahead, expected),
        by_part(asked, names, ahead, expected),
        cost(asked, expected),
        pauses(asked, names),
    ]


def months_ahead(asked: Asked) -> list[date]:
    first = first_of_month(asked.today)
    return [shifted(first, number) for number in range(AHEAD + 1)]


def still_covered(asked: Asked) -> Ahead:
    """The parts not voided whose cover reaches into this month or beyond; one that is away has no end, as it stands."""
    first, last = months_ahead(asked)[0], months_ahead(asked)[-1]
    reaching = Q(covered_in__gte=first) | Q(covered_in=None)
    rows = asked.sold().filter(reaching, voided=False).values_list("part", "sold_in", "covered_in")
    found: Ahead = defaultdict(Counter)
    for part, sold, ends, number in rows.annotate(number=Sum("parts")):
        if number:
            found[part][sold, min(ends or last, last)] += number
    return found


def claim_rates(asked: Asked) -> dict[int, dict[int, float]]:
    """Part → month of service → claims a watched part, from all that was watched so far."""
    until = last_whole_month(asked)
    watched: dict[int, Counter[int]] = defaultdict(Counter)
    rows = asked.sold().filter(sold_in__lte=until).values_list("part", "sold_in", "term_months")
    for part, sold, term, number in rows.annotate(number=Sum("parts")):
        for month in range(1, watched_months(Sold(sold, term, 0, number), until) + 1):
            watched[part][month] += number
    claims = failed(asked, "part", "months_in_service")
    return {
        part: {month: claims.get((part, month), 0) / number for month, number in months.items()}
        for part, months in watched.items()
    }


def _expected(asked: Asked, rates: Mapping[int, float], ending: Counter[tuple[date, date]]) -> list[float]:
    """The claims to expect in each month ahead of the parts of one kind."""
    found = []
    for month in months_ahead(asked):
        ages: Counter[int] = Counter()
        for (sold, ends), number in ending.items():
            if sold <= month <= ends:
                ages[max(months_between(sold, month), 1)] += number
        found.append(expected_claims(ages, rates))
    return found


def by_month(asked: Asked, ahead: Ahead, expected: Mapping[int, list[float]]) -> Table:
    rows = []
    for place, month in enumerate(months_ahead(asked)):
        parts = sum(
            number for ending in ahead.values() for (sold, ends), number in ending.items() if sold <= month <= ends
        )
        cells = (month, parts, sum(one[place] for one in expected.values()))
        rows.append(Row(cells, f"{month:%Y-%m-%d}"))
    dots = [curves.Dot(month_name(row.cells[0]), row.cells[1]) for row in rows]
    return Table(
        code="months",
        about_now=True,
        title=_("Parts under warranty in the months ahead"),
        columns=(
            Column(_("Month"), MONTH),
            Column(_("Parts under warranty"), COUNT),
            Column(_("Claims to expect"), NUMBER),
        ),
        rows=rows if ahead else [],
        chart=curves.curves([(_("Parts under warranty"), dots)]) if ahead else None,
        meaning=_(
            "Of what is sold today, the parts whose cover reaches into each month, voided ones left out. A part that "
            "is away has no last day yet and stays in. Claims to expect come from the rate at which parts of each kind "
            "were claimed in the same month of their service so far; what will be sold is not in it. About today, "
            "whatever days are chosen."
        ),
        formula=_(
            "claims(month) = Σ over parts of (parts of that kind and age under warranty in the month × claims / "
            "watched of that kind at that age); an age nobody reached yet has the rate of the last age before it; a "
            "row leads to the claims so far of the kinds of parts under warranty in that month"
        ),
        empty=_("Nothing is under warranty."),
        cases=lambda key: _cases_alike(asked, ahead, key),
        wide=True,
    )


def _cases_alike(asked: Asked, ahead: Ahead, key: str) -> QuerySet[Case] | None:
    """The claims that the expectation of a month rests on."""
    month = read_day(key)
    if month is None:
        return None
    kinds = [part for part, ending in ahead.items() if any(sold <= month <= ends for sold, ends in ending)]
    rows = failures(asked).filter(part__in=kinds, claimed_in__lte=last_whole_month(asked))
    return cases_of(rows, "figures")


def by_part(asked: Asked, names: dict[Any, str], ahead: Ahead, expected: Mapping[int, list[float]]) -> Table:
    this = months_ahead(asked)[0]
    found = []
    for part, ending in ahead.items():
        now = sum(number for (sold, _ends), number in ending.items() if sold <= this)
        found.append((names[part], now, sum(expected[part][:AHEAD]), part))
    found.sort(key=lambda one: (-one[2], one[0]))
    return Table(
        code="parts",
        about_now=True,
        title=_("Where the claims will come from"),
        columns=(
            Column(_("Part")), Column(_("Under warranty this month"), COUNT), Column(_("Claims in 12 months"), NUMBER),
        ),
        rows=[Row((name, now, claims), str(part)) for name, now, claims, part in found],
        total=Row((_("All"), sum(one[1] for one in found), sum(one[2] for one in found))),
        chart=charts.rows([(one[0], round(one[2], 1)) for one in found[:MOST_BARS]]) if found else None,
        meaning=_("The same expectation by part, over this month and the eleven after it, the most claims first."),
        formula=_("Σ over 12 months of the claims to expect of the part; a row leads to the claims it rests on"),
        cases=lambda key: cases_of_part(asked, key),
        empty=_("Nothing is under warranty."),
    )  # fmt: skip


def cost(asked: Asked, expected: Mapping[int, list[float]]) -> Table:
    """What the parts to be given for free are worth, in each currency by itself."""
    prices = mean_prices(asked.today)
    share = free_share(asked)
    worth: dict[str, Decimal] = defaultdict(Decimal)
    without = 0.0
    for part, months in expected.items():
        claims = sum(months[:AHEAD]) * share
        for currency, price in prices.get(part, {}).items():
            worth[currency] += price * Decimal(str(round(claims, 6)))
        without += claims if part not in prices else 0.0
    rows = [Row((code, Money(amount.quantize(CENT), code)), code) for code, amount in sorted(worth.items()) if amount]
    return Table(
        code="cost",
        about_now=True,
        title=_("Worth of the parts to be given for free"),
        columns=(Column(_("Currency")), Column(_("In 12 months, if all were sold in it"), MONEY)),
        rows=rows,
        chart=charts.rows([(row.cells[0], float(row.cells[1].amount)) for row in rows]) if rows else None,
        note=_("%(n)s of the parts to be given have no price of their own and are not in it.")
        % {"n": formats.number_format(without, decimal_pos=1, force_grouping=True)},
        meaning=_(
            "The claims to expect in twelve months, times the share of decided claims that were replaced so far, times "
            "the mean price of the part. Each line says the same parts in another currency: they are never added."
        ),
        formula=_(
            "Σ over parts of (claims in 12 months × replaced / decided claims × mean price at which the part was sold "
            "singly in the last 365 days in that currency); the bars are each in its own currency"
        ),
        empty=_("No part with a price of its own is to be expected."),
        cases=lambda key: _cases_replaced(asked) if worth.get(key) else None,
    )


def _cases_replaced(asked: Asked) -> QuerySet[Case]:
    """The replacements that the share of what is given for free rests on."""
    return cases_of(failures(asked).filter(resolution="replacement"), "figures")


def free_share(asked: Asked) -> float:
    found = counted(asked, "failures", None, "other", "flag")
    decided = sum(number for (_resolution, is_decided), number in found.items() if is_decided)
    free = sum(number for (resolution, _decided), number in found.items() if resolution == "replacement")
    return free / decided if decided else 0.0


def pauses(asked: Asked, names: dict[Any, str]) -> Table:
    away = asked.sold().values_list("product").annotate(n=Sum("paused_parts"), d=Sum("paused_days"))
    found = sorted(
        ((names[product], parts, int(days)) for product, parts, days in away if parts),
        key=lambda one: (-one[2], one[0]),
    )
    return Table(
        code="pauses",
        about_now=True,
        title=_("What pauses added"),
        columns=(
            Column(_("Product")), Column(_("Parts that were paused"), COUNT), Column(_("Days added"), COUNT),
            Column(_("Days a part"), NUMBER),
        ),
        rows=[Row((name, parts, days, days / parts)) for name, parts, days in found],
        total=Row((_("All"), sum(one[1] for one in found), sum(one[2] for one in found), None)),
        chart=charts.rows([(name, days) for name, _parts, days in found[:MOST_BARS]]) if found else None,
        meaning=_(
            "The days of cover that were won because a part was away for repair, by the product it belongs to, as of "
            "%(day)s. Each part counts by itself; parts that are away now are in once they are back."
        )
        % {"day": day(asked.today)},
        formula=_("Σ over parts of (covered through − covered through without pauses)"),
        empty=_("No clock was ever paused."),
    )  # fmt: skip
