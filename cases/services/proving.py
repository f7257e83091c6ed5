"""Evidence that comes later: by portal, by mail, or handed in to the staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from cases import notifications
from cases.actors import Actor
from cases.models import Evidence
from cases.services._evidence import keep_files, record_files
from cases.services._transition import allow, begin_review_if_complete, locked_case, save

if TYPE_CHECKING:
    from cases.evidence.storage import StoredFile


@transaction.atomic
def add_evidence(
    case_id: int, *, files: Sequence[StoredFile], message_id: int | None = None, actor: Actor, now: datetime
) -> list[Evidence]:
    """A row for each file, in their order; a file the case holds already is that row, and nothing changes.

    In any state, because an appeal begins with it. The review begins by itself if this made the request complete.
    """
    allow(actor, customer=True)
    case = locked_case(case_id)
    message = case.messages.get(pk=message_id) if message_id else None
    kept = keep_files(case, files, message, now)
    event = record_files(case, kept, actor=actor, now=now)
    if event is not None:
        save(case, now)
        notifications.notify(event)
        begin_review_if_complete(case, now)
    return kept.rows
