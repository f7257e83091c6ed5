"""Taking back what a person did with a held mail: the mail waits again, and nothing of its history is lost.

A case made from it is withdrawn as "not a request", which tells the customer nothing, as long as nobody has worked on
it. What was attached to a case leaves the conversation and stays there as a note among ourselves.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actors import Actor
from cases.models import Case, CaseEvent, ClaimedPart, Message, OutgoingMail
from cases.models.case import State
from cases.outbox.composing import cancel_mail
from cases.services._transition import record
from cases.services.deciding import withdraw
from cases.services.unsaying import take_out_message
from products.errors import Refused
from shipments.models import RepairShipment
from shipments.services import cancel as cancel_parcel
from warrantydesk.intake.held import FOR_A_PERSON
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.settling import HANDLE_MAIL, note_done

Outcome = IncomingMail.Outcome
_UNTOUCHED = (State.SUBMITTED, State.EVIDENCE_REVIEW)


def take_back(incoming_id: int, *, actor: Actor, now: datetime) -> IncomingMail:
    """A mail somebody dealt with waits for a person again.

    Refused where nobody has dealt with it, and where its case has been worked on since.
    """
    actor.require(HANDLE_MAIL)
    with transaction.atomic():
        incoming = IncomingMail.objects.select_for_update(of=("self",)).get(pk=incoming_id)
        if not can_be_taken_back(incoming):
            nothing = gettext_lazy("Nobody has dealt with this mail, so there is nothing to take back.")
            raise Refused(nothing, code="stale")
        case = incoming.case if incoming.outcome not in FOR_A_PERSON else None
        if incoming.outcome == Outcome.CASE_OPENED and case:
            _unmake(case, actor, now)
        elif incoming.outcome == Outcome.REPLY_ADDED and incoming.message:
            _detach(incoming.message, actor, now)
        _wait_again(incoming, case, actor, now)
    return incoming


def can_be_taken_back(incoming: IncomingMail) -> bool:
    """Whether a person dealt with it. What the desk did by itself is undone on the page of its case."""
    return incoming.settled_at is not None


def _wait_again(incoming: IncomingMail, case: Case | None, actor: Actor, now: datetime) -> None:
    outcome, seemed = _before(incoming)
    note_done(incoming, "taken_back", actor, now, "", case=case)
    incoming.outcome, incoming.case = outcome, seemed
    incoming.message, incoming.settled_at = None, None
    incoming.save(update_fields=["outcome", "case", "message", "settled_at", "details"])
    if case:
        data = {"mail": incoming.pk}
        record(case, CaseEvent.Kind.MAIL, "held_mail_taken_back", actor=actor, now=now, data=data)


def _before(incoming: IncomingMail) -> tuple[str, Case | None]:
    """How the mail stood before the last thing a person did with it: its outcome, and the case it seemed to belong to
    (None where that is gone since)."""
    if incoming.outcome in FOR_A_PERSON:
        return incoming.outcome, incoming.case
    done = [line["was"] for line in incoming.details.get("history", []) if line["name"] != "taken_back"]
    was: dict[str, Any] = done[-1] if done else {"outcome": Outcome.HELD, "case": None}
    return was["outcome"], Case.objects.filter(pk=was["case"]).first()


def _unmake(case: Case, actor: Actor, now: datetime) -> None:
    if case.state == State.WITHDRAWN:
        return  # somebody has withdrawn it already, which is all there is to do
    if _is_worked_on(case):
        raise Refused(
            gettext_lazy("Somebody has worked on this case since. If it is no request, withdraw it on its own page."),
            code="worked_on",
        )
    for mail in OutgoingMail.objects.filter(case=case, status=OutgoingMail.Status.QUEUED):
        cancel_mail(mail)  # what has begun to leave has left; the customer then knows the case, and may write to it
    why = _("The mail it was made from waits for a person again.")
    withdraw(case.pk, why=why, reason="not_a_request", actor=actor, now=now)


def _is_worked_on(case: Case) -> bool:
    return (
        case.state not in _UNTOUCHED
        or case.messages.filter(author__isnull=False).exists()
        or case.messages.filter(direction=Message.Direction.IN).count() > 1
        or case.claimed_parts.exclude(verdict=ClaimedPart.Verdict.UNDECIDED).exists()
        or case.quotes.exists()
        or RepairShipment.objects.filter(case=case).exists()
    )


def _detach(message: Message, actor: Actor, now: datetime) -> None:
    why = _("The mail did not belong to this case.")
    for parcel in RepairShipment.objects.filter(
        case=message.case_id, proposed=True, cancelled_at=None, booked_at=message.at
    ):
        cancel_parcel(parcel.pk, why=why, actor=actor, now=now)
    take_out_message(message.pk, why=why, actor=actor, now=now)
