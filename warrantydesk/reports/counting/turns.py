"""One counts at a time: the ledgers hold differences, and two that count the same would each write it."""

from django.db import connection

KEY = 0x7265706F  # "repo"


def take_turn() -> None:
    """Wait for a turn, which ends with the transaction. SQLite lets only one write anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEY])
