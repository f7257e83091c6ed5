"""How long `check_clocks` takes over a million parts with up to six windows each, and one recomputation after an event.

    DATABASE_URL=postgres://…/wd_bench python bench/clocks.py [--parts 1000000] [--seed 1] [--processes 2] [--worst]

Fills an empty PostgreSQL database of its own, or uses what an earlier run left there. Figures go to standard output.
"""

import argparse
import datetime as dt
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from bench.table import Row, tell

ROOT = Path(__file__).resolve().parent.parent
KIT = 40  # parts of one sold unit
MOST_WINDOWS = 6
FLOOR_SECONDS = 60
AN_EVENT_HAPPENS = 50  # times
DAY = dt.timedelta(days=1)
AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def main() -> None:
    arguments = _arguments()
    _set_up_django()
    _load(arguments.parts, _Dice(arguments.seed, arguments.worst))
    _measure_check(arguments.processes, arguments.parts)
    _measure_event()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=int, default=1_000_000, help="covered parts to have, forty a sold unit")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, help="for check_clocks; by default what it takes by itself")
    parser.add_argument("--worst", action="store_true", help="six windows for every part, not none to six")
    return parser.parse_args()


def _set_up_django() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")
    import django

    django.setup()
    from django.db import connection

    if connection.vendor != "postgresql":
        sys.exit("DATABASE_URL must name a PostgreSQL database of its own: rows are loaded with COPY.")


# ── the data ─────────────────────────────────────────────────────────────────────────────────────────────────────


class _Dice(NamedTuple):
    """What the random windows are made from: the same for the same seed."""

    seed: int
    worst: bool

    def of(self, part: int) -> random.Random:
        return random.Random(self.seed * 1_000_003 + part)


def _load(parts: int, dice: _Dice) -> None:
    from django.core.management import call_command
    from django.db import connection, transaction

    from products.models import CoveredPart, PauseWindow

    call_command("migrate", verbosity=0)
    there = CoveredPart.objects.count()
    if there == parts:
        print(f"data        {there:,} parts and {PauseWindow.objects.count():,} windows, from an earlier run")
        return
    if there:
        sys.exit(f"The database holds {there:,} parts already, not {parts:,}. Give an empty one.")
    began = time.perf_counter()
    with transaction.atomic():
        _copy_sales(parts // KIT)
        _copy_parts(parts, dice)
        _copy_windows(parts, dice)
        _reset_sequences()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    windows = PauseWindow.objects.count()
    print(f"data        {parts:,} parts and {windows:,} windows, loaded in {time.perf_counter() - began:.0f} s")


def _copy_sales(units: int) -> None:
    from products.models import Customer, Invoice, InvoiceLine, Product, SoldUnit

    product = Product.objects.create(sku="BENCH", name="Part")
    customer = Customer.objects.create(name="Bench")
    numbers = range(1, units + 1)
    _copy(Invoice, _rows(
        numbers,
        lambda n: {"id": n, "shop": "", "number": f"B-{n}", "number_fold": f"8{n}", "customer_id": customer.pk,
                   "country": "", "currency": "EUR", "issued_on": _sold_on(n), "delivered_on": None, "created_at": AT},
    ))  # fmt: skip
    _copy(InvoiceLine, _rows(
        numbers, lambda n: {"id": n, "invoice_id": n, "position": 1, "product_id": product.pk, "quantity": 1,
                            "unit_price": None},
    ))  # fmt: skip
    _copy(SoldUnit, _rows(numbers, lambda n: {"id": n, "line_id": n, "number": 1, "serial": "", "serial_fold": ""}))


def _sold_on(unit: int) -> dt.date:
    return dt.date(2018, 1, 1) + unit % 2900 * DAY


def _copy_parts(parts: int, dice: _Dice) -> None:
    from products.models import CoveredPart, Product, WarrantyTerms
    from products.services.clocks import set_clock

    product, terms = Product.objects.get(sku="BENCH"), WarrantyTerms.objects.earliest("effective_from")
    names = [field.attname for field in CoveredPart._meta.concrete_fields]

    def row(number: int) -> dict[str, Any]:
        unit = (number - 1) // KIT + 1
        part = CoveredPart(
            id=number, unit_id=unit, product=product, position=(number - 1) % KIT + 1, category="standard",
            terms=terms, term_months=terms.months, starts_on=_sold_on(unit), started_by="invoice",
        )  # fmt: skip
        set_clock(part, _windows(number, dice))
        return {name: getattr(part, name) for name in names}

    _copy(CoveredPart, _rows(_with_progress("parts", range(1, parts + 1)), row))


def _copy_windows(parts: int, dice: _Dice) -> None:
    from products.models import PauseWindow

    def rows() -> Iterator[dict[str, Any]]:
        number = 0
        for part in _with_progress("windows", range(1, parts + 1)):
            for left_on, back_on in _windows(part, dice):
                number += 1
                yield {
                    "id": number, "part_id": part, "left_on": left_on, "back_on": back_on, "source": "tracking",
                    "certainty": "verified" if back_on else "provisional", "review_reasons": "[]", "proof": "{}",
                    "proof_file": "", "reason": "", "confirmed_by_id": None, "confirmed_at": None, "created_at": AT,
                }  # fmt: skip

    _copy(PauseWindow, rows())


def _windows(part: int, source: _Dice) -> list[tuple[dt.date, dt.date | None]]:
    """None to six windows of this part, each part its own: overlapping, before the start, after the end, one open."""
    dice = source.of(part)
    start = _sold_on((part - 1) // KIT + 1)
    windows: list[tuple[dt.date, dt.date | None]] = []
    for _ in range(MOST_WINDOWS if source.worst else dice.randrange(MOST_WINDOWS + 1)):
        left_on = start + dice.randrange(-20, 480) * DAY
        windows.append((left_on, left_on + dice.randrange(31) * DAY))
    if windows and dice.random() < 0.03:
        windows[0] = (windows[0][0], None)
    return windows


def _rows(numbers: Any, row: Any) -> Iterator[dict[str, Any]]:
    return (row(number) for number in numbers)


def _copy(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    from django.db import connection

    from bench.filling import _given_by_model

    # A column that came after this was written gets what its model gives it.
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    given = {}
    for field in model._meta.concrete_fields:
        if not field.primary_key and (field.blank or field.null or field.has_default()):
            given[field.attname] = _given_by_model(field)
    named = ", ".join(f'"{column}"' for column in columns.values())
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({named}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([row[name] if name in row else given[name] for name in columns])


def _reset_sequences() -> None:
    from django.core.management.color import no_style
    from django.db import connection

    from products.models import CoveredPart, Invoice, InvoiceLine, PauseWindow, SoldUnit

    models = [Invoice, InvoiceLine, SoldUnit, CoveredPart, PauseWindow]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _with_progress(what: str, numbers: range) -> Iterator[int]:
    for number in numbers:
        if number % 100_000 == 0:
            print(f"\r{what} {number:,} of {len(numbers):,}", end="", file=sys.stderr, flush=True)
        yield number
    print(file=sys.stderr)


# ── the measurements ─────────────────────────────────────────────────────────────────────────────────────────────


def _measure_check(processes: int | None, parts: int) -> None:
    shared = ["--processes", str(processes)] if processes else []
    began = time.perf_counter()
    done = subprocess.run([sys.executable, str(ROOT / "manage.py"), "check_clocks", *shared], check=False)
    took = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    verdict = "within" if took <= FLOOR_SECONDS else "OVER"
    met = took <= FLOOR_SECONDS and done.returncode == 0
    asked = f"≤ {FLOOR_SECONDS} s for 1,000,000, constant memory"
    row = Row("Background", "check_clocks, parts with pauses", parts, f"{took:.1f} s", None, asked, met=met)
    tell(replace(row, megabytes=used.ru_maxrss / 1024))
    print(
        f"check       {took:.1f} s, processes: {processes or 'as fits'}; {verdict} the {FLOOR_SECONDS} s asked for; "
        f"processor time {used.ru_utime + used.ru_stime:.1f} s; largest process {used.ru_maxrss / 1024:.0f} MB; "
        f"exit {done.returncode}"
    )


def _measure_event() -> None:
    """A parcel comes home: the windows of the parts packed are set and their clocks recomputed; then taken back."""
    for packed in (1, KIT):
        took, queries = zip(*(_one_event(unit, packed) for unit in range(1, AN_EVENT_HAPPENS + 1)), strict=True)
        counts = f"{min(queries)}" if min(queries) == max(queries) else f"{min(queries)} to {max(queries)}"
        print(
            f"event       {packed:2} part(s) packed: {counts} queries, median {statistics.median(took) * 1000:.1f} ms, "
            f"slowest {max(took) * 1000:.1f} ms"
        )


def _one_event(unit: int, packed: int) -> tuple[float, int]:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from products.services import WindowData, set_pauses

    left_on = _sold_on(unit) + 100 * DAY
    window = WindowData(left_on, left_on + 20 * DAY, "verified")
    part_ids = range((unit - 1) * KIT + 1, (unit - 1) * KIT + 1 + packed)
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            began = time.perf_counter()
            set_pauses({part_id: [window] for part_id in part_ids}, source="tracking", cause="bench", now=AT)
            took = time.perf_counter() - began
        transaction.set_rollback(True)
    return took, len(queries)


if __name__ == "__main__":
    main()
