"""Stored messages without a row: a reader was killed between the two, or the database is older than its files.

The first kind is still where it came from, and is fetched again. The second kind may exist nowhere else: so none is
thrown away unless the same message, or the whole of a half-written one, is known under a row of its own.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import default_storage

from cases.evidence.orphans import keys_under
from warrantydesk.intake.keeping import FOLDER, adopt_file, raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.reading import identify

log = logging.getLogger(__name__)

LEFT_ALONE = timedelta(days=1)  # its writer may still be at it, or its sender about to send it again
WHY = "Found in the storage without its row: a reader was killed, or the database is older than its files."


def settle_strays(now: datetime) -> int:
    """Deal with the strays of this month and the last: copies are removed, all others are held. How many were held."""
    months = {f"{month:%Y/%m}" for month in (now, now.replace(day=1) - timedelta(days=1))}
    return sum(_settle(key, now) for month in sorted(months) for key in without_row(f"{FOLDER}/{month}", now))


def without_row(folder: str, now: datetime) -> Iterator[str]:
    """Keys under `folder` that no mail is stored at and that are older than a day: until then its sender, who was told
    nothing, may send it again."""
    known = set(IncomingMail.objects.filter(raw__startswith=f"{folder}/").values_list("raw", flat=True))
    for key in keys_under(folder):
        if key not in known and default_storage.get_modified_time(key) < now - LEFT_ALONE:
            yield key


def _settle(key: str, now: datetime) -> bool:
    """Whether the message is held now."""
    with default_storage.open(key) as file:
        raw: bytes = file.read()
    identity = identify(raw)
    if _is_known(raw, identity.key, identity.message_id):
        log.warning("%s is a copy of a message that is known: removed", key)
        default_storage.delete(key)
        return False
    adopt_file(key, raw, reason=WHY, received_at=default_storage.get_modified_time(key), now=now)
    log.warning("%s had no row: it is held for a person", key)
    return True


def _is_known(raw: bytes, identity: str, message_id: str) -> bool:
    """The same message, or the beginning of one (a writer killed half-way) that was stored whole later."""
    if not raw or IncomingMail.objects.filter(identity=identity).exists():
        return True
    alike = IncomingMail.objects.filter(rfc_message_id=message_id) if message_id else IncomingMail.objects.none()
    return any(raw_bytes(row).startswith(raw) for row in alike[:20])
