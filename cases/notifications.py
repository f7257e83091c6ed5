"""Which event writes to whom: the one table. Every mail about a case begins with a row of its timeline.

What a mail says is in `cases.outbox.contents` and `.decision`, its words in `templates/mail/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation

from cases.actors import Actor
from cases.models import Case, CaseEvent, OutgoingMail
from cases.outbox import contents
from cases.outbox import decision as deciding
from cases.outbox.composing import queue_mail
from cases.outbox.timeline import note

Kind = CaseEvent.Kind


@dataclass(frozen=True)
class Notice:
    """`mail` is the kind of the mail and the name of its templates; `says` gives what they need, None for silence.

    `can_be_undone`: it leaves only when the time to think again is over (policy 5, `undo`).
    """

    mail: str
    says: Callable[[CaseEvent, Mapping[str, Any]], contents.Contents | None]
    can_be_undone: bool = False


_RETURNED = Notice("returned", contents.returned)
_DECISION = Notice("decision", deciding.decision, can_be_undone=True)

NOTICES: Mapping[tuple[str, str], Notice] = {
    (Kind.OPENED, "opened"): Notice("acknowledgement", contents.acknowledgement),
    (Kind.TRANSITION, "request_information"): Notice("information_request", contents.information_request),
    (Kind.TRANSITION, "approve"): _DECISION,
    (Kind.TRANSITION, "deny"): _DECISION,
    (Kind.TRANSITION, "start_repair"): Notice("repair_started", contents.repair_started),
    (Kind.SHIPMENT, "handed_over"): Notice("parcel_on_the_way", contents.parcel_on_the_way),
    (Kind.TRANSITION, "send_back"): _RETURNED,
    (Kind.TRANSITION, "deliver_replacement"): _RETURNED,
    (Kind.TRANSITION, "return_unrepaired"): _RETURNED,
    (Kind.CLOCK, "returned"): _RETURNED,
    (Kind.TRANSITION, "withdraw"): Notice("withdrawn", contents.withdrawn),
    (Kind.QUOTE, "sent"): Notice("quote", contents.quote),
    (Kind.MESSAGE, "written"): Notice("message", contents.message),
    (Kind.MESSAGE, "received"): Notice("files_refused", contents.files_refused),
    (Kind.EVIDENCE, "quarantined"): Notice("file_quarantined", contents.file_quarantined),
    (Kind.MAIL, "link_asked"): Notice("link", contents.link),
}


def notify(event: CaseEvent, *, in_reply_to: str = "", extra: Mapping[str, Any] | None = None) -> None:
    """Write the mail this event causes, if any, in the caller's transaction. The same event twice is one mail.

    `in_reply_to` is the Message-ID of the customer's mail where this answers one; `extra["references"]` its References,
    `extra["is_first"]` that the case was opened in this transaction.
    A mail a person of the staff caused is not automatic: no cap holds it back.
    """
    notice = NOTICES.get((event.kind, event.name))
    if notice is None:
        return
    given = {**(extra or {}), "in_reply_to": in_reply_to}
    with translation.override(event.case.language):
        said = notice.says(event, given)
    if said is None:
        return
    queue_mail(
        key=said.key or f"{notice.mail}:{event.pk}",
        kind=notice.mail,
        case=event.case,
        template=notice.mail,
        context=said.context,
        now=event.at,
        not_before=event.at + timedelta(seconds=settings.UNDO_SECONDS) if notice.can_be_undone else None,
        message=said.message,
        automatic=event.actor_kind != CaseEvent.Actor.STAFF,
        in_reply_to=in_reply_to,
        references=str(given.get("references", "")),
        is_first=bool(given.get("is_first")),
    )


def send_link(case: Case, *, actor: Actor, now: datetime) -> OutgoingMail | None:
    """Send the private link once more, always and only to the address the case knows. None where a cap is reached."""
    event = note(case.pk, "link_asked", now, actor=actor, data={})
    notify(event)
    return OutgoingMail.objects.filter(key=f"link:{event.pk}").first()
