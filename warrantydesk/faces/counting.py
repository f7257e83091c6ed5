"""Many small counts in one query, each no dearer than a hundred rows: what the side of every page needs."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from products.kept_plans import answer
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
    sql, params = _each_counted(_first_rows(rows, using) for rows in counted)
    kept = [(rows.kept, rows.values) for rows in counted if isinstance(rows, Asked) and rows.kept]
    all_kept = len(kept) == len(counted)
    (counts,) = answer(
        using, sql, params, (lambda: _each_counted((one.sql, given) for one, given in kept)) if all_kept else None
    )
    return list(counts)


def _each_counted(counted: Iterable[tuple[str, Sequence[Any]]]) -> tuple[str, list[Any]]:
    """One row, with a column for each."""
    columns: list[str] = []
    params: list[Any] = []
    for sql, given in counted:
        # The SQL is Django's own for each of the querysets; every value that somebody gave travels as a parameter.
        columns.append(f"(SELECT COUNT(*) FROM ({sql}) some_rows)")  # noqa: S608 - SQL of Django's
        params.extend(given)
    return f"SELECT {', '.join(columns)}", params


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


def first_rows(rows: QuerySet[Any], *along: str) -> QuerySet[Any, Any]:
    """As many of them as are ever counted, found along the index for the order `along`, where one is named."""
    return rows.order_by(*along).values("pk")[:MOST]


def _first_rows(rows: QuerySet[Any] | Asked, using: str) -> tuple[str, Sequence[Any]]:
    if isinstance(rows, Asked):
        return rows.sql, rows.params
    try:
        sql, params = first_rows(rows).query.get_compiler(using).as_sql()
    except EmptyResultSet:
        return "SELECT 1 WHERE 1 = 0", ()
    return sql, params
