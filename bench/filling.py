"""A PostgreSQL database with as many cases as are asked for, by INSERT … SELECT: a million in minutes, not in days.

    DATABASE_URL=postgres://…/wd_bench python -m bench fill --cases 100000

Needs a database of its own, empty or filled by an earlier run: one with that many cases is used as it is. Everything
happens in one transaction, so an interrupted run leaves nothing behind. What is in it stands in `bench.rows`.
"""

import argparse
import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connection, models, transaction

from bench.rows import EVERYTHING, PLAN, Rows

CHUNK = 50_000


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench fill", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    asked = parser.parse_args(arguments)
    if connection.vendor != "postgresql":
        sys.exit("DATABASE_URL must name a PostgreSQL database of its own.")
    fill(asked.cases, now=dt.datetime.now(dt.UTC), tell=_tell)
    return 0


def fill(cases: int, *, now: dt.datetime, tell: Callable[[str], None]) -> None:
    """Have exactly so many cases. SystemExit where the database holds others."""
    from bench.busy_case import REFERENCE as BUSY  # the pages' bench may have added it
    from cases.models import Case

    call_command("migrate", verbosity=0)
    there = Case.objects.exclude(reference=BUSY).count()
    if there == cases:
        tell(f"{there:,} cases are there from an earlier run")
        return
    if there:
        sys.exit(f"The database holds {there:,} cases already, not {cases:,}. Give an empty one.")
    began = time.monotonic()
    with transaction.atomic():
        _run("SET LOCAL session_replication_role = replica")  # the keys fit: they are counted, not looked up
        _run("SET LOCAL maintenance_work_mem = '512MB'")
        _stock()
        with _without_indexes(tell):
            _load(cases, now, tell)
        _set_sequences()
    tell("vacuum")
    _run("VACUUM ANALYZE")
    tell(f"{cases:,} cases in {time.monotonic() - began:.0f} s")


def _tell(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {words}", file=sys.stderr, flush=True)


def _stock() -> None:
    from bench.rows import KITS, PARTS
    from products.models import KitPart, Product
    from warrantydesk.accounts.models import User
    from warrantydesk.demo.sales import hire_staff

    if not User.objects.exists():
        hire_staff()
    parts = [Product.objects.create(sku=f"BP-{sku}", name=name, category=category) for sku, name, category in PARTS]
    for number, name in enumerate(KITS, start=1):
        kit = Product.objects.create(sku=f"BK-{number}", name=name, kind=Product.Kind.KIT)
        KitPart.objects.bulk_create(
            KitPart(kit=kit, part=part, position=place, tracked="singly") for place, part in enumerate(parts, start=1)
        )


def _load(cases: int, now: dt.datetime, tell: Callable[[str], None]) -> None:
    _run("CREATE TEMP TABLE bench_reference (n int PRIMARY KEY, reference text) ON COMMIT DROP")
    with connection.cursor() as cursor, cursor.copy("COPY bench_reference FROM STDIN") as copy:
        for number, reference in enumerate(_references(cases), start=1):
            copy.write_row((number, reference))
    _run("CREATE TEMP TABLE bench_plan ON COMMIT DROP AS " + PLAN, {"cases": cases, "now": now})
    _run("CREATE INDEX ON bench_plan (n)")
    _run("ANALYZE bench_plan")
    for rows in EVERYTHING:
        began = time.monotonic()
        for low in range(1, cases + 1, CHUNK):
            _insert(rows, low, low + CHUNK - 1)
        tell(f"{rows.model._meta.label}: {time.monotonic() - began:.0f} s")


def _references(cases: int) -> Iterator[str]:
    """Valid ones in no visible order, each once: a stride that shares no factor with their number visits all."""
    from cases.reference import ALPHABET, check_character

    for number in range(1, cases + 1):
        place, body = number * 7_919_033 % 32**5, ""
        for _ in range(5):
            place, letter = divmod(place, 32)
            body += ALPHABET[letter]
        yield f"WD-{body}-{check_character(body)}"


def _insert(rows: Rows, low: int, high: int) -> None:
    """These rows of the chunk. A column nobody speaks of gets what the model would give it."""
    columns, values, parameters = [], [], []
    for field in rows.model._meta.concrete_fields:
        said = rows.columns.get(field.attname)
        if said is None and field.primary_key:
            continue
        columns.append(connection.ops.quote_name(field.column))
        values.append("%s" if said is None else said.replace("%", "%%"))
        if said is None:
            parameters.append(_given_by_model(field))
    unknown = rows.columns.keys() - {field.attname for field in rows.model._meta.concrete_fields}
    if unknown:
        sys.exit(f"{rows.model._meta.label} has no {', '.join(sorted(unknown))} any more: correct bench/rows.py.")
    table = connection.ops.quote_name(rows.model._meta.db_table)
    source = f"(SELECT * FROM bench_plan WHERE n BETWEEN {low} AND {high} ORDER BY n) AS plan {rows.times}"
    order = f" ORDER BY {rows.order}" if rows.order else ""
    where = f" WHERE {rows.where}" if rows.where else ""
    _run(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {source.replace('%', '%%')}{where.replace('%', '%%')}{order}",
        parameters,
    )


def _given_by_model(field: Any) -> Any:
    """Its default, nothing, or the empty text; SystemExit where a row cannot do without a value."""
    if isinstance(field, models.DateTimeField) and (field.auto_now or field.auto_now_add):
        return dt.datetime.now(dt.UTC)
    if field.has_default():
        return field.get_db_prep_save(field.get_default(), connection)
    if field.null:
        return None
    if field.blank and field.empty_strings_allowed:
        return ""
    sys.exit(f"{field} needs a value: say which in bench/rows.py.")


@contextmanager
def _without_indexes(tell: Callable[[str], None]) -> Iterator[None]:
    """The tables without what only speeds up reading; it is made anew, in one go, at the end."""
    tables = sorted({rows.model._meta.db_table for rows in EVERYTHING})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(i.indexname), i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' "
            "AND i.tablename = ANY(%s) AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
            [tables],
        )
        indexes = cursor.fetchall()
    for name, _definition in indexes:
        _run(f"DROP INDEX {name}")
    yield
    for number, (name, definition) in enumerate(indexes, start=1):
        tell(f"index {number} of {len(indexes)}: {name}")
        _run(definition.replace("%", "%%"), [])


def _set_sequences() -> None:
    from django.core.management.color import no_style

    for statement in connection.ops.sequence_reset_sql(no_style(), [rows.model for rows in EVERYTHING]):
        _run(statement)


def _run(statement: str, parameters: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
