"""`migrate`, which never makes a running desk wait: a lock it does not get within a moment is given up and tried again.

A statement that waits for a lock makes everybody queue up behind it who wants the same table, were it only to read.
"""

import time
from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections

LOCK_TIMEOUT = "3s"
TRIES, PAUSE = 10, 3  # seconds


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        for left in reversed(range(TRIES)):
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not left or getattr(error.__cause__, "sqlstate", "") != "55P03":
                    raise
                # Each migration is a transaction of its own: what is done is done, the rest is tried again.
                self.stderr.write(f"A table is in use, {left} tries are left: {error}")
                time.sleep(PAUSE)
            else:
                break
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = 0")
