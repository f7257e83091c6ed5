"""Where a request stands, as its customer would ask: one answer out of a list, with its headline and its sentence.

The states of the lifecycle say what may happen next; this says what is going on, parcels and answers included.
"""

from collections.abc import Callable
from enum import StrEnum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models.case import State
from shipments.models import EventKind, RepairShipment
from warrantydesk.portal.case_of_customer import CaseOfCustomer

ASTRAY = (EventKind.LOST, EventKind.RETURNED_TO_SENDER)
NOT_HANDED_OVER = ("", EventKind.LABEL, EventKind.PICKUP_FAILED)


class Situation(StrEnum):
    WAITING_FOR_YOU = auto()
    ANSWERED = auto()
    RECEIVED = auto()
    LOOKING = auto()
    LOOKING_AGAIN = auto()
    DENIED = auto()
    QUOTE_OPEN = auto()
    APPROVED = auto()
    PARCEL_TO_US = auto()
    PARCEL_HERE = auto()
    REPAIRING = auto()
    TRAVELLING_HOME = auto()
    REPLACEMENT_PREPARING = auto()
    REPLACEMENT_TRAVELLING = auto()
    ASTRAY = auto()
    DECLINED = auto()
    UNREPAIRED_HERE = auto()
    UNREPAIRED_TRAVELLING = auto()
    REPAIRED = auto()
    REPLACED = auto()
    UNREPAIRED = auto()
    CLOSED_UNSENT = auto()
    WITHDRAWN = auto()


WAITING = _("As soon as we have what is listed here, a person looks at your request.")
# Situation → the headline of the page and the sentence under it: what happens next, and what we need.
WORDS: dict[Situation, tuple[str | Promise, str | Promise]] = {
    Situation.WAITING_FOR_YOU: (_("We need something from you"), WAITING),
    Situation.ANSWERED: (
        _("What you sent is with us"),
        _("A person reads it next. What is still listed here was missing before that."),
    ),
    Situation.RECEIVED: (
        _("Your request is with us"),
        _("A person looks at it next and writes to you. You need not do anything."),
    ),
    Situation.LOOKING: (
        _("We are looking at your request"),
        _("We write to you as soon as there is an answer. You need not do anything."),
    ),
    Situation.LOOKING_AGAIN: (
        _("We are looking at your request once more"),
        _("We write to you as soon as there is an answer. What we promised before stays as it was."),
    ),
    Situation.DENIED: (
        _("The warranty does not cover this"),
        _("The reason is below. If you see it differently, tell us: a person looks at it again."),
    ),
    Situation.QUOTE_OPEN: (
        _("Please decide about the costs"),
        _("The part is covered; repair service and shipping are not. Nothing begins before you have said yes."),
    ),
    Situation.APPROVED: (
        _("Your request is approved"),
        _("Please send it to our workshop: the address and a packing slip to print are below."),
    ),
    Situation.PARCEL_TO_US: (
        _("Your parcel is on its way to our workshop"),
        _("We write to you when the repair begins. Until it is back, your warranty does not run down."),
    ),
    Situation.PARCEL_HERE: (_("Your parcel is in our workshop"), _("We write to you when the repair begins.")),
    Situation.REPAIRING: (
        _("Your repair is in our workshop"),
        _("When it is done, it travels back to you, and you see its parcel here."),
    ),
    Situation.TRAVELLING_HOME: (
        _("Your repair is on its way back to you"),
        _("When it arrives, your warranty goes on, longer by the days it was away."),
    ),
    Situation.REPLACEMENT_PREPARING: (
        _("You get a replacement"),
        _("We make it ready and write to you. The replacement goes on with the warranty of the part it replaces."),
    ),
    Situation.REPLACEMENT_TRAVELLING: (
        _("Your replacement is on its way to you"),
        _("It goes on with the warranty of the part it replaces."),
    ),
    Situation.ASTRAY: (
        _("Something went wrong with your parcel"),
        _("We look after it and write to you. While it is away, your warranty does not run down."),
    ),
    Situation.DECLINED: (
        _("No repair takes place"),
        _("You declined the costs. Your warranty is not touched by this; write to us if you change your mind."),
    ),
    Situation.UNREPAIRED_HERE: (
        _("It comes back to you unrepaired"),
        _("You see its parcel here as soon as it leaves our workshop."),
    ),
    Situation.UNREPAIRED_TRAVELLING: (
        _("It is on its way back to you, unrepaired"),
        _("When it arrives, your warranty goes on, longer by the days it was away."),
    ),
    Situation.REPAIRED: (
        _("Your repair is back with you"),
        _("Please look at it soon, and write to us if something is not right."),
    ),
    Situation.REPLACED: (
        _("Your replacement is with you"),
        _("It goes on with the warranty of the part it replaced. Write to us if something is not right."),
    ),
    Situation.UNREPAIRED: (
        _("It is back with you, unrepaired"),
        _("Your warranty goes on, longer by the days it was away. Write to us if something is not right."),
    ),
    Situation.CLOSED_UNSENT: (
        _("Your request is closed"),
        _("No repair takes place, and nothing was sent. Write to us if that is not what you wanted."),
    ),
    Situation.WITHDRAWN: (
        _("Your request is closed"),
        _("It ended without a decision. Your warranty goes on as before. Write to us if that is not what you wanted."),
    ),
}


def situation_of(page: CaseOfCustomer) -> Situation:
    told_by: dict[State, Callable[[CaseOfCustomer], Situation]] = {
        State.SUBMITTED: _before_review,
        State.EVIDENCE_REVIEW: _in_review,
        State.DENIED: lambda page: Situation.DENIED,
        State.APPROVED: _working,
        State.IN_REPAIR: _working,
        State.RETURNED: _over,
        State.WITHDRAWN: lambda page: Situation.WITHDRAWN,
    }
    return told_by[State(page.shown_state)](page)


def is_travelling(parcel: RepairShipment | None) -> bool:
    """Handed over, not yet arrived, and not known to have gone astray."""
    return (
        parcel is not None
        and parcel.arrived_at is None
        and parcel.latest_kind not in NOT_HANDED_OVER
        and parcel.latest_kind not in ASTRAY
    )


def _before_review(page: CaseOfCustomer) -> Situation:
    if not page.needs:
        return Situation.RECEIVED
    return Situation.ANSWERED if page.answered_at else Situation.WAITING_FOR_YOU


def _in_review(page: CaseOfCustomer) -> Situation:
    reopened = page.last_event("approve", "deny", "reopen", "undo")
    return Situation.LOOKING_AGAIN if reopened and reopened.name == "reopen" else Situation.LOOKING


def _working(page: CaseOfCustomer) -> Situation:
    home = page.latest_parcel("to_customer")
    if _is_astray(page, home):
        return Situation.ASTRAY
    if page.goes_home_unrepaired:
        return _unrepaired(page, home)
    if page.quote_is_open:
        return Situation.QUOTE_OPEN
    if page.shown_state == State.IN_REPAIR:
        return Situation.TRAVELLING_HOME if is_travelling(home) else Situation.REPAIRING
    if not page.has_repairs:
        return Situation.REPLACEMENT_TRAVELLING if is_travelling(home) else Situation.REPLACEMENT_PREPARING
    return _approved(page)


def _approved(page: CaseOfCustomer) -> Situation:
    to_us = page.latest_parcel("to_workshop")
    if is_travelling(to_us):
        return Situation.PARCEL_TO_US
    return Situation.PARCEL_HERE if to_us and to_us.arrived_at else Situation.APPROVED


def _unrepaired(page: CaseOfCustomer, home: RepairShipment | None) -> Situation:
    if is_travelling(home):
        return Situation.UNREPAIRED_TRAVELLING
    to_us = page.latest_parcel("to_workshop")
    left = page.shown_state == State.IN_REPAIR or (to_us and to_us.latest_kind not in NOT_HANDED_OVER)
    return Situation.UNREPAIRED_HERE if left else Situation.DECLINED


def _is_astray(page: CaseOfCustomer, home: RepairShipment | None) -> bool:
    parcel = home or page.latest_parcel("to_workshop")
    return parcel is not None and parcel.arrived_at is None and parcel.latest_kind in ASTRAY


def _over(page: CaseOfCustomer) -> Situation:
    ending = page.last_event("send_back", "deliver_replacement", "return_unrepaired")
    if ending is None or ending.name == "send_back":
        return Situation.REPAIRED
    if ending.name == "deliver_replacement":
        return Situation.REPLACED
    nothing_sent = (ending.data.get("proof") or {}).get("kind") == "nothing_sent"
    return Situation.CLOSED_UNSENT if nothing_sent else Situation.UNREPAIRED
