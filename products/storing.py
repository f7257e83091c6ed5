"""Rows stored and changed by statements written once in a process: what every mail does.

As `bulk_create` and `QuerySet.update` this calls no `save` of the model and sends no signals. Unlike them, `insert`
tells whether a row was stored that may be there already, without a savepoint around it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from django.db import connections, router
from django.db.models import Field, Model

from products.sent_together import send_later

MOST_AT_ONCE = 50  # rows in a statement: databases count its values


def insert(rows: Sequence[Model], *, unless_there: bool = False) -> bool:
    """Store these new rows of one model, and give them their keys, unless they were given them (`give_keys`).

    With `unless_there`, for a single row: False, and nothing stored, where a unique value of it is taken. It waits for
    a transaction that is about to take it.
    """
    stored = 0
    for start in range(0, len(rows), MOST_AT_ONCE):
        stored += _insert(rows[start : start + MOST_AT_ONCE], unless_there)
    return stored == len(rows)


def _insert(rows: Sequence[Model], unless_there: bool) -> int:
    model = type(rows[0])
    db = router.db_for_write(model)
    connection = connections[db]
    has_keys = rows[0].pk is not None
    sql, fields = _written(model, len(rows), db, unless_there, has_keys)
    values: list[Any] = []
    for row in rows:
        # What it belongs to may have got its key after the row was made; ValueError where it has none yet.
        cast("Any", row)._prepare_related_fields_for_save(operation_name="save")
        values += [field.get_db_prep_save(field.pre_save(row, True), connection=connection) for field in fields]
    if has_keys and not unless_there and send_later(sql, values, db):
        keys = [row.pk for row in rows]
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            keys = [key for (key,) in cursor.fetchall()]
    for row, key in zip(rows, keys, strict=not unless_there):
        row.pk = key
        row._state.adding, row._state.db = False, db
    return len(keys)


def update(model: type[Model], changes: Mapping[str, Any], **only: Any) -> int:
    """`model._base_manager.filter(**only).update(**changes)`, by fields of the table and values alone; how many rows.

    None among `only` fits nothing.
    """
    db = router.db_for_write(model)
    connection = connections[db]
    sql, fields = _written_update(model, tuple(changes), tuple(only), db)
    given = zip(fields, (*changes.values(), *only.values()), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(sql, [field.get_db_prep_save(_plain(value), connection=connection) for field, value in given])
        return int(cursor.rowcount)


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


@cache
def _written_update(
    model: type[Model], changes: tuple[str, ...], only: tuple[str, ...], db: str
) -> "tuple[str, list[Field[Any, Any]]]":
    quoted = connections[db].ops.quote_name
    known = {name: field for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    fields = [known[name] for name in (*changes, *only)]
    said = [f"{quoted(str(field.column))} = %s" for field in fields]
    set_to, where = ", ".join(said[: len(changes)]), " AND ".join(said[len(changes) :])
    return f"UPDATE {quoted(model._meta.db_table)} SET {set_to} WHERE {where}", fields  # noqa: S608 - names of models


@cache
def _written(
    model: type[Model], many: int, db: str, unless_there: bool, has_keys: bool
) -> "tuple[str, list[Field[Any, Any]]]":
    """The statement, and the fields whose values it takes: all, but the key where the database gives it."""
    quoted = connections[db].ops.quote_name
    fields = [field for field in model._meta.concrete_fields if has_keys or not field.primary_key]
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    conflict = " ON CONFLICT DO NOTHING" if unless_there else ""
    table, key = quoted(model._meta.db_table), quoted(str(model._meta.pk.column))
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * many)}{conflict} RETURNING {key}", fields  # noqa: S608 - as above
