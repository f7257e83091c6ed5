"""What a person does with a mail that was held, could not be read, or came from a machine. Each can be undone
(undoing.py); nothing is deleted, and every item ends with somebody's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.evidence.storage import discard
from cases.models import Case, CaseEvent, Message
from cases.services._transition import record
from products.auditing import by_person, put_on_record
from products.errors import Refused
from warrantydesk.intake.held import waits
from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.patterns import read_as_configured
from warrantydesk.intake.reading import ReadMail, Unreadable
from warrantydesk.intake.services import add_to_case, open_from_mail, store_attachments

HANDLE_MAIL = "intake.handle_mail"
MOST_AT_ONCE = 200
Outcome = IncomingMail.Outcome


@dataclass(frozen=True)
class Dismissed:
    """How many mails were put away together, and how many somebody had dealt with before."""

    done: int
    stale: int


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
            case, message = open_from_mail(incoming, mail, files, now, acknowledge=mail.automatic is None)
            _settled(incoming, Outcome.CASE_OPENED, case, actor, now, message=message)
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
    """Not a request. The mail stays where it is, with who said so and why."""
    actor.require(HANDLE_MAIL)
    if not why.strip():
        raise Refused(_("Say in a word why this is not a request."), field="why", code="why")
    with transaction.atomic():
        incoming = _locked(incoming_id)
        incoming.settled_at = now
        note_done(incoming, "dismissed", actor, now, why)
        incoming.save(update_fields=["settled_at", "details"])
        put_on_record("mail.dismissed", "mail", incoming.pk, **by_person(actor.user))
    return incoming


def dismiss_many(incoming_ids: Sequence[int], *, why: str, actor: Actor, now: datetime) -> Dismissed:
    """Each of them is not a request, for the same reason. What somebody dealt with before is left as it is."""
    actor.require(HANDLE_MAIL)
    if not incoming_ids:
        raise Refused(_("Tick the mails first."), field="mail", code="none")
    if len(incoming_ids) > MOST_AT_ONCE:
        raise Refused(_("At most %(most)d mails at once.") % {"most": MOST_AT_ONCE}, field="mail", code="too_many")
    done = stale = 0
    for incoming_id in sorted(set(incoming_ids)):
        try:
            dismiss(incoming_id, why=why, actor=actor, now=now)
            done += 1
        except IncomingMail.DoesNotExist:
            stale += 1
        except Refused as refused:
            if refused.code != "stale":
                raise
            stale += 1
    return Dismissed(done, stale)


def note_done(
    incoming: IncomingMail, name: str, actor: Actor, now: datetime, why: str, *, case: Case | None = None
) -> None:
    """One more line in the history of a mail, with how it stood before, which is what undoing goes back to."""
    said = {
        "name": name,
        "by": actor.user.pk if actor.user else None,
        "at": now.isoformat(),
        "why": why.strip(),
        "case": case.reference if case else "",
        "was": {"outcome": incoming.outcome, "case": incoming.case_id},
    }
    incoming.details = {**incoming.details, "history": [*incoming.details.get("history", []), said]}


def _read_held(incoming_id: int) -> ReadMail:
    incoming = IncomingMail.objects.get(pk=incoming_id)
    _refuse_settled(incoming)
    try:
        return read_as_configured(raw_bytes(incoming))
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
    if not waits(incoming):
        raise Refused(_("Somebody has dealt with this mail already."), code="stale")


def _settled(
    incoming: IncomingMail, outcome: str, case: Case, actor: Actor, now: datetime, *, message: Message | None
) -> None:
    was = incoming.outcome
    note_done(incoming, outcome, actor, now, "", case=case)
    incoming.outcome, incoming.case, incoming.message, incoming.settled_at = outcome, case, message, now
    incoming.save(update_fields=["outcome", "case", "message", "settled_at", "details"])
    data = {"mail": incoming.pk, "was": was}
    record(case, CaseEvent.Kind.MAIL, "held_mail_settled", actor=actor, now=now, data=data)
