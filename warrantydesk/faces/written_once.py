"""Small queries of every page, their SQL written once in a process: Django takes longer to write it than the database
to answer.

From page to page such a query differs in a few values only. It is written with stand-ins that no real value equals, and
whenever it is asked, the stand-ins among its parameters give way to the values of the moment.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import QuerySet

_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda number: -(10**15) - number,
    dt.date: lambda number: dt.date(1111, 1, 1) + dt.timedelta(days=number),
    dt.datetime: lambda number: dt.datetime(1111, 11, 1, 1, 1, number, tzinfo=dt.UTC),
}


@dataclass(frozen=True)
class Asked:
    """A query with its values, to be sent as it stands to the database `db`."""

    sql: str
    params: Sequence[Any]
    db: str

    def rows(self) -> list[tuple[Any, ...]]:
        with connections[self.db].cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return cursor.fetchall()


class WrittenOnce:
    """`build`, called with `values`, makes the query; `values` names what varies, with its type.

    What is given for a value must be of that type: the query is the same for all of them, so none may be None.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **values: type) -> None:
        self._build = build
        self._stand_ins = {name: _STAND_INS[kind](number) for number, (name, kind) in enumerate(values.items())}
        self._written: dict[str, tuple[str, list[Any]]] = {}

    def ask(self, **values: Any) -> Asked:
        if not self._written:
            rows = self._build(**self._stand_ins)
            self._written[rows.db] = self._write(rows)
        [(db, (sql, params))] = self._written.items()
        adapted = {name: _adapted(value, db) for name, value in values.items()}
        return Asked(sql, [adapted[param.name] if isinstance(param, _Place) else param for param in params], db)

    def _write(self, rows: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
        sql, params = rows.query.get_compiler(rows.db).as_sql()
        places = {_adapted(value, rows.db): _Place(name) for name, value in self._stand_ins.items()}
        return sql, [places.get(param, param) if isinstance(param, (int, str, dt.date)) else param for param in params]


@dataclass(frozen=True)
class _Place:
    """Where among the parameters a value goes."""

    name: str


def _adapted(value: Any, db: str) -> Any:
    operations = connections[db].ops
    if isinstance(value, dt.datetime):
        return operations.adapt_datetimefield_value(value)
    return operations.adapt_datefield_value(value) if isinstance(value, dt.date) else value
