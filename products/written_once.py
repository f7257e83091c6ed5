"""Small queries asked all the time, their SQL written once in a process: Django takes longer to write it than the
database to answer.

From one time to the next such a query differs in a few values only. It is written with stand-ins that no real value
equals, and whenever it is asked, the stand-ins among its parameters give way to the values of the moment.

psycopg, too, keeps what it has read of a query, if it is no longer than 4096 signs and has no more than 50 parameters:
one beyond that is read anew each time, which may take longer than anything else on the page.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError

from products.kept_plans import KeptStatement, answer

_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda number: -(10**15) - number,
    str: lambda number: f"stand-in\x1f{number}\x1f",
    dt.date: lambda number: dt.date(1111, 1, 1) + dt.timedelta(days=number),
    dt.datetime: lambda number: dt.datetime(1111, 11, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number),
}
MOST_SHAPES = 16  # lists of other lengths are written anew each time


@dataclass(frozen=True)
class Asked:
    """A query with its values, to be sent as it stands to the database `db`."""

    sql: str
    params: Sequence[Any]
    db: str
    queryset: QuerySet[Any, Any]
    compiler: Any
    converters: dict[int, Any]
    kept: KeptStatement | None = None
    values: Sequence[Any] = ()  # those of `params` that `kept` has places for
    make: Callable[[Sequence[Any]], Any] | None = None

    def rows(self) -> list[tuple[Any, ...]]:
        """Its rows, every value as the field it comes from reads it."""
        rows = self._answer()
        if not self.converters:
            return rows
        return [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]

    def _answer(self) -> list[tuple[Any, ...]]:
        kept = self.kept
        with_values = (lambda: (kept.sql, self.values)) if kept else None
        return answer(self.db, self.sql, self.params, with_values)

    def fetched(self) -> list[Any]:
        """What the queryset itself would give: model instances with what was selected with them, or its values."""
        connection, compiler = connections[self.db], copy(self.compiler)
        locks = self.queryset.query.select_for_update and connection.features.has_select_for_update
        if locks and connection.get_autocommit():
            raise TransactionManagementError("A row is locked until its transaction ends: there is none.")
        # Each thread has a connection of its own; all else a compiler knows is the same for every asking.
        compiler.connection = connection
        if self.make is None:
            return self._as_the_queryset(compiler)
        rows = self._answer()
        return [
            self.make(row) for row in (compiler.apply_converters(rows, self.converters) if self.converters else rows)
        ]

    def _as_the_queryset(self, compiler: Any) -> list[Any]:
        rows = self.queryset.all()
        compiler.get_converters = lambda *_args, **_kwargs: self.converters
        # What was selected for the order alone stands behind what was asked for.
        width = compiler.col_count if compiler.has_extra_select else None
        compiler.execute_sql = lambda *_args, **_kwargs: [
            [row[:width] for row in self._answer()] if width else self._answer()
        ]
        rows.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
        return list(rows)


def _maker(queryset: QuerySet[Any, Any], compiler: Any) -> Callable[[Sequence[Any]], Any] | None:
    """How a row of the answer becomes a model instance, as Django's own ModelIterable does it, which works this out
    anew for every asking. None where the queryset gives something else, or asks for more than its rows."""
    rows: Any = queryset
    if rows._iterable_class is not ModelIterable or rows._prefetch_related_lookups or rows._known_related_objects:
        return None
    of = compiler.klass_info
    beside = get_related_populators(of, compiler.select, queryset.db)  # type: ignore[call-arg]  # that of Django 6.1
    start, end = of["select_fields"][0], of["select_fields"][-1] + 1
    names = frozenset(column[0].target.attname for column in compiler.select[start:end])  # looked up for each column
    from_db, db = of["model"].from_db, queryset.db
    annotated = tuple((compiler.annotation_col_map or {}).items())

    def make(row: Sequence[Any]) -> Any:
        made = from_db(db, names, row[start:end])
        for one in beside:
            one.populate(row, made)
        for name, place in annotated:
            setattr(made, name, row[place])
        return made

    return make


class WrittenOnce:
    """`build`, called with `values`, makes the query; `values` names what varies, with its type, [type] for a list.

    What is given for a value must be of that type: the query is the same for all of them, so none may be None, no list
    empty, and nothing in a list twice. Of the look-ups in words, `exact`, `contains`, `startswith` and their like are
    known; `iexact` is not (it is a pattern in one database and none in the other).

    `keep_plan`: PostgreSQL plans it once as well (products/kept_plans.py). For what finds few rows by a key or an index
    of its own, whatever the values are: not where the best way depends on them.
    """

    def __init__(
        self, build: Callable[..., QuerySet[Any, Any]], *, keep_plan: bool = False, **values: type | list[type]
    ) -> None:
        self._build = build
        self._keep_plan = keep_plan
        self._values = values
        self._written: dict[tuple[int, ...], Asked] = {}

    def ask(self, **values: Any) -> Asked:
        shape = tuple(len(values[name]) for name, kind in self._values.items() if isinstance(kind, list))
        written = self._written.get(shape) or self._write(values, shape)
        adapted: dict[tuple[str, int], Any] = {}
        for name, value in values.items():
            many = value if isinstance(self._values[name], list) else [value]
            adapted |= {(name, place): _adapted(one, written.db) for place, one in enumerate(many)}
        params = [param.filled(adapted, written.db) if _varies(param) else param for param in written.params]
        given = [param for param, place in zip(params, written.params, strict=True) if _varies(place)]
        return replace(written, params=params, values=given)

    def _write(self, values: dict[str, Any], shape: tuple[int, ...]) -> Asked:
        """The query with places where its values go."""
        stand_ins: dict[tuple[str, int], Any] = {}
        given: dict[str, Any] = {}
        for name, kind in self._values.items():
            one = kind[0] if isinstance(kind, list) else kind
            many = range(len(values[name]) if isinstance(kind, list) else 1)
            mine = {(name, place): _STAND_INS[one](len(stand_ins) + place) for place in many}
            stand_ins |= mine
            given[name] = list(mine.values()) if isinstance(kind, list) else mine[name, 0]
        rows = self._build(**given)
        compiler = rows.query.get_compiler(rows.db)
        sql, params = compiler.as_sql()
        places = {_adapted(value, rows.db): of for of, value in stand_ins.items()}
        placed = [_placed(param, places) for param in params]
        converters = compiler.get_converters([one[0] for one in compiler.select])
        kept = KeptStatement(sql, placed, _varies) if self._keep_plan else None
        make = _maker(rows, compiler)
        written = Asked(sql, placed, rows.db, rows, compiler, converters, kept, make=make)
        if len(self._written) < MOST_SHAPES:
            self._written[shape] = written
        return written


@dataclass(frozen=True)
class _Place:
    """Where among the parameters a value goes: by itself, or as the words of a pattern for LIKE, between these.

    `of` is the name it was given by, and its place in a list.
    """

    of: tuple[str, int]
    pattern: tuple[str, str] | None = None

    def filled(self, values: dict[tuple[str, int], Any], db: str) -> Any:
        if self.pattern is None:
            return values[self.of]
        return connections[db].ops.prep_for_like_query(values[self.of]).join(self.pattern)


def _varies(param: Any) -> bool:
    return isinstance(param, _Place)


def _placed(param: Any, places: dict[Any, tuple[str, int]]) -> Any:
    if isinstance(param, int | str | dt.date) and param in places:
        return _Place(places[param])
    if isinstance(param, str):
        for stand_in, of in places.items():
            if isinstance(stand_in, str) and stand_in in param:
                before, _it, after = param.partition(stand_in)
                return _Place(of, (before, after))
    return param


def _adapted(value: Any, db: str) -> Any:
    operations = connections[db].ops
    if isinstance(value, dt.datetime):
        return operations.adapt_datetimefield_value(value)
    return operations.adapt_datefield_value(value) if isinstance(value, dt.date) else value
