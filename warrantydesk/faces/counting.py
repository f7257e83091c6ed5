"""Many small counts in one query, each no dearer than a hundred rows: what the side of every page needs."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from products.written_once import Asked
from warrantydesk.faces.remembering import recall, remember

MOST = 100
REMEMBERED = 60  # seconds


def bounded_counts(counted: Sequence[QuerySet[Any] | Asked]) -> list[int]:
    """How many rows each of them holds; MOST where there are that many or more. One query, all on one database.

    What was written beforehand (`first_rows`) is taken as it is.
    """
    if not counted:
        return []
    using = counted[0].db
    columns: list[str] = []
    params: list[Any] = []
    for rows in counted:
        sql, given = _first_rows(rows, using)
        # The SQL is Django's own for each of the querysets; every value travels as a parameter.
        columns.append(f"(SELECT COUNT(*) FROM ({sql}) some_rows)")  # noqa: S608 - SQL of Django's
        params.extend(given)
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", params)
        return list(cursor.fetchone())


def remembered_counts(name: str, rows: Callable[[], Sequence[QuerySet[Any]]]) -> list[int]:
    """As `bounded_counts`, for what is dear to count and the same for everybody: it may be a minute old."""
    known = recall(f"counts:{name}")
    if isinstance(known, list):
        return known
    counts = bounded_counts(rows())
    remember(f"counts:{name}", counts, REMEMBERED)
    return counts


def count_in_words(count: int) -> str:
    """99+ where nobody counted on."""
    return f"{MOST - 1}+" if count >= MOST else str(count)


def first_rows(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """As many of them as are ever counted."""
    return rows.order_by().values("pk")[:MOST]


def _first_rows(rows: QuerySet[Any] | Asked, using: str) -> tuple[str, Sequence[Any]]:
    if isinstance(rows, Asked):
        return rows.sql, rows.params
    try:
        sql, params = first_rows(rows).query.get_compiler(using).as_sql()
    except EmptyResultSet:
        return "SELECT 1 WHERE 1 = 0", ()
    return sql, params
