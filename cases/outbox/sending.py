"""Sending what is due. A row goes queued → sending → sent, and no SMTP ever happens inside a transaction.

`handed_over_at` is written just before the mail is handed to the backend. A sender that dies earlier has sent nothing;
one that dies later may have, and nobody can tell: such a mail is `uncertain` and waits for a person, unless the backend
can prove what happened (`has_mail`). Many are claimed at once and share a line, but each is handed over by itself, so
that one at most is uncertain; that it left is noted in the transaction that notes the next as handed over.
"""

import logging
import smtplib
import time
from collections import deque
from collections.abc import Callable, Iterable
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


class Unreachable(Exception):
    """The mail server could not be reached: no use in trying the next mail now."""


class Line:
    """A connection of `backend`, and the mail that has left over it last and is not yet noted as sent."""

    def __init__(self) -> None:
        self.backend: BaseEmailBackend = get_connection()
        self.left: tuple[OutgoingMail, datetime] | None = None

    def hand_over(self, mail: OutgoingMail, now: datetime) -> EmailMessage | None:
        """The mail as it leaves, noted as handed over, its links minted, the one before noted as sent: all committed
        together, or nothing. None where another sender has it by now."""
        with transaction.atomic():
            self._note_left()
            letter = sealed(mail, now, self.backend) if _move(mail, handed_over_at=now) else None
        self.left = None
        return letter

    def end(self) -> None:
        try:
            self._note_left()
            self.left = None
        finally:
            self.close()

    def _note_left(self) -> None:
        if self.left is not None:
            mail, at = self.left
            _move(mail, status=Status.SENT, sent_at=at, problem="")

    def open(self) -> None:
        self.backend.open()

    def close(self) -> None:
        try:
            self.backend.close()
        except OSError as error:
            logger.info("the mail server hung up: %s", error)  # what was sent before is sent


def send_due(now: datetime, limit: int = 50) -> int:
    """Send up to `limit` mails that are due; how many were sent. Stops early where the mail server is unreachable."""
    started, sent = time.monotonic(), 0

    def moment() -> datetime:
        # A slow server makes the loop long: each claim is dated when it is made, or it would look abandoned.
        return now + timedelta(seconds=time.monotonic() - started)

    while limit > 0 and (claimed := _claim_due(moment(), min(limit, MAILS_A_LINE))):
        limit -= len(claimed)
        try:
            sent += _send_over_one_line(claimed, moment)
        except Unreachable:
            break
    return sent


def _send_over_one_line(claimed: list[OutgoingMail], moment: Callable[[], datetime]) -> int:
    """How many left. What is not begun while its claim is fresh, or when the server is gone, waits again."""
    waiting, line, sent = deque(claimed), Line(), 0
    until = moment() + STALE_AFTER / 2
    try:
        while waiting and moment() < until:
            sent += _deliver(waiting.popleft(), line, moment()) == Status.SENT
    except Unreachable:
        _give_back(waiting)
        raise
    finally:
        line.end()
    _give_back(waiting)
    return sent


def send_one(mail_id: int, now: datetime) -> str | None:
    """Send this mail if it is due and nobody else is at it. Its status afterwards; None where nothing was to do."""
    mail = _claim(mail_id, now)
    if mail is None:
        return None
    line = Line()
    try:
        return _deliver(mail, line, now)
    except Unreachable:
        return Status.QUEUED
    finally:
        line.end()


def sweep_unfinished(now: datetime) -> int:
    """Settle the mails whose sender died half-way; how many."""
    stale = OutgoingMail.objects.filter(status=Status.SENDING, claimed_at__lt=now - STALE_AFTER).order_by("pk")
    return sum(_settle_abandoned(mail, now) for mail in stale.select_related("case"))


def _claim_due(now: datetime, many: int) -> list[OutgoingMail]:
    """The mails that wait longest, for us alone."""
    with transaction.atomic():
        due = OutgoingMail.objects.filter(status=Status.QUEUED, not_before__lte=now).order_by("not_before", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        keys = list(due.values_list("pk", flat=True)[:many])
        if not keys:
            return []
        _take(OutgoingMail.objects.filter(pk__in=keys), now)
        return list(OutgoingMail.objects.filter(pk__in=keys).order_by("not_before", "pk"))


def _give_back(mails: Iterable[OutgoingMail]) -> None:
    """Nobody tried to send them: as if they had never been claimed."""
    for mail in mails:
        _claimed(mail).update(status=Status.QUEUED, claimed_at=None, attempts=F("attempts") - 1)


def _claim(mail_id: int, now: datetime) -> OutgoingMail | None:
    """Compare and swap: of any number of senders exactly one gets the mail."""
    taken = _take(OutgoingMail.objects.filter(pk=mail_id, status=Status.QUEUED, not_before__lte=now), now)
    return OutgoingMail.objects.get(pk=mail_id) if taken else None


def _take(mails: QuerySet[OutgoingMail], now: datetime) -> int:
    return mails.update(status=Status.SENDING, claimed_at=now, handed_over_at=None, attempts=F("attempts") + 1)


def _move(mail: OutgoingMail, **fields: Any) -> bool:
    """Change a mail we hold. False where the claim is no longer ours, because a sweep took us for dead."""
    return bool(_claimed(mail).update(**fields))


def _claimed(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    """The row, as long as it is held under the claim that `mail` was read with."""
    return OutgoingMail.objects.filter(
        pk=mail.pk, status=Status.SENDING, attempts=mail.attempts, claimed_at=mail.claimed_at
    )


def _deliver(mail: OutgoingMail, line: Line, now: datetime) -> str:
    """Over `line`, opened where it is not; it stays open for the next mail if all went well."""
    _open(line, mail, now)
    try:
        letter = line.hand_over(mail, now)
    except ValueError as error:  # an address or a header that no mail can carry: trying again would not help
        return _fail(mail, now, str(error))
    if letter is None:
        return Status.SENDING
    try:
        letter.send()
    except Exception as error:
        logger.warning("mail %s: %s: %s", mail.pk, type(error).__name__, error)
        status = _after_failure(mail, error, line.backend, now)
        line.close()  # whatever state it is in, the next mail gets a new one
        return status
    line.left = mail, now
    return Status.SENT


def _open(line: Line, mail: OutgoingMail, now: datetime) -> None:
    try:
        line.open()
    except OSError as error:  # smtplib's own exceptions are OSErrors too
        line.close()
        _try_later(mail, now, f"The mail server could not be reached: {error}")
        raise Unreachable from error


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
