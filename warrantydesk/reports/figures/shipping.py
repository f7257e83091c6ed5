"""Repair and shipping: how long things are away, and where that time goes."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from statistics import median
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _

from products.models import PauseWindow
from shipments.models import EventKind, RepairShipment
from shipments.queries import parcels_that_count, silent_parcels
from warrantydesk.reports import charts
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.ages import first_of_month
from warrantydesk.reports.figures.drilling import cases_of
from warrantydesk.reports.figures.names import country_name, month_name, product_names
from warrantydesk.reports.figures.overview import ended_runs, in_days
from warrantydesk.reports.quantiles import NOTHING, spreads
from warrantydesk.reports.stages import REPAIR
from warrantydesk.reports.tables import COUNT, DAYS, FEW, MONTH, Column, Row, Table

MOVED = (
    EventKind.DROP_OFF, EventKind.PICKED_UP, EventKind.IN_TRANSIT, EventKind.OUT_FOR_DELIVERY,
    EventKind.AVAILABLE_FOR_PICKUP, EventKind.FAILED_ATTEMPT, EventKind.DELIVERED,
)  # fmt: skip


def tables(asked: Asked) -> list[Table]:
    return [away(asked), workshop(asked), transit(asked), astray(asked), granted(asked)]


def nine_in_ten(values: list[float]) -> float:
    """The smallest value that at least ninety in a hundred are not above."""
    return sorted(values)[-(-9 * len(values) // 10) - 1]


def ended_windows(asked: Asked) -> QuerySet[PauseWindow]:
    """The pauses that ended on the chosen days, of the parts that pass the filters."""
    rows = PauseWindow.objects.filter(back_on__range=(asked.range.first, asked.range.last)).order_by()
    if asked.product:
        rows = rows.filter(part__unit__line__product=asked.product)
    if asked.part:
        rows = rows.filter(part__product=asked.part)
    if asked.batch:
        rows = rows.filter(part__starts_on__year=asked.batch.year, part__starts_on__month=asked.batch.month)
    if asked.country:
        own = Q(part__unit__line__invoice__country=asked.country)
        buyers = Q(part__unit__line__invoice__country="", part__unit__line__invoice__customer__country=asked.country)
        rows = rows.filter(own | buyers)
    return rows


def away(asked: Asked) -> Table:
    """By product: a unit that was away once counts once, however many of its parts travelled."""
    names, days = product_names(), defaultdict(list)
    rows = ended_windows(asked).values_list("part__unit", "part__unit__line__product", "left_on", "back_on").distinct()
    for _unit, product, left, back in rows.iterator(5000):
        if back is not None:
            days[product].append(float((back - left).days + 1))
    found = sorted(((names[key], values) for key, values in days.items()), key=lambda one: (-len(one[1]), one[0]))
    whole = [value for _name, values in found for value in values]
    return Table(
        code="away",
        title=_("Days away from the customer"),
        columns=(
            Column(_("Product")), Column(_("Trips ended"), COUNT), Column(_("Median"), DAYS),
            Column(_("Nine in ten within"), DAYS), Column(_("Longest"), DAYS),
        ),
        rows=[_days_row(name, values) for name, values in found],
        total=_days_row(_("All"), whole) if whole else None,
        chart=charts.rows([(name, median(values)) for name, values in found[:12]]) if found else None,
        meaning=_(
            "How long a product was out of its customer's hands, for the trips that ended on these days: from the day "
            "it left to the day it came back, both counted, each in the calendar of the place of the scan. Trips still "
            "under way are not in it."
        ),
        formula=_("days = back − left + 1 of every pause whose last day lies in [from, to], once a unit and trip"),
        empty=_("Nothing came back on these days."),
    )  # fmt: skip


def _days_row(name: Any, values: list[float], key: str = "") -> Row:
    cells = (name, len(values), median(values), nine_in_ten(values), max(values))
    return Row(cells, key, small=len(values) < FEW)


def workshop(asked: Asked) -> Table:
    runs = ended_runs(asked, asked.range).filter(stage=REPAIR)
    names = product_names()
    found = spreads(runs, "seconds", ("figures__product",))
    ordered = sorted(
        ((names[key], key, one) for (key,), one in found.items()), key=lambda one: (-one[2].number, one[0])
    )
    whole = spreads(runs, "seconds").get((), NOTHING)
    rows = [
        Row((name, one.number, in_days(one.median), in_days(one.ninth)), str(key or ""), small=one.number < FEW)
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
        total=Row((_("All"), whole.number, in_days(whole.median), in_days(whole.ninth))),
        chart=charts.rows([(row.cells[0], round(row.cells[2], 1)) for row in rows[:12]]) if rows else None,
        meaning=_("From the start of the repair, when the parcel is in the workshop, until the product is back."),
        formula=_("days = (returned − repair started) / 24 h of every repair that ended on these days"),
        empty=_("No repair ended on these days."),
        cases=lambda key: cases_of(runs.filter(figures__product=int(key)), "figures") if key.isdigit() else None,
    )  # fmt: skip


def arrived(asked: Asked) -> QuerySet[RepairShipment]:
    start, end = asked.range.instants(asked.zone)
    return asked.by_case(parcels_that_count()).filter(arrived_at__gte=start, arrived_at__lt=end)


def transit(asked: Asked) -> Table:
    """By carrier, way and country: from the first scan that moved the parcel to its final delivery."""
    rows = arrived(asked).annotate(left=Min("tracking_events__occurred_at", filter=Q(tracking_events__kind__in=MOVED)))
    days: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    listed = rows.values_list("carrier", "direction", "case__figures__country", "left", "arrived_at")
    for carrier, direction, country, left, at in listed.iterator(5000):
        if left is not None and at is not None and left <= at:
            days[carrier, direction, country or ""].append(_days_between(left, at))
    ways = dict(RepairShipment.Direction.choices)
    found = sorted(days.items(), key=lambda one: (-len(one[1]), one[0]))
    carriers: dict[str, list[float]] = defaultdict(list)
    for (carrier, _direction, _country), values in found:
        carriers[carrier] += values
    return Table(
        code="transit",
        title=_("Days in transit"),
        columns=(
            Column(_("Carrier, way, country")), Column(_("Parcels"), COUNT), Column(_("Median"), DAYS),
            Column(_("Nine in ten within"), DAYS), Column(_("Longest"), DAYS),
        ),
        rows=[
            _days_row(f"{of[0]}, {ways[of[1]]}, {country_name(of[2])}", values, "-".join(of))
            for of, values in found
        ],
        chart=charts.rows([(carrier, round(median(values), 1)) for carrier, values in sorted(carriers.items())])
        if found
        else None,
        meaning=_(
            "Parcels whose final delivery came on these days, from the first scan that moved them. Parcels nobody "
            "scanned on the way, and those taken by hand, have no transit."
        ),
        formula=_("days = (final delivery − first scan that moved it) / 24 h; the country is that of the sale"),
        empty=_("No parcel arrived on these days."),
        cases=lambda key: _cases_in_transit(asked, key),
    )  # fmt: skip


def _days_between(first: datetime, last: datetime) -> float:
    return (last - first).total_seconds() / 86_400


def _cases_in_transit(asked: Asked, key: str) -> Any:
    carrier, _dash, rest = key.partition("-")
    direction, _dash, country = rest.partition("-")
    rows = arrived(asked).filter(carrier=carrier, direction=direction, case__figures__country=country)
    return cases_of(rows, "case")


def astray(asked: Asked) -> Table:
    """Parcels silent or lost now. About now, whatever days are chosen."""
    silent = asked.by_case(silent_parcels(asked.now)).values_list("carrier").annotate(number=Count("pk"))
    lost = asked.by_case(parcels_that_count()).filter(arrived_at=None, latest_kind=EventKind.LOST)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for place, rows in enumerate((silent, lost.values_list("carrier").annotate(number=Count("pk")))):
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


def _stuck(asked: Asked) -> set[int]:
    lost = parcels_that_count().filter(arrived_at=None, latest_kind=EventKind.LOST)
    return {*silent_parcels(asked.now).values_list("pk", flat=True), *lost.values_list("pk", flat=True)}


def granted(asked: Asked) -> Table:
    """Days of pause by the month in which they ended."""
    days: Counter[date] = Counter()
    trips: Counter[date] = Counter()
    rows = ended_windows(asked).values_list("left_on", "back_on").annotate(number=Count("pk"))
    for left, back, number in rows:
        month = first_of_month(back)
        trips[month] += number
        days[month] += number * ((back - left).days + 1)
    months = sorted(days)
    return Table(
        code="granted",
        title=_("Days of pause granted"),
        columns=(Column(_("Ended in"), MONTH), Column(_("Pauses of parts"), COUNT), Column(_("Days"), COUNT)),
        rows=[Row((month, trips[month], days[month])) for month in months],
        total=Row((_("All"), sum(trips.values()), sum(days.values()))),
        chart=charts.columns([(month_name(month), days[month]) for month in months]) if months else None,
        meaning=_(
            "The days on which parts were away, of the pauses that ended on these days. Each part counts by itself: a "
            "kit that travelled whole brings as many as it has parts. Days before the start of a cover extend nothing "
            "and are counted here all the same."
        ),
        formula=_("Σ (back − left + 1) over the pauses of parts whose last day lies in [from, to]"),
        empty=_("No pause ended on these days."),
    )
