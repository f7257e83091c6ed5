"""Taking a message out of a conversation it never belonged to. Its words stay, as a note that no customer sees."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.evidence.storage import delete_once_committed, stored_keys
from cases.models import CaseEvent, ClaimedPart, Message
from cases.services._transition import allow, locked_case, tell


@transaction.atomic
def take_out_message(message_id: int, *, why: str, actor: Actor, now: datetime) -> Message:
    """Make what came from a customer a note among ourselves, and take the files it brought out of the evidence.

    Refused once a part was decided with its files before the reviewer's eyes: what was known at a decision stays.
    Stale where it is no message of the customer's (any more).
    """
    allow(actor)
    case = locked_case(Message.objects.values_list("case_id", flat=True).get(pk=message_id))
    message = Message.objects.get(pk=message_id)
    if message.direction != Message.Direction.IN:
        raise Stale(_("This message is taken out already."), code="unchanged")
    files = list(message.evidence.all())
    if files and _decided_since(message):
        raise NotPossible(
            _("A part was decided since, with the files of this mail among the evidence: they have to stay."),
            code="decided",
        )
    message.direction = Message.Direction.NOTE
    message.save(update_fields=["direction"])
    keys = [key for file in files for key in stored_keys(file)]
    data = {"message": message.pk, "files": [file.pk for file in files]}
    message.evidence.all().delete()
    tell(case, CaseEvent.Kind.MESSAGE, "taken_out", actor=actor, now=now, why=why, data=data)
    delete_once_committed(keys)
    return message


def _decided_since(message: Message) -> bool:
    decided = ClaimedPart.objects.filter(case=message.case_id, decided_at__gte=message.at)
    return decided.exclude(verdict=ClaimedPart.Verdict.UNDECIDED).exists()
