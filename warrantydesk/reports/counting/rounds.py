"""Keeping the flat rows up with what happens: a round counts what changed since the last one.

A change is told by the case's own `changed_at`, the keys of parts, and the rows their clocks leave. Transactions commit
after the time they write, so every round looks an hour back again; what it finds counted already costs one look. The
nightly proof finds whatever no round could see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from cases.models import Case
from products.models import ClockChange, CoveredPart, PauseWindow
from products.written_once import WrittenOnce
from shipments.models import TrackingEvent
from warrantydesk.reports.counting import cohorts, pauses
from warrantydesk.reports.counting.at_once import count_stretch
from warrantydesk.reports.counting.cases import count_cases, counted_anew, stored
from warrantydesk.reports.counting.ledgers import LEDGERS
from warrantydesk.reports.models import CaseFigures, CountingMark

LOOK_BACK = timedelta(hours=1)
MARK_GROWS_OLD = timedelta(minutes=10)
CHUNK = 500
# Below this many the whole table is looked through every time, which then costs nothing worth saving.
FEW = 20_000
KEYS_AT_ONCE = 25_000
NEWEST: dict[str, Any] = {"newest_part": CoveredPart, "newest_window": PauseWindow, "newest_scan": TrackingEvent}
CASES, PARTS, PAUSES, SCANS, SUMS = "cases", "parts", "pauses", "scans", "sums"


@dataclass(frozen=True, slots=True)
class Step:
    """So many more `cases`, blocks of `parts`, `pauses`, or ledgers of `sums` are counted."""

    what: str
    number: int


@dataclass(frozen=True, slots=True)
class Difference:
    what: str
    key: int | str

    def __str__(self) -> str:
        return f"{self.what} {self.key}: the stored figures are not those a recount gives; run count_figures"


def count_changed(*, limit: int | None = None) -> Iterator[Step]:
    """Count what changed; with `limit`, at most so many cases, and only the parts and pauses that are quick to find.

    Walk the iterator to its end: it is the counting.
    """
    marks = _marks()
    yield from _count_cases(marks[CASES], limit)
    newest = marks[PARTS].newest_part or 0
    if limit is None or newest <= FEW:
        yield from _count_scans(marks[SCANS])
        yield from _count_parts(marks[PARTS], newest)
        yield from _count_pauses(marks[PAUSES])


def count_everything() -> Iterator[Step]:
    """Count every case, part and pause anew, whatever is stored. Cut short, it can be run again."""
    marks = {SCANS: _newest(TrackingEvent), PAUSES: pauses.newest_window(), PARTS: _newest_part()}
    _marks()
    last = _newest(Case)
    for step in _every_stretch(last) if connection.vendor == "postgresql" else _every_case():
        yield Step(CASES, step)
    _set_mark(CASES, last)
    for block in cohorts.blocks():
        cohorts.count_block(block)
        yield Step(PARTS, 1)
    for step in pauses.count_every_pause():
        yield Step(PAUSES, step)
    for ledger in LEDGERS:
        ledger.rebuild()
        yield Step(SUMS, 1)
    for name, key in marks.items():
        _set_mark(name, key)


def count_new_ledgers() -> Iterator[Step]:
    """The ledgers that came with an upgrade: until they are written, reports do without them."""
    for ledger in LEDGERS:
        if ledger.is_new:
            ledger.rebuild()
            yield Step(SUMS, 1)


def _every_stretch(last: int) -> Iterator[int]:
    for first in range(0, last + 1, KEYS_AT_ONCE):
        hard = count_stretch(first, first + KEYS_AT_ONCE)
        for place in range(0, len(hard), CHUNK):
            count_cases(hard[place : place + CHUNK], timezone.get_default_timezone())
        yield Case.objects.filter(pk__gte=first, pk__lt=first + KEYS_AT_ONCE).count()


def _every_case() -> Iterator[int]:
    last = 0
    while keys := list(_all_cases().filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        count_cases(keys, timezone.get_default_timezone())
        last = keys[-1]
        yield len(keys)


def waiting_cases() -> int:
    """How many cases changed and are not counted yet."""
    return _changed(_marks()[CASES]).count()


def differences() -> Iterator[Difference]:
    """Whatever is stored and is not what a recount gives, in constant memory. Nothing is changed."""
    zone, last = timezone.get_default_timezone(), 0
    while keys := list(_all_cases().filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        found, right = stored(keys).comparable(), counted_anew(keys, zone).comparable()
        yield from (Difference("case", key) for key in keys if found.get(key) != right.get(key))
        last = keys[-1]
    yield from (Difference("block of parts", block) for block in cohorts.blocks() if not cohorts.is_right(block))
    yield from (Difference("pauses of unit", unit) for unit in pauses.wrong_pauses())
    yield from (Difference("ledger", ledger.name) for ledger in LEDGERS if not ledger.is_right())


def _count_cases(mark: CountingMark, limit: int | None) -> Iterator[Step]:
    done = 0
    while limit is None or done < limit:
        rows = _changed_keys(mark, CHUNK)
        if not rows:
            break
        count_cases(rows, timezone.get_default_timezone())
        done += len(rows)
        yield Step(CASES, len(rows))
    if done:
        _set_mark(CASES, _all_cases().aggregate(last=Max("pk"))["last"] or 0, advance=limit is None or done < limit)


def _changed_keys(mark: CountingMark, most: int) -> list[int]:
    """The keys of the cases to be counted, those that changed first before the others."""
    since = _since(mark)
    values = {} if since is None else {"last_key": mark.last_key, "since": since}
    return [key for (key,) in _written(most, since is None).ask(**values).rows()]


@lru_cache(maxsize=8)
def _written(most: int, is_everywhere: bool) -> WrittenOnce:
    """Every page of the reports asks this first, and Django takes longer to write it than the database to answer."""

    def keys(last_key: int | None = None, since: datetime | None = None) -> QuerySet[Any]:
        rows = _changed_since(last_key, since) if since else _changed_anywhere()
        return rows.order_by("changed_at", "pk").values_list("pk")[:most]

    kinds: dict[str, Any] = {} if is_everywhere else {"last_key": int, "since": datetime}
    return WrittenOnce(keys, **kinds)


def _since(mark: CountingMark) -> datetime | None:
    """From when on changes are looked for; None where every case is looked at."""
    if mark.counted_to is None or mark.last_key <= FEW:
        return None
    return mark.counted_to - LOOK_BACK


def _changed(mark: CountingMark) -> QuerySet[Case]:
    since = _since(mark)
    return _changed_since(mark.last_key, since) if since else _changed_anywhere()


def _changed_anywhere() -> QuerySet[Case]:
    moved = ClockChange.objects.filter(part__claims__case=OuterRef("pk"), at__gt=OuterRef("figures__seen_at"))
    return Case.objects.filter(Q(figures=None) | Q(figures__seen_at__lt=F("changed_at")) | Exists(moved))


def _changed_since(last_key: int | None, since: datetime) -> QuerySet[Case]:
    newer = Case.objects.order_by().filter(pk__gt=last_key).values("pk")
    touched = Case.objects.order_by().filter(changed_at__gte=since).values("pk")
    clocks = ClockChange.objects.order_by().filter(at__gte=since, part__claims__isnull=False)
    # Each walks an index of its own: joined by OR, every case there is would be looked at.
    return _changed_anywhere().filter(pk__in=newer.union(touched, clocks.values("part__claims__case")))


def _count_parts(mark: Any, newest: int) -> Iterator[Step]:
    now = timezone.now()
    since = mark.counted_to - LOOK_BACK if mark.counted_to else None
    changed = set(cohorts.blocks()) if newest <= FEW else cohorts.blocks_changed(mark.last_key, since)
    counted = 0
    for block in sorted(changed):
        if newest > FEW or not cohorts.is_right(block):
            cohorts.count_block(block)
            counted += 1
            yield Step(PARTS, 1)
    _keep_mark(mark, newest, now, counted)


def _count_pauses(mark: Any) -> Iterator[Step]:
    now, newest = timezone.now(), mark.newest_window or 0
    since = mark.counted_to - LOOK_BACK if mark.counted_to and newest > FEW else None
    number = pauses.count_changed_pauses(mark.last_key if newest > FEW else 0, since)
    if number:
        yield Step(PAUSES, number)
    _keep_mark(mark, newest, now, number)


def _count_scans(mark: Any) -> Iterator[Step]:
    """A scan can move the arrival of a parcel without any change of its case."""
    newest = mark.newest_scan or 0
    if newest > mark.last_key:
        found = TrackingEvent.objects.filter(pk__gt=mark.last_key).order_by().values_list("shipment__case", flat=True)
        keys = sorted(set(found))
        for place in range(0, len(keys), CHUNK):
            count_cases(keys[place : place + CHUNK], timezone.get_default_timezone())
            yield Step(SCANS, len(keys[place : place + CHUNK]))
        CountingMark.objects.filter(name=SCANS).update(last_key=newest)


def _keep_mark(mark: Any, newest: int, now: datetime, counted: int) -> None:
    """Where nothing was found, an old mark does: the next round looks back a little further, and no reader writes."""
    if counted or newest != mark.last_key or mark.counted_to is None or mark.counted_to < now - MARK_GROWS_OLD:
        CountingMark.objects.filter(pk=mark.pk).update(last_key=newest, counted_to=now)


def _newest(model: Any) -> int:
    return model.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _all_cases() -> QuerySet[Case]:
    return Case.objects.order_by("pk")


def _newest_part() -> int:
    return _newest(CoveredPart)


def _marks() -> dict[str, Any]:
    """Every mark, each with the newest keys of what is counted: one query."""
    found = {one.name: one for one in _MARKS.ask().fetched()}
    if missing := {CASES, PARTS, PAUSES, SCANS} - found.keys():
        CountingMark.objects.bulk_create([CountingMark(name=name) for name in missing], ignore_conflicts=True)
        found = {one.name: one for one in _MARKS.ask().fetched()}
    return found


_MARKS = WrittenOnce(
    lambda: CountingMark.objects.annotate(
        **{name: Subquery(model.objects.order_by("-pk").values("pk")[:1]) for name, model in NEWEST.items()}
    )
)


def _set_mark(name: str, last_key: int, *, advance: bool = True) -> None:
    """A round that was cut short must begin where it began: its mark only learns the keys."""
    if not advance:
        return
    at = CaseFigures.objects.aggregate(latest=Max("seen_at"))["latest"] if name == CASES else timezone.now()
    CountingMark.objects.update_or_create(name=name, defaults={"last_key": last_key, "counted_to": at})


def prove() -> Iterator[Difference]:
    """Whatever is stored and is not what a recount gives, each put right as it is told."""
    ledgers = {one.name: one for one in LEDGERS}
    for found in differences():
        if found.what == "case":
            count_cases([int(found.key)], timezone.get_default_timezone())
        elif found.what == "ledger":
            ledgers[str(found.key)].rebuild()
        elif found.what == "pauses of unit":
            pauses.count_pauses([int(found.key)])
        else:
            cohorts.count_block(int(found.key))
        yield found
