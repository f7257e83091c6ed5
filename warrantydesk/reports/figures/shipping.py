"""Repair and shipping: how long things are away, and where that time goes."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from cases.models import Case
from products.written_once import WrittenOnce
from shipments.models import EventKind, RepairShipment
from shipments.queries import long_ago, parcels_that_count, parcels_unheard_of_since, silent_parcels
from warrantydesk.reports import charts
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ages import first_of_month, shifted
from warrantydesk.reports.figures.counted import counted
from warrantydesk.reports.figures.drilling import cases_of, read_day
from warrantydesk.reports.figures.names import country_name, month_name, product_names
from warrantydesk.reports.figures.spans import ended_runs, spread_by_stage
from warrantydesk.reports.figures.written import fetched
from warrantydesk.reports.models import ParcelFigures, PauseFigures, StageRun
from warrantydesk.reports.quantiles import Spread, spread_of_days, spreads
from warrantydesk.reports.stages import REPAIR
from warrantydesk.reports.tables import COUNT, DAYS, FEW, MONTH, Column, Row, Table

ARROWS = {RepairShipment.Direction.TO_WORKSHOP: "←", RepairShipment.Direction.TO_CUSTOMER: "→"}


def tables(asked: Asked) -> list[Table]:
    return [away(asked), workshop(asked), transit(asked), astray(asked), granted(asked)]


def ended_pauses(asked: Asked) -> QuerySet[PauseFigures]:
    """The pauses that ended on the chosen days, of the parts that pass the filters."""
    return asked.pauses().filter(back_on__range=(asked.range.first, asked.range.last))


def away(asked: Asked) -> Table:
    """By product: a unit that was away once counts once, however many of its parts travelled."""
    names: dict[int | None, str] = product_names()
    lengths: dict[int, Counter[int]] = defaultdict(Counter)
    for (_day, product, days), number in counted(asked, "away", asked.range, "day", "product", "flag").items():
        lengths[product][days] += number
    found = sorted(
        ((names[key], key, days) for key, days in lengths.items()), key=lambda one: (-one[2].total(), one[0])
    )
    rows = [_days_row(name, spread_of_days(days), str(key)) for name, key, days in found]
    whole: Counter[int] = sum(lengths.values(), Counter())
    return Table(
        code="away",
        title=_("Days away from the customer"),
        columns=(
            Column(_("Product")), Column(_("Trips ended"), COUNT), Column(_("Median"), DAYS),
            Column(_("Nine in ten within"), DAYS), Column(_("Longest"), DAYS),
        ),
        rows=rows,
        total=_days_row(_("All"), spread_of_days(whole)) if whole else None,
        chart=charts.rows([(row.cells[0], row.cells[2]) for row in rows[:12]]) if rows else None,
        meaning=_(
            "How long a product was out of its customer's hands, for the trips that ended on these days: from the day "
            "it left to the day it came back, both counted, each in the calendar of the place of the scan. Trips still "
            "under way are not in it."
        ),
        formula=_("days = back − left + 1 of every pause whose last day lies in [from, to], once a unit and trip"),
        empty=_("Nothing came back on these days."),
        cases=lambda key: _cases_away(ended_pauses(asked).filter(product=int(key))) if key.isdigit() else None,
    )  # fmt: skip


def _cases_away(rows: QuerySet[PauseFigures]) -> QuerySet[Case]:
    """The cases whose parcels carried these parts; a pause confirmed by hand has the cases about its part."""
    return Case.objects.filter(claimed_parts__part__in=rows.values("covered_part")).distinct()


def _days_row(name: Any, spread: Spread, key: str = "") -> Row:
    cells = (name, spread.number, spread.median, spread.ninth, spread.longest)
    return Row(cells, key, small=spread.number < FEW)


def workshop(asked: Asked) -> Table:
    runs = ended_runs(asked, asked.range).filter(stage=REPAIR)
    names = product_names()
    found = spreads(runs, "seconds", ("product",))
    ordered = sorted(
        ((names[key], key, one.in_days) for (key,), one in found.items()), key=lambda one: (-one[2].number, one[0])
    )
    whole = spread_by_stage(asked, [asked.range], (REPAIR,))[0][REPAIR].in_days
    rows = [
        Row((name, one.number, one.median, one.ninth), str(key or "none"), small=one.number < FEW)
        for name, key, one in ordered
    ]
    return Table(
        code="workshop",
        title=_("Days in the workshop and back"),
        columns=(
            Column(_("Product")), Column(_("Repairs ended"), COUNT), Column(_("Median"), DAYS),
            Column(_("Nine in ten within"), DAYS),
        ),
        rows=rows,
        total=Row((_("All"), whole.number, whole.median, whole.ninth)),
        chart=charts.rows([(row.cells[0], round(row.cells[2], 1)) for row in rows[:12]]) if rows else None,
        meaning=_("From the start of the repair, when the parcel is in the workshop, until the product is back."),
        formula=_("days = (returned − repair started) / 24 h of every repair that ended on these days"),
        empty=_("No repair ended on these days."),
        cases=lambda key: _cases_repaired(runs, key),
    )  # fmt: skip


def _cases_repaired(runs: QuerySet[StageRun], key: str) -> QuerySet[Case] | None:
    if key != "none" and not key.isdigit():
        return None
    return cases_of(runs.filter(product=None if key == "none" else int(key)), "figures")


def arrived(asked: Asked) -> QuerySet[ParcelFigures]:
    # Hardly ever is there one that does not; but for a glance PostgreSQL would shun the index that has them in order.
    listed = bool(asked.part) and not _NOT_LISTED.ask().rows()
    days = (asked.range.first, asked.range.last)
    return asked.parcels(all_listed=listed).filter(arrived_on__range=days, seconds__isnull=False)


_NOT_LISTED = WrittenOnce(lambda: ParcelFigures.objects.filter(parts="").order_by().values_list("pk")[:1])


def transit(asked: Asked) -> Table:
    """By carrier, way and country: from the first scan that moved the parcel to its final delivery."""
    days = spreads(arrived(asked), "seconds", ("carrier", "direction", "country"))
    found = sorted(days.items(), key=lambda one: (-one[1].number, one[0]))
    ways = dict(RepairShipment.Direction.choices)
    rows = [_days_row(f"{of[0]}, {ways[of[1]]}, {country_name(of[2])}", one.in_days, "-".join(of)) for of, one in found]
    drawn = [
        (f"{carrier} {ARROWS[way]} {country}", round(one.in_days.median or 0, 1))
        for (carrier, way, country), one in found[:12]
    ]
    return Table(
        code="transit",
        title=_("Days in transit"),
        columns=(
            Column(_("Carrier, way, country")), Column(_("Parcels"), COUNT), Column(_("Median"), DAYS),
            Column(_("Nine in ten within"), DAYS), Column(_("Longest"), DAYS),
        ),
        rows=rows,
        chart=charts.rows(drawn) if rows else None,
        note=_("In the drawing, ← is the way to the workshop and → the way to the customer.") if rows else "",
        meaning=_(
            "Parcels whose final delivery came on these days, from the first scan that moved them. Parcels nobody "
            "scanned on the way, and those taken by hand, have no transit."
        ),
        formula=_("days = (final delivery − first scan that moved it) / 24 h; the country is that of the sale"),
        empty=_("No parcel arrived on these days."),
        cases=lambda key: _cases_in_transit(asked, key),
    )  # fmt: skip


def _cases_in_transit(asked: Asked, key: str) -> Any:
    carrier, _dash, rest = key.partition("-")
    direction, _dash, country = rest.partition("-")
    return cases_of(arrived(asked).filter(carrier=carrier, direction=direction, country=country), "figures")


def astray(asked: Asked) -> Table:
    """Parcels silent or lost now. About now, whatever days are chosen."""
    silent, lost = fetched(asked, _silent, since=long_ago(asked.now)), fetched(asked, _lost)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for place, rows in enumerate((silent, lost)):
        for carrier, number in rows:
            counts[carrier][place] = number
    return Table(
        code="astray",
        about_now=True,
        title=_("Silent and lost parcels"),
        columns=(Column(_("Carrier")), Column(_("Silent"), COUNT), Column(_("Lost"), COUNT)),
        rows=[Row((carrier, *numbers), carrier) for carrier, numbers in sorted(counts.items())],
        total=Row((_("All"), *(sum(one[place] for one in counts.values()) for place in range(2)))),
        chart=charts.rows([(carrier, sum(numbers)) for carrier, numbers in sorted(counts.items())]),
        meaning=_(
            "Parcels that stand still at this moment: silent, without a scan for days while a warranty clock is "
            "paused; lost, by the carrier's own word and not found since."
        ),
        formula=_("silent = as on the board of the parcels; lost = last scan says lost, not delivered"),
        empty=_("No parcel is silent or lost."),
        cases=lambda key: cases_of(
            asked.by_case(parcels_that_count()).filter(carrier=key, pk__in=_stuck(asked)), "case"
        ),
    )


def _silent(asked: Asked, since: datetime) -> QuerySet[Any]:
    return asked.by_case(parcels_unheard_of_since(since)).values_list("carrier").annotate(number=Count("pk"))


def _lost(asked: Asked) -> QuerySet[Any]:
    rows = asked.by_case(parcels_that_count()).filter(arrived_at=None, latest_kind=EventKind.LOST)
    return rows.values_list("carrier").annotate(number=Count("pk"))


def _stuck(asked: Asked) -> set[int]:
    lost = parcels_that_count().filter(arrived_at=None, latest_kind=EventKind.LOST)
    return {*silent_parcels(asked.now).values_list("pk", flat=True), *lost.values_list("pk", flat=True)}


def granted(asked: Asked) -> Table:
    """Days of pause by the month in which they ended."""
    days: Counter[date] = Counter()
    trips: Counter[date] = Counter()
    for (day, length), number in counted(asked, "granted", asked.range, "day", "flag").items():
        trips[first_of_month(day)] += number
        days[first_of_month(day)] += number * length
    months = sorted(days)
    return Table(
        code="granted",
        title=_("Days of pause granted"),
        columns=(Column(_("Ended in"), MONTH), Column(_("Pauses of parts"), COUNT), Column(_("Days"), COUNT)),
        rows=[Row((month, trips[month], days[month]), f"{month:%Y-%m-%d}") for month in months],
        total=Row((_("All"), sum(trips.values()), sum(days.values()))),
        chart=charts.columns([(month_name(month), days[month]) for month in months]) if months else None,
        meaning=_(
            "The days on which parts were away, of the pauses that ended on these days. Each part counts by itself: a "
            "kit that travelled whole brings as many as it has parts. Days before the start of a cover extend nothing "
            "and are counted here all the same."
        ),
        formula=_("Σ (back − left + 1) over the pauses of parts whose last day lies in [from, to]"),
        empty=_("No pause ended on these days."),
        cases=lambda key: _cases_of_month(asked, key),
    )


def _cases_of_month(asked: Asked, key: str) -> QuerySet[Case] | None:
    month = read_day(key)
    if month is None:
        return None
    return _cases_away(ended_pauses(asked).filter(back_on__gte=month, back_on__lt=shifted(first_of_month(month), 1)))
