"""The lines a mail leaves in the timeline of its case."""

from datetime import datetime
from typing import Any

from cases.actors import Actor
from cases.models import CaseEvent, OutgoingMail


def note_mail(mail: OutgoingMail, name: str, now: datetime, *, actor: Actor | None = None, **details: Any) -> None:
    """Record that something happened to `mail`. A mail of no case has no timeline."""
    if mail.case_id is not None:
        data = {"mail": mail.kind, "mail_id": mail.pk, "to": mail.to_address, **details}
        note(mail.case_id, name, now, actor=actor, data=data)


def note(case_id: int, name: str, now: datetime, *, data: dict[str, Any], actor: Actor | None = None) -> CaseEvent:
    by = actor or Actor.system()
    return CaseEvent.objects.create(
        case_id=case_id, at=now, kind=CaseEvent.Kind.MAIL, name=name, actor_kind=by.kind, actor=by.user, data=data
    )
