"""Reliability: which part fails at which age, by month of sale, and whether it gets worse."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.utils import formats
from django.utils.translation import gettext as _

from cases.models import Case
from warrantydesk.reports import charts, curves, fields
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ages import shifted
from warrantydesk.reports.early_warning import RECENT_MONTHS, named, trend
from warrantydesk.reports.figures.drilling import cases_of, read_day
from warrantydesk.reports.figures.lives import (
    failed_by_month,
    failures,
    last_whole_month,
    life_of_part,
    life_of_product,
    lives_of_products,
    sold_by_month,
    units_sold,
    watched_months,
)
from warrantydesk.reports.figures.names import month_name, product_names
from warrantydesk.reports.figures.pareto import pareto, reasons
from warrantydesk.reports.service_life import Life
from warrantydesk.reports.tables import COUNT, FEW, MONTH, NUMBER, PERCENT, TEXT, Column, Row, Table

MOST_CURVES, MOST_BARS, MOST_MONTHS = 4, 12, 18


def tables(asked: Asked) -> list[Table]:
    names = product_names()
    sold, failed = sold_by_month(asked, "part"), failed_by_month(asked)
    return [
        warnings(asked, names, sold, failed),
        *lives(asked, names),
        pareto(asked, names, sold, failed),
        cohorts(asked, sold, failed),
        reasons(asked),
    ]


def percent(value: float) -> str:
    return formats.number_format(100 * value, decimal_pos=1)


def lives(asked: Asked, names: dict[Any, str]) -> list[Table]:
    """Claims by months in service: of the part chosen, else of the product chosen, else of the products most sold."""
    if asked.part:
        return [_life(asked, names[asked.part], life_of_part(asked, asked.part), of_parts=True)]
    if asked.product:
        return [_life(asked, names[asked.product], life_of_product(asked, asked.product), of_parts=False)]
    return [_compared(asked, names)]


def _life(asked: Asked, name: str, life: list[Life], *, of_parts: bool) -> Table:
    rows = [
        Row((one.month, one.at_risk, one.claims, one.per_hundred, 100 * one.mcf, 100 * one.low, 100 * one.high),
            f"{one.month}" if one.claims else "", small=0 < one.claims < FEW)
        for one in life
    ]  # fmt: skip
    dots = [curves.Dot("0", 0.0, 0.0, 0.0)]
    dots += [curves.Dot(str(one.month), 100 * one.mcf, 100 * one.low, 100 * one.high) for one in life]
    return Table(
        code="life",
        title=_("Claims by months in service: %(what)s") % {"what": name},
        columns=(
            Column(_("Month in service"), COUNT),
            Column(_("Parts watched") if of_parts else _("Units watched"), COUNT),
            Column(_("Claims"), COUNT),
            Column(_("Claims per 100 in this month"), NUMBER),
            Column(_("Claims per 100 by its end"), NUMBER),
            Column(_("At least"), NUMBER),
            Column(_("At most"), NUMBER),
        ),
        rows=rows,
        chart=curves.curves([(_("Claims per 100"), dots)]) if any(one.claims for one in life) else None,
        meaning=_life_meaning(of_parts=of_parts),
        formula=_life_formula(),
        empty=_("Nothing of this was sold, or nothing has been out for a whole month yet."),
        cases=lambda key: _cases_of_life(asked, key),
        wide=True,
    )


def _life_meaning(*, of_parts: bool) -> str:
    what = (
        _("Each part is watched by itself; a replacement takes the place of the part it replaces.")
        if of_parts
        else _("The unit is the product as sold; a case counts once, however many of its parts it is about.")
    )
    return (
        what
        + " "
        + _(
            "Watched is what lived through that month of its service by the end of the last whole month; from the end "
            "of its term on nothing is watched. Days away for repair are no days of service. The curve is the mean "
            "number of claims of one unit by that age, times 100, with its 95 % band: the band is wide where few were "
            "watched."
        )
    )


def _life_formula() -> str:
    return _(
        "month in service = changes of month from the month of sale to the claim, days away taken out, at least 1; "
        "mean cumulative function (Nelson): M(t) = Σ over months s ≤ t of claims(s) / watched(s); band = M ± 1.96 · "
        "standard error, robust after Lawless and Nadeau (1995); censored at the last whole month. Claims that were "
        "only guessed, were withdrawn, or came before the start of the cover are not counted."
    )


def _cases_of_life(asked: Asked, key: str) -> QuerySet[Case] | None:
    if not key.isdigit():
        return None
    until = last_whole_month(asked)
    rows = failures(asked).filter(months_in_service=int(key), claimed_in__lte=until)
    if asked.product and not asked.part:
        rows = rows.filter(product=asked.product)
    return cases_of(rows, "figures")


def _compared(asked: Asked, names: dict[Any, str]) -> Table:
    """The curves of the products most sold, in one chart with their bands."""
    sold, until = units_sold(asked), last_whole_month(asked)
    units = {key: sum(one.parts for one in alike if one.sold_in <= until) for key, alike in sold.items()}
    chosen = sorted((key for key, number in units.items() if number), key=lambda key: (-units[key], key))[:MOST_CURVES]
    lives_of = lives_of_products(asked, sold, chosen)
    longest = max((len(life) for life in lives_of), default=0)
    rows = [_compared_row(month, lives_of) for month in range(1, longest + 1)]
    start = curves.Dot("0", 0.0, 0.0, 0.0)
    series = [(names[product], [start, *_dots(life)]) for product, life in zip(chosen, lives_of, strict=True)]
    return Table(
        code="life",
        title=_("Claims per 100 units by months in service"),
        columns=(
            Column(_("Month in service"), COUNT),
            *(
                Column(heading, NUMBER)
                for product in chosen
                for heading in (names[product], _("at least"), _("at most"))
            ),
        ),
        rows=rows,
        chart=curves.curves(series) if rows else None,
        meaning=_life_meaning(of_parts=False)
        + " "
        + _("Choose a product or a part above for its own table, with what was watched."),
        formula=_life_formula(),
        empty=_("Nothing was sold, or nothing has been out for a whole month yet."),
        wide=True,
    )


def _dots(life: list[Life]) -> list[curves.Dot]:
    return [curves.Dot(str(one.month), 100 * one.mcf, 100 * one.low, 100 * one.high) for one in life]


def _compared_row(month: int, lives_of: list[list[Life]]) -> Row:
    known = [life[month - 1] if month <= len(life) else None for life in lives_of]
    cells = ((100 * one.mcf, 100 * one.low, 100 * one.high) if one else (None, None, None) for one in known)
    return Row((month, *chain.from_iterable(cells)))


def warnings(asked: Asked, names: dict[Any, str], sold: Any, failed: Any) -> Table:
    """Parts whose recent claims are more than their own earlier months and chance explain."""
    until = last_whole_month(asked)
    trends = {part: trend(watched_months(months, failed.get(part, {}), until)) for part, months in sold.items()}
    looked_at = {part: one for part, one in trends.items() if one.earlier + one.recent}
    warned = named({part: one.probability for part, one in looked_at.items()})
    found = sorted((part for part in warned), key=lambda part: (looked_at[part].probability, names[part]))
    rows = [
        Row(
            (names[part], one.recent, one.expected, one.times, one.probability, _caution(one.few)),
            str(part),
            small=one.few,
        )
        for part in found
        if (one := looked_at[part])
    ]
    drawn = [(row.cells[0], round(row.cells[3], 1)) for row in rows if row.cells[3] is not None]
    return Table(
        code="warnings",
        title=_("Early warning"),
        columns=(
            Column(_("Part")),
            Column(_("Claims in the last %(n)s months") % {"n": RECENT_MONTHS}, COUNT),
            Column(_("Expected"), NUMBER),
            Column(_("Times as many"), NUMBER),
            Column(_("By chance alone"), PERCENT),
            Column(_("Caution"), TEXT),
        ),
        rows=rows,
        chart=charts.rows(drawn[:MOST_BARS]) if drawn else None,
        meaning=_(
            "Parts that were claimed more often in the last whole months than their own earlier months let expect, "
            "each month of age for itself, so that a fleet which only grew older raises no alarm. Many parts are "
            "looked at, so about one in ten of those named may be here by chance. Few claims are a hint, not a "
            "finding."
        ),
        formula=_(
            "p = P(X ≥ recent), X binomial with n = recent + earlier claims and the share of the watched months, "
            "weighted by the pooled rate of each age, that lies in the last 3 whole months (exact comparison of two "
            "Poisson rates); named = Benjamini–Hochberg at 10 % over all parts with any claim. Months are those of the "
            "calendar since the sale."
        ),
        note=_("%(n)s parts were compared.") % {"n": len(looked_at)},
        empty=_("No part fails more often lately than it used to, beyond what chance explains."),
        cases=lambda key: _recent_cases(asked, key),
        wide=True,
    )


def _caution(few: bool) -> str:
    return _("few claims: a hint") if few else ""


def _recent_cases(asked: Asked, key: str) -> QuerySet[Case] | None:
    if not key.isdigit():
        return None
    until = last_whole_month(asked)
    recent = failures(asked).filter(part=int(key), claimed_in__range=(shifted(until, 1 - RECENT_MONTHS), until))
    return cases_of(recent, "figures")


def cohorts(asked: Asked, sold: Any, failed: Any) -> Table:
    """Claims per 100 parts by month of sale and age: a bad batch is a dark line."""
    until = last_whole_month(asked)
    parts, claims = _together(sold, failed)
    months = sorted((month for month in parts if month <= until), reverse=True)[:MOST_MONTHS]
    ages = range(min(max((_age(month, until) for month in months), default=-1), 12) + 1)
    lines = [(month, [_rate(month, age, parts, claims, until) for age in ages]) for month in months]
    rows = [Row((month, parts[month], *values), f"{month:%Y-%m-%d}") for month, values in lines]
    drawn = [(month_name(month), values) for month, values in lines]
    return Table(
        code="cohorts",
        title=_("Claims per 100 parts by month of sale and age"),
        columns=(
            Column(_("Sold in"), MONTH),
            Column(_("Parts"), COUNT),
            *(Column(_("month %(n)s") % {"n": age}, NUMBER) for age in ages),
        ),
        rows=rows,
        chart=fields.heat([str(age) for age in ages], drawn, lambda value: f"{value:.1f}") if rows else None,
        meaning=_(
            "Each line is what was sold in one month, each column the month of the calendar since then; 0 is the month "
            "of the sale itself. A dark line is a bad batch, a dark column an age at which things break. Months that "
            "are not over yet are empty."
        ),
        formula=_("100 · claims of that month / parts sold in the month of sale"),
        empty=_("Nothing was sold yet."),
        cases=lambda key: _cases_of_batch(asked, key),
        wide=True,
    )


def _together(sold: Any, failed: Any) -> tuple[Counter[date], Counter[tuple[date, date]]]:
    parts: Counter[date] = Counter()
    claims: Counter[tuple[date, date]] = Counter()
    for months in sold.values():
        parts.update(months)
    for numbers in failed.values():
        claims.update(numbers)
    return parts, claims


def _age(month: date, until: date) -> int:
    return (until.year - month.year) * 12 + until.month - month.month


def _rate(month: date, age: int, parts: Counter[date], claims: Counter[Any], until: date) -> float | None:
    claimed = shifted(month, age)
    return 100 * claims[month, claimed] / parts[month] if claimed <= until else None


def _cases_of_batch(asked: Asked, key: str) -> QuerySet[Case] | None:
    month = read_day(key)
    if month is None:
        return None
    rows = failures(asked).filter(sold_in=month, claimed_in__lte=last_whole_month(asked))
    return cases_of(rows, "figures")
