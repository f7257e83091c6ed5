"""After a test that commits the database is again what `migrate` left, in milliseconds.

Django empties every table, looks whether each permission, role and reason is there, and writes them all again: seconds
on PostgreSQL, where each truncation waits for the disk, and more than most tests on SQLite. Here the state that
`migrate` left is kept once in each process and brought back: on SQLite as the pages of the file, on PostgreSQL as the
rows of the tables that had any.
"""

import sqlite3
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = "as_migrated"  # PostgreSQL: a schema beside the tables


def keep_as_migrated() -> None:
    """From now on, in this process, tests that commit bring back what is in the database now."""
    connection.ensure_connection()
    bring_back = _keep_rows() if connection.vendor == "postgresql" else _keep_pages()
    TransactionTestCase._fixture_teardown = lambda _self: bring_back()


def _keep_pages() -> Any:
    # A file, since a database in memory cannot be read in the journal mode of ours. It goes with the data folder.
    kept = sqlite3.connect(Path(settings.DATA_DIR) / f"{KEPT}.sqlite3", check_same_thread=False)
    connection.connection.backup(kept)

    def bring_back() -> None:
        connection.ensure_connection()
        kept.backup(connection.connection)

    return bring_back


def _keep_rows() -> Any:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        seeded = _full(cursor, tables)
        cursor.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE; CREATE SCHEMA {KEPT}")
        for table in seeded:
            cursor.execute(f'CREATE TABLE {KEPT}."{table}" AS TABLE "{table}"')

    def bring_back() -> None:
        # No order is needed: Django's foreign keys are looked at when the transaction ends.
        with transaction.atomic(), connection.cursor() as cursor:
            for table in _full(cursor, tables):
                cursor.execute(f'DELETE FROM "{table}"')
            for table in seeded:
                cursor.execute(f'INSERT INTO "{table}" SELECT * FROM {KEPT}."{table}"')

    return bring_back


def _full(cursor: Any, tables: list[str]) -> list[str]:
    """Those with rows in them."""
    any_row = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    cursor.execute(" UNION ALL ".join(any_row))
    return [table for (table,) in cursor.fetchall()]
