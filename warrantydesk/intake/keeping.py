"""Raw first: the bytes of a mail become a file and a row before anything looks into them."""

import hashlib
import secrets
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F

from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.reading import identify

FOLDER = "mail"


def keep_mail(raw: bytes, *, source: str, now: datetime) -> tuple[IncomingMail, bool]:
    """The row of this message, and whether it is new. The same message again is counted, and kept only once.

    `received_at` is now: when our server has it, whatever the sender's Date says.
    """
    identity = identify(raw)
    known = _seen_again(identity.key)
    if known is not None:
        return known, False
    # The file is written before the row: a row without its bytes would be a promise nobody can keep.
    key = default_storage.save(f"{FOLDER}/{now:%Y/%m}/{secrets.token_urlsafe(18)}.eml", ContentFile(raw))
    row = IncomingMail(
        identity=identity.key,
        sha256=hashlib.sha256(raw).hexdigest(),
        raw=key,
        size=len(raw),
        source=source[:250],
        received_at=now,
        rfc_message_id=identity.message_id,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Another reader kept the same message a moment ago: ours is the copy.
        default_storage.delete(key)
        known = _seen_again(identity.key)
        if known is None:
            raise
        return known, False
    return row, True


def raw_bytes(row: IncomingMail) -> bytes:
    """The message as it was received. FileNotFoundError where the storage has lost it."""
    with row.raw.open("rb") as file:
        content: bytes = file.read()
    return content


def _seen_again(identity: str) -> IncomingMail | None:
    if not IncomingMail.objects.filter(identity=identity).update(times_seen=F("times_seen") + 1):
        return None
    return IncomingMail.objects.get(identity=identity)
