"""Keeping the flat rows up with what happens: a round counts what changed since the last one.

A change is told by the case's own `changed_at`, the keys of parts, and the rows their clocks leave. Transactions commit
after the time they write, so every round looks an hour back again; what it finds counted already costs one look. The
nightly proof finds whatever no round could see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import Case
from products.models import ClockChange, CoveredPart
from warrantydesk.reports.counting import cohorts
from warrantydesk.reports.counting.cases import count_cases, counted_anew, stored
from warrantydesk.reports.models import CaseFigures, CountingMark

LOOK_BACK = timedelta(hours=1)
CHUNK = 500
# Below this many the whole table is looked through every time, which then costs nothing worth saving.
FEW = 20_000
CASES, PARTS = "cases", "parts"


@dataclass(frozen=True, slots=True)
class Step:
    """So many more `cases` or `blocks` of parts are counted."""

    what: str
    number: int


@dataclass(frozen=True, slots=True)
class Difference:
    what: str
    key: int

    def __str__(self) -> str:
        return f"{self.what} {self.key}: the stored figures are not those a recount gives; run count_figures"


def count_changed(*, limit: int | None = None) -> Iterator[Step]:
    """Count what changed; with `limit`, at most so many cases, and only the parts that are quick to find.

    Walk the iterator to its end: it is the counting.
    """
    mark = _mark(CASES)
    yield from _count_cases(mark, limit)
    parts = _mark(PARTS)
    newest = _newest_part()
    if limit is None or newest > parts.last_key or newest <= FEW:
        yield from _count_parts(parts, newest)


def count_everything() -> Iterator[Step]:
    """Count every case and every part anew, whatever is stored."""
    last = 0
    while keys := list(_all_cases().filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        count_cases(keys, timezone.get_default_timezone())
        last = keys[-1]
        yield Step(CASES, len(keys))
    _set_mark(CASES, last)
    newest = _newest_part()
    for block in cohorts.blocks():
        cohorts.count_block(block)
        yield Step(PARTS, 1)
    _set_mark(PARTS, newest)


def waiting_cases() -> int:
    """How many cases changed and are not counted yet."""
    return _changed(_mark(CASES)).count()


def differences() -> Iterator[Difference]:
    """Whatever is stored and is not what a recount gives, in constant memory. Nothing is changed."""
    zone, last = timezone.get_default_timezone(), 0
    while keys := list(_all_cases().filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        found, right = stored(keys).comparable(), counted_anew(keys, zone).comparable()
        yield from (Difference("case", key) for key in keys if found.get(key) != right.get(key))
        last = keys[-1]
    yield from (Difference("block of parts", block) for block in cohorts.blocks() if not cohorts.is_right(block))


def _count_cases(mark: CountingMark, limit: int | None) -> Iterator[Step]:
    done = 0
    while limit is None or done < limit:
        rows = list(_changed(mark).order_by("changed_at", "pk").values_list("pk", flat=True)[:CHUNK])
        if not rows:
            break
        count_cases(rows, timezone.get_default_timezone())
        done += len(rows)
        yield Step(CASES, len(rows))
    if done:
        _set_mark(CASES, _all_cases().aggregate(last=Max("pk"))["last"] or 0, advance=limit is None or done < limit)


def _changed(mark: CountingMark) -> QuerySet[Case]:
    moved = ClockChange.objects.filter(part__claims__case=OuterRef("pk"), at__gt=OuterRef("figures__seen_at"))
    cases = Case.objects.filter(Q(figures=None) | Q(figures__seen_at__lt=F("changed_at")) | Exists(moved))
    if mark.counted_to is None or mark.last_key <= FEW:
        return cases
    since = mark.counted_to - LOOK_BACK
    clocks = ClockChange.objects.filter(at__gte=since).values("part__claims__case")
    return cases.filter(Q(changed_at__gte=since) | Q(pk__gt=mark.last_key) | Q(pk__in=clocks))


def _count_parts(mark: CountingMark, newest: int) -> Iterator[Step]:
    now = timezone.now()
    since = mark.counted_to - LOOK_BACK if mark.counted_to else None
    changed = set(cohorts.blocks()) if newest <= FEW else cohorts.blocks_changed(mark.last_key, since)
    for block in sorted(changed):
        if newest > FEW or not cohorts.is_right(block):
            cohorts.count_block(block)
            yield Step(PARTS, 1)
    CountingMark.objects.filter(name=PARTS).update(last_key=newest, counted_to=now)


def _all_cases() -> QuerySet[Case]:
    return Case.objects.order_by("pk")


def _newest_part() -> int:
    return CoveredPart.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _mark(name: str) -> CountingMark:
    return CountingMark.objects.get_or_create(name=name)[0]


def _set_mark(name: str, last_key: int, *, advance: bool = True) -> None:
    """A round that was cut short must begin where it began: its mark only learns the keys."""
    if not advance:
        return
    at = CaseFigures.objects.aggregate(latest=Max("seen_at"))["latest"] if name == CASES else timezone.now()
    CountingMark.objects.update_or_create(name=name, defaults={"last_key": last_key, "counted_to": at})


def prove() -> Iterator[Difference]:
    """Whatever is stored and is not what a recount gives, each put right as it is told."""
    for found in differences():
        if found.what == "case":
            count_cases([found.key], timezone.get_default_timezone())
        else:
            cohorts.count_block(found.key)
        yield found
