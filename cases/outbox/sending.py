"""Sending what is due. A row goes queued → sending → sent, and no SMTP ever happens inside a transaction.

`handed_over_at` is written just before the mail is handed to the backend. A sender that dies earlier has sent nothing;
one that dies later may have, and nobody can tell: such a mail is `uncertain` and waits for a person, unless the backend
can prove what happened (`has_mail`).
"""

import logging
import smtplib
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, QuerySet

from cases.links import forget_links
from cases.models import OutgoingMail
from cases.outbox.envelope import sealed
from cases.outbox.timeline import note_mail

logger = logging.getLogger(__name__)
Status = OutgoingMail.Status

STALE_AFTER = timedelta(seconds=settings.CLAIM_SECONDS)
WAITS_IN_MINUTES = (1, 5, 15, 30, 60, 120, 240)
MAILS_A_LINE = 25  # servers count the mails of one connection, and are rude when it is too many
MOST_ATTEMPTS = 36  # the last wait repeated: five days in all, as long as mail servers try (RFC 5321, 4.5.4.1)


class Unreachable(Exception):  # noqa: N818 - it is a state of the server, not an error of ours
    """The mail server could not be reached: no use in trying the next mail now."""


def send_due(now: datetime, limit: int = 50) -> int:
    """Send up to `limit` mails that are due; how many were sent. Stops early where the mail server is unreachable."""
    started, sent, backend = time.monotonic(), 0, get_connection()
    try:
        for number in range(1, limit + 1):
            # A slow server makes the loop long: each claim is dated when it is made, or it would look abandoned.
            moment = now + timedelta(seconds=time.monotonic() - started)
            mail = _claim_next(moment)
            if mail is None:
                break
            sent += _deliver(mail, backend, moment) == Status.SENT
            if number % MAILS_A_LINE == 0:
                _close(backend)
    except Unreachable:
        pass
    finally:
        _close(backend)
    return sent


def send_one(mail_id: int, now: datetime) -> str | None:
    """Send this mail if it is due and nobody else is at it. Its status afterwards; None where nothing was to do."""
    mail = _claim(mail_id, now)
    if mail is None:
        return None
    backend = get_connection()
    try:
        return _deliver(mail, backend, now)
    except Unreachable:
        return Status.QUEUED
    finally:
        _close(backend)


def sweep_unfinished(now: datetime) -> int:
    """Settle the mails whose sender died half-way; how many."""
    stale = OutgoingMail.objects.filter(status=Status.SENDING, claimed_at__lt=now - STALE_AFTER).order_by("pk")
    return sum(_settle_abandoned(mail, now) for mail in stale.select_related("case"))


def _claim_next(now: datetime) -> OutgoingMail | None:
    with transaction.atomic():
        due = OutgoingMail.objects.filter(status=Status.QUEUED, not_before__lte=now).order_by("not_before", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        first = due.values_list("pk", flat=True).first()
        return None if first is None else _claim(first, now)


def _claim(mail_id: int, now: datetime) -> OutgoingMail | None:
    """Compare and swap: of any number of senders exactly one gets the mail."""
    taken = OutgoingMail.objects.filter(pk=mail_id, status=Status.QUEUED, not_before__lte=now).update(
        status=Status.SENDING, claimed_at=now, handed_over_at=None, attempts=F("attempts") + 1
    )
    return OutgoingMail.objects.select_related("case__customer").get(pk=mail_id) if taken else None


def _move(mail: OutgoingMail, **fields: Any) -> bool:
    """Change a mail we hold. False where the claim is no longer ours, because a sweep took us for dead."""
    return bool(_claimed(mail).update(**fields))


def _claimed(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    """The row, as long as it is held under the claim that `mail` was read with."""
    return OutgoingMail.objects.filter(
        pk=mail.pk, status=Status.SENDING, attempts=mail.attempts, claimed_at=mail.claimed_at
    )


def _deliver(mail: OutgoingMail, backend: BaseEmailBackend, now: datetime) -> str:
    """Over the line of `backend`, opened where it is not; it stays open for the next mail if all went well."""
    _open(backend, mail, now)
    try:
        letter = _sealed_for_handing_over(mail, backend, now)
    except ValueError as error:  # an address or a header that no mail can carry: trying again would not help
        return _fail(mail, now, str(error))
    if letter is None:
        return Status.SENDING
    try:
        letter.send()
    except Exception as error:
        logger.warning("mail %s: %s: %s", mail.pk, type(error).__name__, error)
        status = _after_failure(mail, error, backend, now)
        _close(backend)  # whatever state the line is in, the next mail gets a new one
        return status
    _move(mail, status=Status.SENT, sent_at=now, problem="")
    return Status.SENT


def _open(backend: BaseEmailBackend, mail: OutgoingMail, now: datetime) -> None:
    try:
        backend.open()
    except OSError as error:  # smtplib's own exceptions are OSErrors too
        _close(backend)
        _try_later(mail, now, f"The mail server could not be reached: {error}")
        raise Unreachable from error


def _sealed_for_handing_over(mail: OutgoingMail, backend: BaseEmailBackend, now: datetime) -> EmailMessage | None:
    """The mail as it leaves, noted as handed over, its links minted: all committed together, or nothing. None where
    another sender has it by now."""
    with transaction.atomic():
        return sealed(mail, now, backend) if _move(mail, handed_over_at=now) else None


def _close(backend: BaseEmailBackend) -> None:
    try:
        backend.close()
    except OSError as error:
        logger.info("the mail server hung up: %s", error)  # what was sent before is sent


def _after_failure(mail: OutgoingMail, error: Exception, backend: BaseEmailBackend, now: datetime) -> str:
    problem = f"{type(error).__name__}: {error}"
    answers = _answers(error)
    if answers:
        refused_for_good = all(code >= 500 for code in answers)
        return _fail(mail, now, problem) if refused_for_good else _try_later(mail, now, problem)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _fail(mail, now, problem)
    return _without_answer(mail, backend, now, problem)


def _answers(error: Exception) -> list[int]:
    """What the server said, as SMTP codes; empty where it said nothing that decides."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    else:
        codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
    return [code for code in codes if 400 <= code < 600]


def _without_answer(mail: OutgoingMail, backend: BaseEmailBackend, now: datetime, problem: str) -> str:
    proof = _proof(backend, mail)
    if proof is True:
        _move(mail, status=Status.SENT, sent_at=now, problem="")
        return Status.SENT
    if proof is False or not getattr(backend, "may_have_left", True):
        return _try_later(mail, now, problem)
    return _doubt(mail, now, problem)


def _proof(backend: BaseEmailBackend, mail: OutgoingMail) -> bool | None:
    """Whether the mail has left, where the backend can tell (cases.outbox.files); None where nobody can."""
    has_mail = getattr(backend, "has_mail", None)
    return bool(has_mail(mail.rfc_message_id)) if has_mail else None


def _settle_abandoned(mail: OutgoingMail, now: datetime) -> bool:
    if mail.handed_over_at is None:
        return _back_in_queue(mail, now)
    proof = _proof(get_connection(), mail)
    if proof is None:
        return _doubt(mail, now, "The sender stopped after handing the mail over.") == Status.UNCERTAIN
    return _move(mail, status=Status.SENT, sent_at=mail.handed_over_at) if proof else _back_in_queue(mail, now)


def _back_in_queue(mail: OutgoingMail, now: datetime) -> bool:
    with transaction.atomic():
        # A sender taken for dead may be about to hand over: whoever writes first wins.
        moved = (
            _claimed(mail)
            .filter(handed_over_at=mail.handed_over_at)
            .update(status=Status.QUEUED, not_before=now, claimed_at=None, handed_over_at=None)
        )
        if moved:
            forget_links(mail)
    return bool(moved)


def _try_later(mail: OutgoingMail, now: datetime, problem: str) -> str:
    if mail.attempts >= MOST_ATTEMPTS:
        return _fail(mail, now, problem)
    wait = timedelta(minutes=WAITS_IN_MINUTES[min(mail.attempts, len(WAITS_IN_MINUTES)) - 1])
    with transaction.atomic():
        if _move(
            mail, status=Status.QUEUED, not_before=now + wait, claimed_at=None, handed_over_at=None, problem=problem
        ):
            forget_links(mail)
    return Status.QUEUED


def _fail(mail: OutgoingMail, now: datetime, problem: str) -> str:
    with transaction.atomic():
        if _move(mail, status=Status.FAILED, problem=problem):
            forget_links(mail)
            note_mail(mail, "failed", now, problem=problem)
    return Status.FAILED


def _doubt(mail: OutgoingMail, now: datetime, problem: str) -> str:
    with transaction.atomic():
        if _move(mail, status=Status.UNCERTAIN, problem=problem):
            note_mail(mail, "uncertain", now, problem=problem)
    return Status.UNCERTAIN
