"""What a person decides about a mail the desk is unsure of, and what a bounce says about one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import OutgoingMail
from cases.outbox.timeline import note_mail
from cases.tasks import deliver_mail
from cases.waking import wake_for

Status = OutgoingMail.Status


@transaction.atomic
def send_again(mail_id: int, *, actor: Actor, now: datetime) -> OutgoingMail:
    """Queue a mail again that failed or may not have arrived. The Message-ID stays, so a mailbox can tell a twin."""
    mail = _held(mail_id, actor, (Status.FAILED, Status.UNCERTAIN))
    mail.status, mail.not_before, mail.claimed_at, mail.handed_over_at = Status.QUEUED, now, None, None
    mail.attempts = 0  # the days of trying begin anew: a person has put right what was wrong
    return _settled(mail, "sent_again", actor, now)


@transaction.atomic
def take_as_sent(mail_id: int, *, actor: Actor, now: datetime) -> OutgoingMail:
    """A person found out that an uncertain mail did arrive."""
    mail = _held(mail_id, actor, (Status.UNCERTAIN,))
    mail.status, mail.sent_at = Status.SENT, mail.handed_over_at or now
    return _settled(mail, "taken_as_sent", actor, now)


@transaction.atomic
def note_bounce(rfc_message_id: str, *, reason: str, now: datetime) -> OutgoingMail | None:
    """A mail of ours came back. The first bounce counts; None where the mail is not ours or came back before."""
    mail = OutgoingMail.objects.select_for_update().filter(rfc_message_id=rfc_message_id, bounced_at=None).first()
    if mail is None:
        return None
    mail.bounced_at, mail.bounce_reason = now, reason[:2000]
    mail.save(update_fields=["bounced_at", "bounce_reason"])
    note_mail(mail, "bounced", now, reason=mail.bounce_reason[:200])
    return mail


def _held(mail_id: int, actor: Actor, states: tuple[str, ...]) -> OutgoingMail:
    actor.require("cases.handle_case")
    mail = OutgoingMail.objects.select_for_update().get(pk=mail_id)
    if mail.status in states:
        return mail
    if mail.status in (Status.QUEUED, Status.SENDING, Status.SENT):
        raise Stale(_("This mail is already on its way."), code="mail_on_its_way")
    raise NotPossible(_("This mail was not sent, and cannot be sent any more."), code="mail_cancelled")


def _settled(mail: OutgoingMail, name: str, actor: Actor, now: datetime) -> OutgoingMail:
    mail.save(update_fields=["status", "not_before", "claimed_at", "handed_over_at", "attempts", "sent_at"])
    note_mail(mail, name, now, actor=actor)
    if mail.status == Status.QUEUED:
        wake_for(deliver_mail, mail.pk)
    return mail
