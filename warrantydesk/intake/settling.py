"""What a person does with a held or quarantined mail. Nothing is deleted; every item ends with somebody's name."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.evidence.storage import discard
from cases.models import Case, CaseEvent, Message
from cases.services._transition import record
from products.errors import Refused
from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.reading import ReadMail, Unreadable
from warrantydesk.intake.reading.bounded import read_bounded
from warrantydesk.intake.services import add_to_case, open_from_mail, store_attachments

HANDLE_MAIL = "intake.handle_mail"
Outcome = IncomingMail.Outcome


def make_case(incoming_id: int, *, actor: Actor, now: datetime) -> Case:
    """A held mail was a request after all: it opens a case, and its sender is told so."""
    actor.require(HANDLE_MAIL)
    mail = _read_held(incoming_id)
    if not mail.from_address:
        raise Refused(_("This mail has no address we could answer to: attach it to a case instead."), code="no_address")
    files = store_attachments(mail)
    try:
        with transaction.atomic():
            incoming = _locked(incoming_id)
            # What was sent by a robot is never answered, whoever decides that it is a request.
            case = open_from_mail(incoming, mail, files, now, acknowledge=mail.automatic is None)
            _settled(incoming, Outcome.CASE_OPENED, case, actor, now, message=case.messages.first())
    except Refused:
        discard(files)
        raise
    return case


def attach_to_case(incoming_id: int, case_id: int, *, actor: Actor, now: datetime) -> Case:
    """A held mail belongs to this case: it joins the conversation as the customer's word, with its files."""
    actor.require(HANDLE_MAIL)
    mail = _read_held(incoming_id)
    files = store_attachments(mail)
    try:
        with transaction.atomic():
            incoming = _locked(incoming_id)
            case = Case.objects.get(pk=case_id)
            message = add_to_case(incoming, mail, case, files, now)
            _settled(incoming, Outcome.REPLY_ADDED, case, actor, now, message=message)
    except Refused:
        discard(files)
        raise
    return case


def dismiss(incoming_id: int, *, why: str, actor: Actor, now: datetime) -> IncomingMail:
    """Not a request. The mail stays where it is, with who said so and why; `take_back` undoes it."""
    actor.require(HANDLE_MAIL)
    if not why.strip():
        raise Refused(_("Say in a word why this is not a request."), field="why", code="why")
    with transaction.atomic():
        incoming = _locked(incoming_id)
        incoming.settled_at = now
        _note(incoming, "dismissed", actor, now, why)
        incoming.save(update_fields=["settled_at", "details"])
    return incoming


def take_back(incoming_id: int, *, actor: Actor, now: datetime) -> IncomingMail:
    """A dismissed mail waits for a person again."""
    actor.require(HANDLE_MAIL)
    with transaction.atomic():
        incoming = IncomingMail.objects.select_for_update(of=("self",)).get(pk=incoming_id)
        if incoming.settled_at is None or incoming.outcome not in (Outcome.HELD, Outcome.QUARANTINED):
            raise Refused(_("This mail is not dismissed."), code="stale")
        incoming.settled_at = None
        _note(incoming, "taken_back", actor, now, "")
        incoming.save(update_fields=["settled_at", "details"])
    return incoming


def _read_held(incoming_id: int) -> ReadMail:
    incoming = IncomingMail.objects.get(pk=incoming_id)
    _refuse_settled(incoming)
    try:
        return read_bounded(raw_bytes(incoming))
    except (Unreadable, FileNotFoundError) as problem:
        raise Refused(
            _("This mail cannot be read (%(problem)s): it can only be dismissed.") % {"problem": problem},
            code="unreadable",
        ) from problem


def _locked(incoming_id: int) -> IncomingMail:
    incoming = IncomingMail.objects.select_for_update(of=("self",)).get(pk=incoming_id)
    _refuse_settled(incoming)
    return incoming


def _refuse_settled(incoming: IncomingMail) -> None:
    if incoming.outcome not in (Outcome.HELD, Outcome.QUARANTINED) or incoming.settled_at is not None:
        raise Refused(_("Somebody has dealt with this mail already."), code="stale")


def _settled(
    incoming: IncomingMail, outcome: str, case: Case, actor: Actor, now: datetime, *, message: Message | None
) -> None:
    was = incoming.outcome
    incoming.outcome, incoming.case, incoming.message, incoming.settled_at = outcome, case, message, now
    _note(incoming, outcome, actor, now, "")
    incoming.save(update_fields=["outcome", "case", "message", "settled_at", "details"])
    data = {"mail": incoming.pk, "was": was}
    record(case, CaseEvent.Kind.MAIL, "held_mail_settled", actor=actor, now=now, data=data)


def _note(incoming: IncomingMail, name: str, actor: Actor, now: datetime, why: str) -> None:
    by = actor.user.pk if actor.user else None
    said = {"name": name, "by": by, "at": now.isoformat(), "why": why.strip()}
    incoming.details = {**incoming.details, "history": [*incoming.details.get("history", []), said]}
