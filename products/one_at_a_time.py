"""What only one process may do at a time, where no single row could be locked for it: locks of PostgreSQL's own.

SQLite lets one transaction write at a time anyway (IMMEDIATE), so there every turn is free. `key` is any number that
all processes agree on, each purpose its own; the turn ends with the transaction.
"""

from django.db import connection


def wait_for_turn(key: int) -> None:
    """Go on once nobody else has this turn."""
    if waiting := waiting_for_turn(key):
        with connection.cursor() as cursor:
            cursor.execute(waiting)


def waiting_for_turn(key: int) -> str:
    """The same as SQL, for whoever sends it in one message with what the turn is for: a statement of its own, which
    gives one row; "" where every turn is free. What follows it sees all that was committed before its turn began."""
    return f"SELECT pg_advisory_xact_lock({key:d});" if connection.vendor == "postgresql" else ""


def try_turn(key: int) -> bool:
    """Whether the turn is ours now. False at once where somebody else has it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
        return bool(cursor.fetchone()[0])
