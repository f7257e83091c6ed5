"""Do the stored clocks say what the rules say? All parts, once, in constant memory (house law 3).

A million parts with several windows each is the size this is written for: rows stay bare tuples, no clock object is
made for a part that agrees, and the keys can be shared out among several processes.
"""

import datetime as dt
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import django
from django.db import connection, transaction
from django.db.models import Max, QuerySet

from products.coverage import ClockError, ClockFields, add_months, clock_fields
from products.models import CoveredPart, PauseWindow
from products.services.clocks import CLOCK_FIELDS

CHUNK = 5000  # parts looked at together: two queries, and a megabyte or two
WORTH_SHARING = 100_000  # parts; below that, starting another process takes longer than looking
MOST_PROCESSES = 4
WAITING = 2  # chunks asked of each process in advance

Row = tuple[Any, ...]  # key, start, months, and the stored clock in the order of CLOCK_FIELDS
Pauses = Sequence[tuple[dt.date, dt.date | None]]


class Difference(NamedTuple):
    """A part whose row says something else than its recomputed clock; `fields` are those that differ.

    `error` instead, where the dates in the row are no clock at all.
    """

    part_id: int
    fields: tuple[str, ...]
    stored: dict[str, object]
    computed: dict[str, object]
    error: str = ""


class Chunk(NamedTuple):
    """So many parts looked at, with the differences among them."""

    size: int
    differences: Sequence[Difference]


def differing_clocks(processes: int = 1) -> Iterator[Chunk]:
    """Every part there is, in chunks by key, so that neither memory nor the time of one query grows with their number.

    Rows may be repaired between two chunks. More than one process needs a database that other processes can reach.
    """
    ranges = _ranges()
    if processes == 1:
        yield from map(look_at, ranges)
        return
    # Spawned, not forked: a forked child would talk to the database through its parent's connection.
    method = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=method, initializer=django.setup) as pool:
        yield from _in_order(pool, ranges, processes * WAITING)


def fitting_processes(parts: int) -> int:
    """One for each core where that pays; one alone where the database is a file, or the parts are soon looked at."""
    if connection.vendor == "sqlite" or parts < WORTH_SHARING:
        return 1
    return min(MOST_PROCESSES, os.cpu_count() or 1)


def count_parts() -> int:
    """How many parts there are to look at, for a progress bar."""
    return CoveredPart.objects.count()


def look_at(keys: tuple[int, int]) -> Chunk:
    """The parts with keys from the first (inclusive) to the second (exclusive). Two queries, where all is well."""
    first, end = keys
    parts = _stored(CoveredPart.objects.filter(pk__gte=first, pk__lt=end))
    suspects = _differences(parts, PauseWindow.objects.filter(part__gte=first, part__lt=end)) if parts else []
    return Chunk(len(parts), _confirmed([suspect.part_id for suspect in suspects]))


def _ranges() -> Iterator[tuple[int, int]]:
    """Keys in stretches that hold at most CHUNK parts; gaps left by deleted sales are passed over."""
    last = CoveredPart.objects.aggregate(last=Max("pk"))["last"] or 0
    first = 0
    while first <= last:
        begins = CoveredPart.objects.filter(pk__gte=first).order_by("pk").values_list("pk", flat=True).first()
        if begins is None:
            return
        yield begins, begins + CHUNK
        first = begins + CHUNK


def _in_order(pool: Executor, ranges: Iterator[tuple[int, int]], ahead: int) -> Iterator[Chunk]:
    """The chunks in the order of their keys, never more than a few of them waiting: memory stays what it is."""
    waiting: list[Future[Chunk]] = [pool.submit(look_at, keys) for keys in islice(ranges, ahead)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [pool.submit(look_at, keys) for keys in islice(ranges, 1)]


def _confirmed(suspects: Sequence[int]) -> list[Difference]:
    """Looked at again under lock: between the two reads somebody may have moved a window and its clock together."""
    if not suspects:
        return []
    with transaction.atomic():
        locked = CoveredPart.objects.select_for_update().filter(pk__in=suspects)
        return _differences(_stored(locked), PauseWindow.objects.filter(part__in=suspects))


def _stored(rows: QuerySet[CoveredPart]) -> list[Row]:
    return list(rows.order_by("pk").values_list("pk", "starts_on", "term_months", *CLOCK_FIELDS))


def _differences(parts: Iterable[Row], windows: QuerySet[PauseWindow]) -> list[Difference]:
    pauses = _pauses(windows)
    found = []
    for row in parts:
        part_id, starts_on, months, *stored = row
        try:
            base = _base(starts_on, months)
            computed = clock_fields(starts_on, base, pauses.get(part_id, ()))
        except ClockError as error:
            found.append(Difference(part_id, (), dict(zip(CLOCK_FIELDS, stored, strict=True)), {}, str(error)))
            continue
        if tuple(stored) != computed:
            found.append(_difference(part_id, stored, computed))
    return found


def _pauses(windows: QuerySet[PauseWindow]) -> dict[int, list[tuple[dt.date, dt.date | None]]]:
    pauses: dict[int, list[tuple[dt.date, dt.date | None]]] = {}
    for part_id, left_on, back_on in windows.order_by().values_list("part_id", "left_on", "back_on"):
        if part_id in pauses:
            pauses[part_id].append((left_on, back_on))
        else:
            pauses[part_id] = [(left_on, back_on)]
    return pauses


def _difference(part_id: int, stored: Sequence[object], computed: ClockFields) -> Difference:
    says, should_say = (dict(zip(CLOCK_FIELDS, fields, strict=True)) for fields in (stored, computed))
    return Difference(part_id, tuple(name for name in says if says[name] != should_say[name]), says, should_say)


@lru_cache(maxsize=8192)
def _base(starts_on: dt.date, months: int) -> dt.date:
    # Remembered, because thousands of parts were sold on the same day.
    return add_months(starts_on, months)
