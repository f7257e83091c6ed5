"""The ledgers of `reports.tallies`: what some flat rows come to, and the rows that make a ledger follow them.

Whoever rewrites flat rows takes the sums before and after, and writes the difference in the same transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, Count, Exists, F, Model, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat, TruncWeek
from django.utils import timezone

from warrantydesk.reports.asked import COUNTRY, PART, PRODUCT, REVIEWER
from warrantydesk.reports.counting.subjects import IS_FAILURE, OF_CASES, OF_PAUSES
from warrantydesk.reports.counting.turns import take_turn
from warrantydesk.reports.models import CaseFigures, ClaimFigures, CountingMark, PartCohort, StageRun
from warrantydesk.reports.tallies import (
    BUCKET,
    CountryFailureTally,
    CountryHistoryTally,
    FailureTally,
    HistoryTally,
    NarrowedRunTally,
    RunTally,
    SoldTally,
    Tally,
    of_filter,
)

AT_ONCE = 5000
NARROWED_BY = {PRODUCT: "product_id", COUNTRY: "country", REVIEWER: "reviewer_id"}  # as the runs have them
Key = tuple[Any, ...]
Sums = dict[Key, tuple[int, ...]]
Narrow = Callable[[QuerySet[Any]], QuerySet[Any]]


@dataclass(frozen=True)
class Ledger:
    """A table of tallies: its keys, the numbers it sums, and what the flat rows say of both."""

    name: str
    model: type[Model]
    sums: tuple[str, ...]
    counted: Callable[[Narrow], Iterator[tuple[Key, tuple[int, ...]]]]
    comes_later: bool = False
    selected: Callable[[Narrow], Iterator[QuerySet[Any]]] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        return self.model.KEYS  # type: ignore[attr-defined]

    def of(self, narrow: Narrow) -> Sums:
        return dict(self.counted(narrow))

    def write(self, rows: Iterable[tuple[Key, tuple[int, ...]]]) -> None:
        names = (*self.keys, *self.sums)
        made = [self.model(**dict(zip(names, (*key, *sums), strict=True))) for key, sums in rows]
        self.model._default_manager.bulk_create(made, batch_size=AT_ONCE)

    def write_difference(self, before: Sums, after: Sums) -> None:
        nothing = (0,) * len(self.sums)
        changes = (
            (key, tuple(new - old for new, old in zip(after.get(key, nothing), before.get(key, nothing), strict=True)))
            for key in before.keys() | after.keys()
        )
        self.write([(key, change) for key, change in changes if any(change)])

    def stored(self) -> Sums:
        summed = {f"s_{name}": Sum(name) for name in self.sums}
        rows = self.model._default_manager.order_by().values_list(*self.keys).annotate(**summed)
        length = len(self.keys)
        found = ((row[:length], tuple(map(int, row[length:]))) for row in rows.iterator(AT_ONCE))
        return {key: sums for key, sums in found if any(sums)}

    def is_right(self) -> bool:
        return self.is_new or self.stored() == self.of(_everything)

    @property
    def is_new(self) -> bool:
        """A ledger that came with an upgrade says nothing before it was written as a whole."""
        return self.comes_later and not CountingMark.objects.filter(name=self.name).exists()

    def rebuild(self) -> None:
        """Write it anew from the flat rows, alone: nobody counts meanwhile."""
        with transaction.atomic():
            take_turn()
            self.model._default_manager.all().delete()
            if self.selected is None:
                self.write(self.counted(_everything))
            else:
                self._write_selected(self.selected(_everything))
            if self.comes_later:
                CountingMark.objects.update_or_create(name=self.name, defaults={"counted_to": timezone.now()})

    def _write_selected(self, several: Iterable[QuerySet[Any]]) -> None:
        """By the database itself: nobody can count meanwhile, and millions of rows would take minutes to travel."""
        columns = ", ".join(map(connection.ops.quote_name, (*self.keys, *self.sums)))
        with connection.cursor() as cursor:
            for rows in several:
                sql, params = rows.query.sql_with_params()
                cursor.execute(f"INSERT INTO {self.model._meta.db_table} ({columns}) {sql}", params)


def _everything(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


def _tallies(narrow: Narrow, subjects: Iterable[Any]) -> Iterator[tuple[Key, tuple[int, ...]]]:
    for one in subjects:
        for *key, number in one.counted(narrow(one.model._default_manager.all())).iterator(AT_ONCE):
            yield (one.name, *key), (number,)


def _of_cases(narrow: Narrow) -> Iterator[tuple[Key, tuple[int, ...]]]:
    return _tallies(narrow, OF_CASES)


def _of_pauses(narrow: Narrow) -> Iterator[tuple[Key, tuple[int, ...]]]:
    return _tallies(narrow, OF_PAUSES)


def _of_both(narrow: Narrow) -> Iterator[tuple[Key, tuple[int, ...]]]:
    return _tallies(narrow, (*OF_CASES, *OF_PAUSES))


def _failures(narrow: Narrow, *where: str) -> Iterator[tuple[Key, tuple[int, ...]]]:
    """`where` comes before the keys: a country, or nothing."""
    rows = narrow(ClaimFigures.objects.all()).filter(IS_FAILURE).order_by()
    alike = ("sold_in", "term_months", "months_in_service")
    parts = rows.values_list(*where, "claimed_in", "product", "part", *alike).annotate(n=Count("pk"))
    for *key, number in parts.iterator(AT_ONCE):
        yield tuple(key), (number,)
    # All claims of a case are of one country: its cases add up to those of everywhere.
    units = rows.values_list(*where, "claimed_in", "product", *alike).annotate(n=Count("figures", distinct=True))
    for *key, sold_in, term, age, number in units.iterator(AT_ONCE):
        yield (*key, None, sold_in, term, age), (number,)


def _failures_by_country(narrow: Narrow) -> Iterator[tuple[Key, tuple[int, ...]]]:
    return _failures(narrow, "country")


def _runs(narrow: Narrow) -> Iterator[tuple[Key, tuple[int, ...]]]:
    rows = narrow(StageRun.objects.all()).order_by()
    rows = rows.annotate(monday=TruncWeek("ended_on"), bucket=F("seconds") / BUCKET)
    alike = ("stage", "monday", "bucket")
    listed = rows.values_list(*alike).annotate(n=Count("pk"), s=Sum("seconds"))
    for *key, number, seconds in listed.iterator(AT_ONCE):
        yield (None, *key), (number, int(seconds))
    # A case that claims two of a part went through its stages once.
    of_parts = rows.filter(figures__claims__isnull=False).values_list("figures__claims__part", *alike)
    for *key, number in of_parts.annotate(n=Count("pk", distinct=True)).iterator(AT_ONCE):
        yield tuple(key), (number, 0)


def _runs_of_filters(narrow: Narrow) -> Iterator[QuerySet[Any]]:
    """Rows of the ledger of narrowed runs, filter by filter."""
    rows = narrow(StageRun.objects.all()).order_by()
    rows = rows.annotate(monday=TruncWeek("ended_on"), bucket=F("seconds") / BUCKET)
    for name, column in NARROWED_BY.items():
        chosen = rows.exclude(**{column: ""}) if name == COUNTRY else rows.filter(**{f"{column}__isnull": False})
        yield _alike(name, column, chosen)
    # A case that claims two of a part went through its stages once: by the first of the two.
    rows = rows.alias(claim=F("figures__claims__pk"), of_part=F("figures__claims__part"))
    others = ClaimFigures.objects.filter(figures=OuterRef("figures"), part=OuterRef("of_part"))
    firsts = rows.filter(~Exists(others.filter(pk__lt=OuterRef("claim"))), claim__isnull=False)
    yield _alike(PART, "figures__claims__part", firsts)


def _alike(name: str, column: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    of = Concat(Value(of_filter(name, "")), Cast(column, CharField()))
    return rows.annotate(of=of).values_list(*NarrowedRunTally.KEYS).annotate(n=Count("pk"), s=Sum("seconds"))


def _narrowed_runs(narrow: Narrow) -> Iterator[tuple[Key, tuple[int, ...]]]:
    for rows in _runs_of_filters(narrow):
        for *key, number, seconds in rows.iterator(AT_ONCE):
            yield tuple(key), (number, int(seconds))


def _sold(narrow: Narrow) -> Iterator[tuple[Key, tuple[int, ...]]]:
    rows = narrow(PartCohort.objects.all()).order_by().values_list(*SoldTally.KEYS)
    is_away = Q(paused_days__gt=0)
    summed = rows.annotate(
        n=Sum("parts"),
        u=Sum("units"),
        a=Sum("parts", filter=is_away, default=0),
        d=Sum(F("paused_days") * F("parts")),
    )
    length = len(SoldTally.KEYS)
    for row in summed.iterator(AT_ONCE):
        yield row[:length], tuple(map(int, row[length:]))


def _histories(narrow: Narrow, *where: str) -> Iterator[tuple[Key, tuple[int, ...]]]:
    """Each unit's claims by case, and each part's, as what they are alike in. A case counts once for a unit."""
    rows = narrow(ClaimFigures.objects.all()).filter(IS_FAILURE).order_by("unit", "pk")
    listed = rows.values_list(
        "unit", "product", "sold_in", "term_months",
        "covered_part", "part", "paused_days", "figures", "months_in_service", "claimed_in", *where,
    )  # fmt: skip
    alike: Counter[Key] = Counter()
    for _unit, claims in groupby(listed.iterator(AT_ONCE), key=lambda row: row[0]):
        units: dict[Key, dict[int, tuple[int, date]]] = {}
        parts: dict[Key, list[tuple[int, date]]] = {}
        for _of, product, sold_in, term, covered, part, paused, case, age, claimed, *there in claims:
            of_unit = units.setdefault((*there, product, None, sold_in, term, 0), {})
            of_unit[case] = min(of_unit.get(case, (age, claimed)), (age, claimed))
            parts.setdefault((covered, *there, product, part, sold_in, term, paused), []).append((age, claimed))
        alike.update((*key, written(cases.values())) for key, cases in units.items())
        alike.update((*key[1:], written(found)) for key, found in parts.items())
    for key, number in alike.items():
        yield key, (number,)


def _histories_by_country(narrow: Narrow) -> Iterator[tuple[Key, tuple[int, ...]]]:
    return _histories(narrow, "country")


def written(history: Iterable[tuple[int, date]]) -> str:
    return " ".join(f"{age}@{month:%Y-%m}" for age, month in sorted(history))


def read_history(told: str) -> tuple[tuple[int, date], ...]:
    return tuple(map(_read_claim, told.split()))


@lru_cache(maxsize=10_000)  # few months times few ages, told again and again
def _read_claim(told: str) -> tuple[int, date]:
    age, _at, month = told.partition("@")
    return int(age), date.fromisoformat(f"{month}-01")


TALLIES = Ledger("tallies", Tally, ("number",), _of_both)
FAILURES = Ledger("failures", FailureTally, ("number",), _failures)
COUNTRY_FAILURES = Ledger("failures by country", CountryFailureTally, ("number",), _failures_by_country)
RUNS = Ledger("runs", RunTally, ("number", "seconds"), _runs)
NARROWED_RUNS = Ledger(
    "narrowed runs", NarrowedRunTally, ("number", "seconds"), _narrowed_runs, comes_later=True,
    selected=_runs_of_filters,
)  # fmt: skip
SOLD = Ledger("sold", SoldTally, ("parts", "units", "paused_parts", "paused_days"), _sold)
HISTORIES = Ledger("histories", HistoryTally, ("number",), _histories)
COUNTRY_HISTORIES = Ledger("histories by country", CountryHistoryTally, ("number",), _histories_by_country)
OF_CLAIMS = (FAILURES, COUNTRY_FAILURES, RUNS, NARROWED_RUNS)
OF_UNITS = (HISTORIES, COUNTRY_HISTORIES)
LEDGERS = (TALLIES, *OF_CLAIMS, SOLD, *OF_UNITS)


@dataclass
class Ledgers:
    """What the flat rows of some cases come to in every ledger they are in."""

    sums: list[Sums] = field(default_factory=list)

    @classmethod
    def of_cases(cls, case_ids: Sequence[int], units: set[int]) -> Ledgers:
        """`units` are the sold units these cases are about, and were about before."""

        def narrow(rows: QuerySet[Any]) -> QuerySet[Any]:
            return rows.filter(**{"pk__in" if rows.model is CaseFigures else "figures__in": case_ids})

        def of_units(rows: QuerySet[Any]) -> QuerySet[Any]:
            return rows.filter(unit__in=units)

        of_claims = (ledger.of(narrow) for ledger in OF_CLAIMS)
        return cls([dict(_of_cases(narrow)), *of_claims, *(ledger.of(of_units) for ledger in OF_UNITS)])

    def write_difference(self, after: Ledgers) -> None:
        for ledger, before, now in zip((TALLIES, *OF_CLAIMS, *OF_UNITS), self.sums, after.sums, strict=True):
            ledger.write_difference(before, now)


def of_units(units: Iterable[int]) -> Sums:
    """What the pauses of these sold units come to."""
    wanted = list(units)
    return dict(_of_pauses(lambda rows: rows.filter(unit__in=wanted)))


def of_block(block: int) -> Sums:
    return SOLD.of(lambda rows: rows.filter(block=block))
