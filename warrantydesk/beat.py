"""Beat, of which any number may run: the one that holds the lock acts, the others wait to take its place.

On PostgreSQL the lock is the database's own (an advisory one, of the session), elsewhere that of a file in DATA_DIR.
Either is let go by whoever dies, so another beat takes over within WAIT seconds. The database must be reached without a
pooler that shares sessions: its lock is the session's.
"""

import fcntl
import logging
import os
from typing import Any

from celery.beat import PersistentScheduler
from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)
KEY = 0x57444254  # "WDBT"
WAIT = 5  # seconds between two tries of a beat that waits


class Lock:
    """Held by one process at a time. `line` is the database connection it hangs on, which nobody else may close."""

    def __init__(self, line: Any = connection) -> None:
        self.line = line
        self._file: int | None = None
        self._session: Any = None  # the psycopg connection that has it

    def is_ours(self) -> bool:
        """Whether we have it, taking it where it is free. False while the database cannot be asked."""
        if self.line.vendor != "postgresql":
            return self._has_file()
        try:
            return self._has_session()
        except DatabaseError as error:
            logger.warning("beat cannot ask the database whether it may act: %s", error)
            self._session = None
            self.line.close()
            return False

    def _has_session(self) -> bool:
        with self.line.cursor() as cursor:
            if self._session is not None and self._session is self.line.connection:
                cursor.execute("SELECT 1")  # the session lives, and with it the lock
                return True
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
            taken = bool(cursor.fetchone()[0])
            self._session = self.line.connection if taken else None
            return taken

    def _has_file(self) -> bool:
        if self._file is None:
            file = os.open(settings.DATA_DIR / "beat.lock", os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(file)
                return False
            self._file = file
        return True

    def give_back(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._session is not None:
            self._session = None
            with self.line.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [KEY])


class OneBeat(PersistentScheduler):
    """Celery's scheduler, which sends nothing while another beat has the lock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.lock = Lock()
        self.acts = False
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        acted, self.acts = self.acts, self.lock.is_ours()
        if self.acts != acted:
            logger.warning("this beat %s", "acts" if self.acts else "waits: another one acts, or the database is away")
            if self.acts:  # seen to be alive at once, and not after the first interval
                self.apply_entry(self.schedule["heartbeat"])
        if not self.acts:
            self.sync()  # its schedule is seen to be written: the beat lives
            return WAIT
        return float(super().tick(*args, **kwargs))
