"""Raw first: the bytes of a mail become a file and a row before anything looks into them."""

import hashlib
import secrets
from datetime import UTC, datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from products.storing import insert
from products.written_once import WrittenOnce
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.reading import Identity, identify

FOLDER = "mail"
# A mail server that does not know the day gives the first of its calendar: 1970, or 1980.
FIRST_BELIEVED = datetime(2000, 1, 1, tzinfo=UTC)


def keep_mail(
    raw: bytes,
    *,
    source: str,
    now: datetime,
    received_at: datetime | None = None,
    whole_size: int | None = None,
    claim: bool = False,
) -> tuple[IncomingMail, bool]:
    """The row of this message, and whether it is new. The same message again is counted, and kept only once.

    `received_at` is when our mail server received it (now, where nobody knows), whatever the sender's Date says.
    `whole_size` is given where `raw` is only the beginning of a message too large to be kept: a person must see it.
    With `claim` a new row is the caller's to read, and for as long as a claim lasts nobody else's.
    """
    identity = identify(raw)
    known = _seen_again(identity.key)
    if known is not None:
        return known, False
    # The file is written before the row: a row without its bytes would be a promise nobody can keep.
    key = default_storage.save(f"{FOLDER}/{now:%Y/%m}/{secrets.token_urlsafe(18)}.eml", ContentFile(raw))
    row = _row(key, raw, identity, source=source, received_at=believed(received_at, now), now=now)
    if whole_size is not None:
        row.size = whole_size
    if claim:
        row.claimed_at, row.failures = now, 1
    if insert([row], unless_there=True):
        return row, True
    # Another reader kept the same message a moment ago: ours is the copy.
    default_storage.delete(key)
    known = _seen_again(identity.key)
    if known is None:
        raise RuntimeError("The identity of a mail is taken, and no row has it.")
    return known, False


def adopt_file(key: str, raw: bytes, *, reason: str, received_at: datetime, now: datetime) -> IncomingMail:
    """The row of a stored message that has none: held for a person, who sees where it comes from."""
    row = _row(key, raw, identify(raw), source=key, received_at=believed(received_at, now), now=now)
    row.outcome, row.reason, row.read_at = IncomingMail.Outcome.HELD, reason, now
    row.save(force_insert=True)
    return row


def _row(
    key: str, raw: bytes, identity: Identity, *, source: str, received_at: datetime, now: datetime
) -> IncomingMail:
    return IncomingMail(
        identity=identity.key,
        sha256=hashlib.sha256(raw).hexdigest(),
        raw=key,
        size=len(raw),
        source=source[:250],
        received_at=received_at,
        kept_at=now,
        rfc_message_id=identity.message_id,
    )


def believed(received_at: datetime | None, now: datetime) -> datetime:
    """When the mail server says it received a message; now, where that cannot be: in the future, or no day at all."""
    if received_at is None or received_at > now or received_at < FIRST_BELIEVED:
        return now
    return received_at


def raw_bytes(row: IncomingMail) -> bytes:
    """The message as it was received. FileNotFoundError where the storage has lost it, or its time was over."""
    if not row.raw:
        raise FileNotFoundError(_("It is kept no longer."))
    with row.raw.open("rb") as file:
        content: bytes = file.read()
    return content


def _seen_again(identity: str) -> IncomingMail | None:
    # Nearly every mail is new: asking costs less than counting what is not there.
    if not _KNOWN.ask(identity=identity).rows():
        return None
    IncomingMail.objects.filter(identity=identity).update(times_seen=F("times_seen") + 1)
    return IncomingMail.objects.get(identity=identity)


def _known(identity: str) -> QuerySet[IncomingMail, int]:
    return IncomingMail.objects.filter(identity=identity).order_by().values_list("pk", flat=True)


_KNOWN = WrittenOnce(_known, identity=str)
