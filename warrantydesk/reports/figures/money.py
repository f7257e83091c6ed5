"""Money: what was quoted and answered, and what was given for free. Currencies are never added to each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from cases.models import Quote
from warrantydesk.reports import charts
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ages import first_of_month, shifted
from warrantydesk.reports.figures.counted import counted
from warrantydesk.reports.figures.decisions import COVERED, decided
from warrantydesk.reports.figures.drilling import cases_of, read_day
from warrantydesk.reports.figures.names import month_name, product_names
from warrantydesk.reports.figures.prices import CENT, mean_prices
from warrantydesk.reports.figures.written import fetched
from warrantydesk.reports.models import QuoteFigures
from warrantydesk.reports.tables import COUNT, MONEY, MONTH, PERCENT, TEXT, Column, Money, Row, Table

ZERO = Decimal(0)


MEANING_OF = {"accepted": Quote.Answer.ACCEPTED, "declined": Quote.Answer.DECLINED, "open": Quote.Answer.NONE}


@dataclass
class Amounts:
    """So many quotes and what they come to in one currency, by the answer they got."""

    number: Counter[str] = field(default_factory=Counter)
    total: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, answer: str, number: int, total: Decimal) -> None:
        self.number[answer] += number
        self.total[answer] += total


# Month of sending, product, currency, answer, number, total: all that the three tables of quotes say.
Quoted = Sequence[tuple[date, int | None, str, str, int, Decimal]]


def tables(asked: Asked) -> list[Table]:
    quoted = quoted_by_kind(asked)
    return [quotes(asked, quoted), by_month(asked, quoted), by_product(asked, quoted), given(asked)]


def sent(asked: Asked) -> QuerySet[QuoteFigures]:
    """The quotes sent on the chosen days that no later one took the place of, each with its total."""
    return asked.quotes().filter(sent_on__range=(asked.range.first, asked.range.last))


def quoted_by_kind(asked: Asked) -> Quoted:
    return fetched(asked, _quoted)


def _quoted(asked: Asked) -> QuerySet[Any]:
    by = ("month", "product", "currency", "answer")
    rows: Any = sent(asked).annotate(month=TruncMonth("sent_on")).values_list(*by)
    return rows.annotate(number=Count("pk"), amount=Sum("total"))


def _together(quoted: Quoted, place: int) -> dict[tuple[Any, str], Amounts]:
    """What stands at this place of a row, with its currency → the amounts."""
    found: dict[tuple[Any, str], Amounts] = defaultdict(Amounts)
    for row in quoted:
        found[row[place], row[2]].add(*row[3:])
    return found


def quotes(asked: Asked, quoted: Quoted) -> Table:
    found = {currency: amounts for (_currency, currency), amounts in _together(quoted, 2).items()}
    rows = [row for currency in sorted(found) for row in _quote_rows(currency, found[currency])]
    drawn = [(f"{row.cells[1]} {row.cells[0]}", row.cells[2]) for row in rows if row.cells[2]]
    return Table(
        code="quotes",
        title=_("Quotes and their answers"),
        columns=(
            Column(_("Answer")), Column(_("Currency"), TEXT), Column(_("Quotes"), COUNT), Column(_("Amount"), MONEY),
            Column(_("Of the quotes"), PERCENT),
        ),
        rows=rows,
        chart=charts.rows(drawn) if rows else None,
        meaning=_(
            "Quotes for repair and shipping that were sent on these days and that no later quote replaced, by what the "
            "customer answered. Each currency stands by itself: amounts of different currencies are never added."
        ),
        formula=_("amount = Σ of the lines of these quotes; share = quotes with this answer / quotes in this currency"),
        empty=_("No quote was sent on these days."),
        cases=lambda key: _cases_quoted(asked, key),
    )  # fmt: skip


def _quote_rows(currency: str, found: Amounts) -> list[Row]:
    names = {"accepted": _("accepted"), "declined": _("declined"), "open": _("no answer yet")}
    whole, rows = found.number.total(), []
    for key, answer in MEANING_OF.items():
        number = found.number[answer]
        cells = (names[key], currency, number, Money(found.total[answer], currency), number / whole)
        rows.append(Row(cells, f"{currency}-{key}"))
    return rows


def _cases_quoted(asked: Asked, key: str) -> Any:
    currency, _dash, answer = key.partition("-")
    if answer not in MEANING_OF:
        return None
    return cases_of(sent(asked).filter(currency=currency, answer=MEANING_OF[answer]), "figures")


def _amount_row(key: str, first: Any, currency: str, found: Amounts) -> Row:
    amounts = (sum(found.total.values(), ZERO), found.total[Quote.Answer.ACCEPTED], found.total[Quote.Answer.DECLINED])
    return Row((first, currency, found.number.total(), *(Money(amount, currency) for amount in amounts)), key)


def _amount_columns(first: Column) -> tuple[Column, ...]:
    return (
        first, Column(_("Currency"), TEXT), Column(_("Quotes"), COUNT), Column(_("Quoted"), MONEY),
        Column(_("Accepted"), MONEY), Column(_("Declined"), MONEY),
    )  # fmt: skip


def by_month(asked: Asked, quoted: Quoted) -> Table:
    found = _together(quoted, 0)
    rows = [
        _amount_row(f"{currency}-{month:%Y-%m-%d}", month, currency, found[month, currency])
        for month, currency in sorted(found)
    ]
    drawn = [(f"{month_name(row.cells[0])} {row.cells[1]}", row.cells[2]) for row in rows]
    return Table(
        code="months",
        title=_("Quotes by month"),
        columns=_amount_columns(Column(_("Sent in"), MONTH)),
        rows=rows,
        chart=charts.columns(drawn) if rows else None,
        meaning=_(
            "The same quotes by the month in which they were sent, each currency by itself. The bars count quotes."
        ),
        formula=_("quoted = accepted + declined + not answered yet"),
        empty=_("No quote was sent on these days."),
        cases=lambda key: _cases_of_month(asked, key),
    )


def _cases_of_month(asked: Asked, key: str) -> Any:
    currency, _dash, written = key.partition("-")
    month = read_day(written)
    if month is None:
        return None
    days = {"sent_on__gte": month, "sent_on__lt": shifted(first_of_month(month), 1)}
    return cases_of(sent(asked).filter(currency=currency, **days), "figures")


def by_product(asked: Asked, quoted: Quoted) -> Table:
    names, found = product_names(), _together(quoted, 1)
    rows = [
        _amount_row(f"{currency}-{product or 'none'}", names[product], currency, found[product, currency])
        for product, currency in sorted(found, key=lambda of: (names[of[0]], of[1]))
    ]
    return Table(
        code="products",
        title=_("Quotes by product"),
        columns=_amount_columns(Column(_("Product"))),
        rows=rows,
        chart=charts.rows([(f"{row.cells[1]} {row.cells[0]}", row.cells[2]) for row in rows[:12]]) if rows else None,
        meaning=_("The same quotes by the product the case is about, each currency by itself. The bars count quotes."),
        formula=_("quoted = accepted + declined + not answered yet"),
        empty=_("No quote was sent on these days."),
        cases=lambda key: _cases_of_product(asked, key),
    )


def _cases_of_product(asked: Asked, key: str) -> Any:
    currency, _dash, product = key.partition("-")
    if product != "none" and not product.isdigit():
        return None
    known = None if product == "none" else int(product)
    return cases_of(sent(asked).filter(currency=currency, product=known), "figures")


def given(asked: Asked) -> Table:
    """Parts replaced for free, by part; what was covered as goodwill beside them."""
    names, prices = product_names(), mean_prices(asked.range.last)
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    by = ("part", "word", "other", "flag")
    for (part, word, resolution, goodwill), number in counted(asked, "verdicts", asked.range, *by).items():
        if word == COVERED:
            sums[part][0] += number if resolution == "replacement" else 0
            sums[part][1] += number if goodwill else 0
    found = sorted(
        ((names[part], part, number, kind) for part, (number, kind) in sums.items() if number or kind),
        key=lambda one: (-one[2], -one[3], one[0]),
    )
    rows = [
        Row((name, number, kind, _worth(prices.get(part, {}), number)), str(part)) for name, part, number, kind in found
    ]
    return Table(
        code="given",
        title=_("Parts given for free, and goodwill"),
        columns=(
            Column(_("Part")), Column(_("Replaced for free"), COUNT), Column(_("Of all covered: goodwill"), COUNT),
            Column(_("Worth, in each currency it is sold in"), TEXT),
        ),
        rows=rows,
        total=Row((_("All"), sum(one[2] for one in found), sum(one[3] for one in found), "")),
        chart=charts.rows([(name, number) for name, _part, number, _kind in found[:12]]) if found else None,
        meaning=_(
            "Parts covered on these days whose resolution is a replacement, and how many parts were covered against "
            "the proposal of the rules, as goodwill. The worth says the same parts in every currency the part is sold "
            "in by itself: one or the other, never the sum."
        ),
        formula=_("worth = parts replaced × mean price at which the part was sold singly in the 365 days before"),
        empty=_("Nothing was replaced for free, and nothing was goodwill, on these days."),
        cases=lambda key: _cases_given(asked, key),
        wide=True,
    )  # fmt: skip


def _worth(prices: dict[str, Decimal], number: int) -> str:
    return (
        " / ".join(f"{(price * number).quantize(CENT)} {currency}" for currency, price in sorted(prices.items())) or "–"
    )


def _cases_given(asked: Asked, key: str) -> Any:
    if not key.isdigit():
        return None
    kind = Q(resolution="replacement") | Q(goodwill=True)
    return cases_of(decided(asked).filter(kind, part=int(key), verdict=COVERED), "figures")
