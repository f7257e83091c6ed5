"""Statements that wait for no answer of their own are sent with the next one that does: each message to the database
costs both ends more than a small statement in it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, cast

from django.db import connection, router
from django.db.models import Model

Statement = tuple[str, Sequence[Any]]
_waiting: ContextVar[list[Statement] | None] = ContextVar("waiting", default=None)


@contextmanager
def sent_together() -> Iterator[None]:
    """Within this, rows that were given their keys (`give_keys`) are stored with whatever the database is asked next,
    and before it; all of them are stored when it ends. Call it in a transaction, which an exception undoes. On SQLite,
    where several statements make no message, each is sent by itself."""
    if connection.vendor != "postgresql" or _waiting.get() is not None:
        yield
        return
    waiting: list[Statement] = []
    outer = _waiting.set(waiting)
    try:
        with connection.execute_wrapper(_after(waiting)):
            yield
            if waiting:
                with connection.cursor() as cursor:
                    cursor.execute(*waiting.pop())
    finally:
        _waiting.reset(outer)


def something_waits() -> bool:
    """Whether the next statement takes others with it, so that it has to be sent with its values in it."""
    return bool(_waiting.get())


def send_later(sql: str, values: Sequence[Any], db: str) -> bool:
    """Whether this statement goes with the next one to be sent; False where it has to be sent now."""
    waiting = _waiting.get()
    if waiting is None or db != connection.alias:
        return False
    waiting.append((sql, values))
    return True


def give_keys(rows: Sequence[Model]) -> None:
    """Give these new rows, in their order, the keys they will be stored with, so that nothing has to wait until they
    are. In one statement within `sent_together`; elsewhere they get them as they are stored, as ever."""
    models = tuple(type(row) for row in rows)
    if _waiting.get() is None or any(router.db_for_write(model) != connection.alias for model in models):
        return
    with connection.cursor() as cursor:
        cursor.execute(_next_keys(models))
        keys = cast("tuple[int, ...]", cursor.fetchone())
    for row, key in zip(rows, keys, strict=True):
        row.pk = key


@cache
def _next_keys(models: tuple[type[Model], ...]) -> str:
    quoted = connection.ops.quote_name
    sequences = (f"pg_get_serial_sequence('{quoted(one._meta.db_table)}', '{one._meta.pk.column}')" for one in models)
    return f"SELECT {', '.join(f'nextval({one})' for one in sequences)}"


def _after(waiting: list[Statement]) -> Callable[..., Any]:
    """Sends what waits before the statement that is sent, in one message; its answer is that of the statement."""

    def send(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not waiting or many:
            return execute(sql, params, many, context)
        cursor = context["cursor"]
        before = [cursor.mogrify(*one) for one in waiting]
        waiting.clear()
        answer = execute("; ".join([*before, cursor.mogrify(sql, params) if params else sql]), None, many, context)
        for _statement in before:
            cursor.nextset()
        return answer

    return send
