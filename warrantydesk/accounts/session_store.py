"""Django's sessions in the database, read by a query that is written once: every page begins with it."""

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from products.written_once import WrittenOnce


class SessionStore(DatabaseSessions):
    """As Django's own; its name is the one Django looks for (SESSION_ENGINE)."""

    def _get_session_from_db(self) -> Session | None:
        """None where there is no such session any more: the next one gets another key."""
        key = self.session_key or ""
        found: list[Session] = _LIVING.ask(key=key, now=timezone.now()).fetched()
        if not found:
            self._session_key = None
            return None
        return found[0]


_LIVING = WrittenOnce(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), keep_plan=True, key=str, now=datetime
)
