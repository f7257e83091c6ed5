"""Who else has a case open right now. Kept in the cache alone: a guess for courtesy, which no rule reads."""

from datetime import datetime, timedelta
from typing import Any

from warrantydesk.faces.remembering import recall, remember

FORGOTTEN_AFTER = timedelta(seconds=50)


def note_presence(case_id: int, user: Any, now: datetime) -> list[str]:
    """Note that this person looks at the case; the names of the others who do, in the order in which they came.

    Two who come at the very same moment may miss each other until they are noted again, half a minute later.
    """
    key = f"presence:{case_id}"
    since = (now - FORGOTTEN_AFTER).timestamp()
    here = {pk: seen for pk, seen in (recall(key) or {}).items() if seen[1] > since}
    others = [name for pk, (name, _seen) in here.items() if pk != user.pk]
    here[user.pk] = (str(user), now.timestamp())
    remember(key, here, FORGOTTEN_AFTER.total_seconds())
    return others
