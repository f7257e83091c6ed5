"""Plans that PostgreSQL keeps: a connection has what every page asks read and planned once, and answers from then on.

To plan such a statement takes PostgreSQL several times as long as to answer it. What is the same each time is written
into the statement itself, so that a plan made for any value of the rest can use an index on just those rows; whether
such a plan is as good as one made for the values at hand, PostgreSQL judges by its own estimates.

Only a line that leads to one server process all the time can rely on what was kept there: behind a pooler that lends
its lines by transaction nothing is kept, whatever the setting says (DATABASE_PREPARED).
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any
from weakref import WeakKeyDictionary

from django.db import NotSupportedError, connections

from products.sent_together import something_waits

PLACES = re.compile(r"(%%|%s)")
_leads_straight: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


class KeptStatement:
    """SQL as Django writes it with its parameters, of which those that `varies` says yes to differ each time."""

    def __init__(self, sql: str, params: Sequence[Any], varies: Callable[[Any], bool]) -> None:
        self._sql, self._params, self._varies = sql, params, varies

    @cached_property
    def sql(self) -> str:
        """With everything in it but the values that differ. Asked of where plans are kept only: psycopg quotes."""
        from psycopg import sql

        params = iter(self._params)

        def filled(place: re.Match[str]) -> str:
            if place[0] == "%%":
                return "%%"
            param = next(params)
            return "%s" if self._varies(param) else sql.Literal(_plain(param)).as_string().replace("%", "%%")

        return PLACES.sub(filled, self._sql)


def answer(
    db: str, sql: str, params: Sequence[Any], kept: "Callable[[], tuple[str, Sequence[Any]]] | None"
) -> list[tuple[Any, ...]]:
    """The rows of a statement. `kept` gives it as it stands where its plan is kept, and the values it is asked with."""
    connection = connections[db]
    with connection.cursor() as cursor:
        if kept is None or something_waits() or not _keeps_plans(connection):
            cursor.execute(sql, params)
            return cursor.fetchall()
        # Django's own wrapper counts, logs and translates errors as ever; only what it wraps sends values apart.
        cursor.cursor = _values_apart()(connection.connection)
        kept_sql, values = kept()
        _execute(connection, cursor, kept_sql, [_of_one_type(value) for value in values])
        return cursor.fetchall()


@cache
def _values_apart() -> Any:
    """psycopg's cursor that sends values apart, and tells what it asked like any other: Django asks in logs and tests,
    and psycopg has forgotten a statement whose plan was kept."""
    from psycopg import ClientCursor, Cursor

    class Told:
        def __init__(self, cursor: Any, sql: str, values: Any) -> None:
            self._line, self._sql, self._values = cursor.connection, sql, values

        @property
        def query(self) -> bytes:
            """With its values in it. Put together for whoever asks."""
            return ClientCursor(self._line).mogrify(self._sql, self._values).encode()

    class ValuesApart(Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
            answered = super().execute(query, params, **how)
            self._query = Told(self, query, params)  # type: ignore[assignment]
            return answered

    return ValuesApart


def _execute(connection: Any, cursor: Any, sql: str, values: Sequence[Any]) -> None:
    """After a migration has changed the type of a column, PostgreSQL refuses the plan it had made before."""
    try:
        cursor.execute(sql, values)
    except NotSupportedError:
        if connection.in_atomic_block:  # the transaction is lost; its end forgets every plan
            raise
        connection.connection.execute("DEALLOCATE ALL")  # psycopg forgets them, too
        cursor.execute(sql, values)


def _keeps_plans(connection: Any) -> bool:
    line = connection.connection
    if connection.vendor != "postgresql" or line.prepare_threshold is None:
        return False
    known = _leads_straight.get(line)
    if known is None:
        # A pooler makes up the number by which a client would cancel.
        with connection.wrap_database_errors:
            (process,) = line.execute("SELECT pg_backend_pid()").fetchone()
        known = _leads_straight[line] = process == line.info.backend_pid
    return known


def _of_one_type(value: Any) -> Any:
    """psycopg sends a number as the smallest type that holds it, and a plan is kept for types, too."""
    if isinstance(value, int):
        from psycopg.types.numeric import Int8

        return Int8(value)
    return value


def _plain(param: Any) -> Any:
    """The word that a choice of a model is."""
    return str(param) if isinstance(param, str) else param
