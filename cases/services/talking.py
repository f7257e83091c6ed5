"""The conversation of a case, and who looks after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, CaseEvent, Evidence, Message
from cases.services._evidence import keep_files, record_files
from cases.services._owner import open_while_away
from cases.services._transition import allow, begin_review_if_complete, locked_case, tell
from cases.services.assigning import assign
from products.storing import insert

if TYPE_CHECKING:
    from cases.evidence.storage import StoredFile

__all__ = ["add_note", "assign", "receive_message", "write_to_customer"]

# The same words from the same person this soon are one form sent twice.
DOUBLE_WITHIN = timedelta(minutes=1)


@transaction.atomic
def write_to_customer(case_id: int, *, text: str, enclosed: Sequence[int] = (), actor: Actor, now: datetime) -> Message:
    """Write to the customer; the mail leaves by the outbox. `enclosed` are files of the case to show them with it."""
    return _write(case_id, Message.Direction.OUT, "written", text, actor, now, enclosed)


@transaction.atomic
def add_note(case_id: int, *, text: str, actor: Actor, now: datetime) -> Message:
    """Write a note among ourselves, which no customer ever sees."""
    return _write(case_id, Message.Direction.NOTE, "noted", text, actor, now)


@transaction.atomic
def receive_message(
    case_id: int,
    *,
    text: str,
    sender_name: str = "",
    sender_address: str = "",
    subject: str = "",
    files: Sequence[StoredFile] = (),
    evidence: Sequence[int] = (),
    in_reply_to: str = "",
    actor: Actor,
    now: datetime,
) -> Message:
    """Keep what the customer wrote, with its files, in whatever state the case is; nothing said is ever refused.

    `evidence` are ids of files that came before it and belong to it. `in_reply_to` is the Message-ID of a mail; without
    one, the same words within a minute are one form sent twice.
    The review begins by itself if this was what was missing. It waits for whoever looks after the case, and for
    everybody while that person is away.
    """
    allow(actor, customer=True)
    case = locked_case(case_id, beside=("customer",))
    if not in_reply_to and not files and not evidence:
        _refuse_double(case, Message.Direction.IN, text.strip(), actor, now)
    message = Message(
        case=case,
        direction=Message.Direction.IN,
        sender_name=sender_name.strip()[:200],
        sender_address=sender_address.strip()[:254],
        subject=subject.strip()[:250],
        text=text.strip(),
        at=now,
    )
    insert([message])
    if evidence:
        case.evidence.filter(pk__in=evidence, message=None).update(message=message)
    kept = keep_files(case, files, message, now)  # before the event: its mail names the files we could not keep
    data, known = {"message": message.pk}, {"evidence": kept.new}
    received = CaseEvent.Kind.MESSAGE, "received"
    tell(case, *received, actor=actor, now=now, data=data, in_reply_to=in_reply_to, known=known)
    record_files(case, kept, actor=actor, now=now)
    open_while_away(case, now)
    begin_review_if_complete(case, now)
    return message


def _write(
    case_id: int,
    direction: Message.Direction,
    name: str,
    text: str,
    actor: Actor,
    now: datetime,
    enclosed: Sequence[int] = (),
) -> Message:
    allow(actor)
    words = text.strip()
    if not words:
        raise NotPossible(_("Write something first."), field="text", code="empty")
    case = locked_case(case_id)
    _refuse_double(case, direction, words, actor, now)
    shown = _showable(case, enclosed)
    message = Message.objects.create(
        case=case,
        direction=direction,
        author=actor.user,
        automatic=actor.kind == "system",
        text=words,
        at=now,
    )
    message.enclosures.set(shown)  # before the event: its mail names them
    tell(case, CaseEvent.Kind.MESSAGE, name, actor=actor, now=now, data={"message": message.pk})
    return message


def _showable(case: Case, evidence_ids: Sequence[int]) -> list[Evidence]:
    """These files of the case; NotPossible where one of them cannot be shown to the customer (yet)."""
    wanted = set(evidence_ids)
    ready = case.evidence.filter(pk__in=wanted, status=Evidence.Status.READY)
    files = [file for file in ready if file.may_go_to_customer]
    if len(files) < len(wanted):
        message = _("One of these files cannot be sent: it is not ready yet, or was not kept.")
        raise NotPossible(message, field="enclosed", code="enclosed")
    return files


def _refuse_double(case: Case, direction: Message.Direction, text: str, actor: Actor, now: datetime) -> None:
    latest = case.messages.filter(direction=direction).order_by("id").last()
    if latest is None or latest.text != text or latest.author_id != (actor.user.pk if actor.user else None):
        return
    if now - DOUBLE_WITHIN <= latest.at <= now:
        raise Stale(_("We have this message already."), field="text", code="twice")
