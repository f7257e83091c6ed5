"""The flat rows of the pauses that ended, unit by unit, because a unit that travelled once counts once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, CharField, F, Max, QuerySet, When
from django.db.models.functions import TruncMonth

from products.models import ClockChange, PauseWindow
from warrantydesk.reports.counting.ledgers import TALLIES, of_units
from warrantydesk.reports.counting.turns import take_turn
from warrantydesk.reports.models import PauseFigures

AT_ONCE = 500
KEYS_AT_ONCE = 200_000
COLUMNS = (
    "window", "covered_part", "unit", "part_id", "product_id", "country", "sold_in", "left_on", "back_on", "days",
)  # fmt: skip
STRETCH = """
INSERT INTO reports_pausefigures ("window", covered_part, unit, part_id, product_id, country, sold_in, left_on, back_on,
  days)
SELECT w.id, part.id, part.unit_id, part.product_id, line.product_id, coalesce(nullif(i.country, ''), buyer.country),
  date_trunc('month', part.starts_on)::date, w.left_on, w.back_on, w.back_on - w.left_on + 1
FROM products_pausewindow w JOIN products_coveredpart part ON part.id = w.part_id
JOIN products_soldunit unit ON unit.id = part.unit_id JOIN products_invoiceline line ON line.id = unit.line_id
JOIN products_invoice i ON i.id = line.invoice_id JOIN products_customer buyer ON buyer.id = i.customer_id
WHERE w.id >= %s AND w.id < %s AND w.back_on IS NOT NULL
"""


def count_pauses(units: Sequence[int]) -> None:
    """Write the rows of these sold units anew. Running it twice, or beside itself, gives the same rows."""
    with transaction.atomic():
        take_turn()
        before = of_units(units)
        PauseFigures.objects.filter(unit__in=units).delete()
        PauseFigures.objects.bulk_create(_rows(PauseWindow.objects.filter(part__unit__in=units)), batch_size=2000)
        TALLIES.write_difference(before, of_units(units))


def count_every_pause() -> Iterator[int]:
    """Write all rows anew, without the ledger, which is to be written anew after it; how many keys each step took."""
    newest = newest_window()
    with transaction.atomic():
        take_turn()
        PauseFigures.objects.all().delete()
    for first in range(0, newest + 1, KEYS_AT_ONCE):
        with transaction.atomic():
            take_turn()
            _count_stretch(first, first + KEYS_AT_ONCE)
        yield min(KEYS_AT_ONCE, newest + 1 - first)


def _count_stretch(first: int, end: int) -> None:
    PauseFigures.objects.filter(window__gte=first, window__lt=end).delete()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(STRETCH, [first, end])
        return
    rows = _rows(PauseWindow.objects.filter(pk__gte=first, pk__lt=end))
    PauseFigures.objects.bulk_create(rows, batch_size=2000)


def count_changed_pauses(last_key: int, since: datetime | None) -> int:
    """Follow the pauses that are new, and those whose clocks moved since; how many units were counted."""
    newer = PauseWindow.objects.filter(pk__gt=last_key).values_list("part__unit", flat=True)
    moved = ClockChange.objects.filter(at__gte=since) if since else ClockChange.objects.all()
    units = set(newer.order_by().union(moved.order_by().values_list("part__unit", flat=True)))
    # A row whose pause is the same already costs no more than this look.
    found = [unit for some in _few_at_once(sorted(units)) for unit in wrong_units(some)]
    for some in _few_at_once(found):
        count_pauses(some)
    return len(found)


def _few_at_once(units: Sequence[int]) -> Iterator[Sequence[int]]:
    return (units[place : place + AT_ONCE] for place in range(0, len(units), AT_ONCE))


def wrong_units(units: Iterable[int]) -> list[int]:
    """Those of these units whose stored rows are not what a recount gives."""
    wanted = list(units)
    right = {_plainly(row) for row in _rows(PauseWindow.objects.filter(part__unit__in=wanted))}
    stored = {_plainly(row) for row in PauseFigures.objects.filter(unit__in=wanted)}
    return sorted({row[COLUMNS.index("unit")] for row in right ^ stored})


def wrong_pauses() -> Iterator[int]:
    """Every such unit, in constant memory."""
    newest = max(newest_window(), PauseFigures.objects.aggregate(last=Max("window"))["last"] or 0)
    for first in range(0, newest + 1, 5000):
        windows = PauseWindow.objects.filter(pk__gte=first, pk__lt=first + 5000)
        right = {_plainly(row) for row in _rows(windows)}
        stored = {_plainly(row) for row in PauseFigures.objects.filter(window__gte=first, window__lt=first + 5000)}
        yield from sorted({row[COLUMNS.index("unit")] for row in right ^ stored})


def newest_window() -> int:
    return PauseWindow.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _rows(windows: QuerySet[PauseWindow]) -> Iterator[PauseFigures]:
    country = Case(
        When(part__unit__line__invoice__country="", then=F("part__unit__line__invoice__customer__country")),
        default=F("part__unit__line__invoice__country"),
        output_field=CharField(),
    )
    rows = windows.filter(back_on__isnull=False).annotate(country=country, sold_in=TruncMonth("part__starts_on"))
    listed = rows.order_by("pk").values_list(
        "pk", "part_id", "part__unit_id", "part__product_id", "part__unit__line__product_id", "country", "sold_in",
        "left_on", "back_on",
    )  # fmt: skip
    for row in listed.iterator(2000):
        left, back = row[-2], row[-1]
        if back is not None:
            yield PauseFigures(**dict(zip(COLUMNS, (*row, (back - left).days + 1), strict=True)))


def _plainly(row: PauseFigures) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in COLUMNS)
