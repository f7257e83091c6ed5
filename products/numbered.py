"""Which rows carry a number: one question for all the numbers of a request, answered from the indexes of folds."""

from collections.abc import Collection

from django.db import connection

# (what it is: "invoice", "unit" or "part"; its key; the number as it is stored)
Numbered = tuple[str, int, str]

# By hand, because Django needs longer to put this union together than the database to answer it, and every mail asks.
# Each `NOT (… = '')` repeats the condition of a partial index, or the database would not use it.
_UNITS = """
SELECT * FROM (
    SELECT 'unit', id, serial FROM "products_soldunit" WHERE serial_fold IN (FOLDS) LIMIT %s
) AS units"""
_PARTS = """
SELECT * FROM (
    SELECT 'part', id, serial FROM "products_coveredpart"
    WHERE serial_fold IN (FOLDS) AND NOT (serial_fold = '') LIMIT %s
) AS parts"""
_EARLIER = """
SELECT * FROM (
    SELECT 'part', part_id, old_serial FROM "products_serialchange"
    WHERE old_serial_fold IN (FOLDS) AND NOT (old_serial_fold = '') LIMIT %s
) AS earlier"""
_INVOICES = """
SELECT * FROM (
    SELECT 'invoice', id, number FROM "products_invoice" WHERE number_fold IN (FOLDS) ORDER BY id LIMIT %s
) AS invoices"""


def numbered(*, serials: Collection[str] = (), invoices: Collection[str] = (), most: int) -> list[Numbered]:
    """Everything sold that carries or carried a serial with one of these folds, and the invoices with one of those.

    At most `most` rows of a table. One query, and none where nothing is asked.
    """
    arms: list[str] = []
    given: list[str | int] = []
    for folds, tables in ((serials, (_UNITS, _PARTS, _EARLIER)), (invoices, (_INVOICES,))):
        for table in tables if folds else ():
            arms.append(table.replace("FOLDS", ", ".join(["%s"] * len(folds))))
            given += [*folds, most]
    if not arms:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(arms), given)
        return sorted(cursor.fetchall())
