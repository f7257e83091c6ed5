"""Whether every mail that was kept has its bytes and an end."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from warrantydesk.intake.forgetting import FORGOTTEN
from warrantydesk.intake.keeping import FOLDER, raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.strays import without_row

READ_WITHIN = timedelta(hours=1)


def problems() -> Iterator[str]:
    """One sentence for each mail without its bytes, with other bytes, or that nobody has read for an hour."""
    overdue = timezone.now() - READ_WITHIN
    # What lost its words because its time was over says so, and misses nothing.
    kept = IncomingMail.objects.exclude(raw="", details__has_key=FORGOTTEN)
    for incoming in kept.order_by("pk").iterator(chunk_size=500):
        try:
            found = hashlib.sha256(raw_bytes(incoming)).hexdigest()
        except FileNotFoundError:
            yield f"mail {incoming.pk}: the message is missing ({incoming.raw.name})"
        else:
            if found != incoming.sha256:
                yield f"mail {incoming.pk}: the fingerprint differs ({incoming.raw.name})"
        if not incoming.outcome and incoming.kept_at < overdue:
            yield f"mail {incoming.pk}: stored an hour ago or more, and not read yet"
    yield from (f"{key}: a message without its row" for key in without_row(FOLDER, timezone.now()))
