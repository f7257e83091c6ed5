"""The rows of a case as its customer's pages read them: eight queries for any page, whatever the case holds."""

from functools import cache
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from cases.models import (
    Case,
    CaseEvent,
    CaseLink,
    ClaimedPart,
    DecisionLetter,
    Evidence,
    OutgoingMail,
    Quote,
    QuoteLine,
)
from products.joined import Many, apart, joined, put_beside
from products.models import PartVoid, PauseWindow, SerialChange
from shipments.models import RepairShipment, TrackingEvent

NOT_LEFT = (OutgoingMail.Status.QUEUED, OutgoingMail.Status.CANCELLED)
LETTERS = (Many(DecisionLetter, "letters", ["decided_at"], holder="case", order=["decided_at"]),)
# What `products.explaining` reads of a part. Customers read no names: those of staff are left out.
HISTORY = (
    Many(PauseWindow, "pauses", ["left_on", "back_on", "certainty", "proof"], holder="part", order=["left_on"],
         unread=["confirmed_by"]),
    Many(SerialChange, "serial_changes", ["old_serial", "new_serial", "changed_at", "case_reference"], holder="part",
         order=["changed_at"], unread=["changed_by"]),
    Many(PartVoid, "voids", ["reason_id", "case_reference", "voided_at", "lifted_at", "lift_reason"], holder="part",
         order=["voided_at"], one=("reason", ["title", "clause"]), unread=["voided_by", "lifted_by"]),
)  # fmt: skip
LINES = (Many(QuoteLine, "lines", ["quote_id", "position", "description", "amount"], order=["position"]),)
SCANS = (
    Many(
        TrackingEvent,
        "tracking_events",
        ["kind", "occurred_on", "occurred_at", "place"],
        order=["occurred_on", "occurred_at"],
    ),
)


@cache
def _links() -> QuerySet[CaseLink]:
    beside = ("case__customer", "case__invoice", "case__unit__line__product", "case__assignee")
    mails = OutgoingMail.objects.filter(case=OuterRef("case"), kind="decision")
    left = mails.filter(created_at__gte=OuterRef("case__decided_at")).exclude(status__in=NOT_LEFT)
    links = CaseLink.objects.select_related(*beside).annotate(answer_has_left=Exists(left))
    return joined(links.order_by("pk"), *LETTERS)


@cache
def _claims() -> QuerySet[ClaimedPart]:
    beside = ("part__product", "part__terms", "part__unit__line__invoice", "reason")
    return joined(ClaimedPart.objects.select_related(*beside).order_by("pk"), *HISTORY)


@cache
def _quotes() -> QuerySet[Quote]:
    return joined(Quote.objects.filter(superseded_at=None).order_by("pk"), *LINES)


@cache
def _parcels() -> QuerySet[RepairShipment]:
    return joined(RepairShipment.objects.filter(cancelled_at=None).order_by("booked_at", "pk"), *SCANS)


def link_with_case(**which: Any) -> CaseLink | None:
    """The link with its case, its purchase, whether the mail with its answer has left (`case.answer_has_left`), and
    which letters were written: `case.letters`, without what they say."""
    link: Any = next(iter(apart(_links().filter(**which), *LETTERS)), None)
    if link is not None:
        link.case.answer_has_left = link.answer_has_left
    return link


def claims_of(case: Case) -> list[ClaimedPart]:
    """With everything `products.explaining` tells a customer of their parts."""
    return apart(_claims().filter(case=case), *HISTORY)


def parcels_of(case: Case) -> list[RepairShipment]:
    """In the order they were booked, with their scans; without those that were none of this case's."""
    return apart(_parcels().filter(case=case), *SCANS)


def quote_of(case: Case) -> Quote | None:
    """The quote in force with its lines; the rules of the case know it from then on."""
    found = apart(_quotes().filter(case=case), *LINES)
    put_beside(case, "quotes", found)
    return next(iter(found), None)


def events_of(case: Case) -> list[CaseEvent]:
    """The whole timeline, oldest first; the rules of the case know it from then on."""
    found = list(case.events.order_by("id"))
    put_beside(case, "events", found)
    return found


def files_of(case: Case) -> list[tuple[Evidence, set[int]]]:
    """Every file with the keys of the messages of ours that showed it, in the order they came."""
    found: dict[int, tuple[Evidence, set[int]]] = {}
    for row in case.evidence.annotate(shown_with=F("sent_with")).order_by("received_at", "pk"):
        found.setdefault(row.pk, (row, set()))[1].update({row.shown_with} - {None})
    return list(found.values())
