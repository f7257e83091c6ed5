"""PostgreSQL does not compile the desk's statements: compiling one takes longer than running all but the longest.

It decides so by an estimate of the cost, which is too high where a statement looks at many spans of days one by one.
"""

from typing import Any


def leave_uncompiled(connection: Any, **_sent: Any) -> None:
    """For every new line to the database."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")
