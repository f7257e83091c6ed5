"""What only one process may do at a time, where no single row could be locked for it: locks of PostgreSQL's own.

SQLite lets one transaction write at a time anyway (IMMEDIATE), so there every turn is free. `key` is any number that
all processes agree on, each purpose its own; the turn ends with the transaction.
"""

from django.db import connection


def wait_for_turn(key: int) -> None:
    """Go on once nobody else has this turn."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def try_turn(key: int) -> bool:
    """Whether the turn is ours now. False at once where somebody else has it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
        return bool(cursor.fetchone()[0])
