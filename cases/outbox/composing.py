"""Writing a mail into the outbox, inside the transaction that causes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from cases.models import Case, Message, OutgoingMail
from cases.outbox.caps import CAPS, fold_address, reached_cap
from cases.outbox.headers import joined_references, message_ids, one_line, own_message_id
from cases.outbox.letters import Letter, write_letter
from cases.outbox.timeline import note
from cases.tasks import deliver_mail
from cases.waking import wake_for
from products.sent_together import give_keys
from products.storing import insert
from products.written_once import WrittenOnce


def queue_mail(
    *,
    key: str,
    kind: str,
    case: Case,
    template: str,
    context: Mapping[str, Any],
    now: datetime,
    not_before: datetime | None = None,
    message: Message | None = None,
    automatic: bool = True,
    in_reply_to: str = "",
    references: str = "",
    is_first: bool = False,
) -> OutgoingMail | None:
    """The mail with this `key`, written now if it is not there yet; the conversation gets it as a Message as well.

    `message` is the Message it carries, where one exists already (somebody of the staff wrote it). `in_reply_to` is
    the customer's Message-ID where this answers a mail, `references` the References of that mail. `is_first` where the
    case was opened in this transaction, and no mail of it can be there.
    None where no mail may be written, and then a CaseEvent of kind mail says why: `capped` (`cap` names which),
    `no_address`, or `own_address`, which would be a loop.
    """
    known = None if is_first else next(iter(_BY_KEY.ask(key=key).fetched()), None)
    if known is not None:
        return known
    hindered = hindrance(case, automatic=automatic, now=now)
    if hindered:
        _note_not_written(case, kind, hindered, now)
        return None
    letter = composed(template, case, context, automatic=automatic)
    answered = "".join(message_ids(in_reply_to)[:1])
    mail = OutgoingMail(
        key=key,
        case=case,
        message=message,
        kind=kind,
        automatic=automatic,
        to_address=case.customer.email,
        to_name=one_line(case.customer.name, 200),
        subject=letter.subject,
        body=letter.body,
        language=case.language,
        in_reply_to=answered,
        references=joined_references("" if is_first else _thread_of(case), references, answered),
        rfc_message_id=own_message_id(key),
        created_at=now,
        not_before=not_before or now,
    )
    return _written(mail, letter, case) if is_first else _written_once(mail, letter, case)


def composed(template: str, case: Case, context: Mapping[str, Any], *, automatic: bool) -> Letter:
    """The mail in words, exactly as `queue_mail` writes it; an automatic one greets nobody by name."""
    return write_letter(template, case, {**context, "name": "" if automatic else _greetable(case.customer.name)})


def hindrance(case: Case, *, automatic: bool, now: datetime) -> str:
    """Why no mail may be written to the customer of this case now, "" where one may."""
    address = case.customer.email
    if not address:
        return "no_address"
    if fold_address(address) in {fold_address(own) for own in settings.OWN_ADDRESSES}:
        return "own_address"
    return reached_cap(address, now) if automatic else ""


def latest_mail(case: Case, kind: str) -> OutgoingMail | None:
    """The newest mail of that kind of the case, or None where none was ever written."""
    return OutgoingMail.objects.filter(case=case, kind=kind).order_by("-created_at", "-pk").first()


def cancel_mail(mail: OutgoingMail) -> bool:
    """Keep a waiting mail from leaving, and take its words out of the conversation, where nobody was told them.

    False where it has begun to leave: it can no longer be held back (policy 5, `undo`).
    """
    waiting = OutgoingMail.objects.filter(pk=mail.pk, status=OutgoingMail.Status.QUEUED)
    if not waiting.update(status=OutgoingMail.Status.CANCELLED):
        return OutgoingMail.objects.filter(pk=mail.pk, status=OutgoingMail.Status.CANCELLED).exists()
    Message.objects.filter(outgoing_mails=mail.pk, automatic=True).delete()
    return True


def _greetable(name: str) -> str:
    """The name to greet by, or "" where what was given as one is hardly a name."""
    plain = one_line(name, 200)
    return plain if len(plain) <= 60 and not any(char in "/@:<>[]" or char.isdigit() for char in plain) else ""


def _note_not_written(case: Case, kind: str, hindered: str, now: datetime) -> None:
    data = {"mail": kind, "to": case.customer.email}
    if hindered in CAPS:
        note(case.pk, "capped", now, data={**data, "cap": hindered})
    else:
        note(case.pk, hindered, now, data=data)


def _written_once(mail: OutgoingMail, letter: Letter, case: Case) -> OutgoingMail:
    """The row for this key: ours, or that of a transaction that was quicker. One Message at most comes of it."""
    try:
        with transaction.atomic():
            return _written(mail, letter, case)
    except IntegrityError:
        known = OutgoingMail.objects.filter(key=mail.key).first()
        if known is None:
            raise
        return known


def _written(mail: OutgoingMail, letter: Letter, case: Case) -> OutgoingMail:
    if mail.message is None:
        mail.message = _as_said(mail, letter, case)
        give_keys([mail.message, mail])
        insert([mail.message])
    insert([mail])
    wake_for(deliver_mail, mail.pk, countdown=(mail.not_before - mail.created_at).total_seconds())
    return mail


def _as_said(mail: OutgoingMail, letter: Letter, case: Case) -> Message:
    # Dated when it leaves: until then it can be undone, and the customer's page need not say it either.
    return Message(
        case=case,
        direction=Message.Direction.OUT,
        automatic=True,
        sender_name=one_line(settings.MAKER_NAME, 200),
        sender_address=settings.WARRANTY_ADDRESS,
        subject=letter.subject,
        text=letter.said,
        at=mail.not_before,
    )


def _thread_of(case: Case) -> str:
    """References that make a mail program show all our mails of a case as one conversation."""
    last = next(iter(_LAST_OF.ask(case=case.pk).rows()), None)
    return joined_references(last) if last else ""


def _by_key(key: str) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(key=key).order_by()


def _last_of(case: int) -> QuerySet[OutgoingMail, Any]:
    before = OutgoingMail.objects.filter(case=case).exclude(status=OutgoingMail.Status.CANCELLED)
    return before.order_by("-created_at", "-pk").values_list("references", "rfc_message_id")[:1]


_BY_KEY = WrittenOnce(_by_key, keep_plan=True, key=str)
_LAST_OF = WrittenOnce(_last_of, case=int)
