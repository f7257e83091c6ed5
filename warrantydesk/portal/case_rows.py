"""The rows of a case as its customer's pages read them: eight queries for any page, whatever the case holds. They are
written once in a process: Django took longer to write them than the database to answer."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from cases.claims_told import LINES
from cases.models import (
    Case,
    CaseEvent,
    CaseLink,
    DecisionLetter,
    Evidence,
    Message,
    OutgoingMail,
    Quote,
)
from cases.rows_of_case import rows_of_case
from products.joined import Many, apart, joined, put_beside
from products.written_once import WrittenOnce
from shipments.models import RepairShipment, TrackingEvent

NOT_LEFT = (OutgoingMail.Status.QUEUED, OutgoingMail.Status.CANCELLED)
LETTERS = (Many(DecisionLetter, "letters", ["decided_at"], holder="case", order=["decided_at"]),)
SCANS = (
    Many(
        TrackingEvent,
        "tracking_events",
        ["kind", "occurred_on", "occurred_at", "place"],
        order=["occurred_on", "occurred_at"],
    ),
)
# What only the desk asks of them: an instant takes longer to read than most of a row.
OF_OUR_LOOKS = (
    "latest_event_at", "next_look_at", "look_claimed_at", "looked_at", "look_failures", "look_problem", "here_since",
    "review_reasons", "settle_at", "created_at",
)  # fmt: skip
OF_OUR_WORK = (
    "work_claimed_at", "work_failures", "scan_claimed_at", "scanned_at", "checked_at", "trouble", "shows_fault", "note",
)  # fmt: skip
_ACCOUNT = ("password", "last_login", "is_superuser", "is_staff", "joined_at")
OF_AN_AUTHOR = tuple(f"author__{name}" for name in _ACCOUNT)
OF_AN_ASSIGNEE = tuple(f"case__assignee__{name}" for name in _ACCOUNT)


def _link(link: int, case: int, now: datetime) -> QuerySet[CaseLink]:
    beside = ("case__customer", "case__invoice", "case__unit__line__product", "case__assignee")
    mails = OutgoingMail.objects.filter(case=OuterRef("case"), kind="decision")
    left = mails.filter(created_at__gte=OuterRef("case__decided_at")).exclude(status__in=NOT_LEFT)
    living = CaseLink.objects.filter(kind=CaseLink.Kind.PORTAL, revoked_at=None, expires_at__gt=now)
    rows = living.filter(pk=link, case=case).select_related(*beside).defer(*OF_AN_ASSIGNEE)
    rows = rows.annotate(answer_has_left=Exists(left))
    return joined(rows.order_by("pk"), *LETTERS)


def _quotes(case: int) -> QuerySet[Quote]:
    return joined(Quote.objects.filter(case=case, superseded_at=None).order_by("pk"), *LINES)


def _parcels(case: int) -> QuerySet[RepairShipment]:
    own = RepairShipment.objects.filter(case=case, cancelled_at=None).defer(*OF_OUR_LOOKS)
    return joined(own.order_by("booked_at", "pk"), *SCANS)


def _events(case: int) -> QuerySet[CaseEvent]:
    return CaseEvent.objects.filter(case=case).order_by("id")


def _messages(case: int) -> QuerySet[Message]:
    told = Message.objects.filter(case=case).exclude(direction=Message.Direction.NOTE)
    return told.select_related("author").defer(*OF_AN_AUTHOR).order_by("at", "pk")


def _files(case: int) -> QuerySet[Evidence]:
    rows = Evidence.objects.filter(case=case).defer(*OF_OUR_WORK).annotate(shown_with=F("sent_with"))
    return rows.order_by("received_at", "pk")


LINK = WrittenOnce(_link, keep_plan=True, link=int, case=int, now=datetime)
QUOTES, PARCELS, EVENTS, MESSAGES, FILES = (
    WrittenOnce(build, keep_plan=True, case=int) for build in (_quotes, _parcels, _events, _messages, _files)
)


def link_with_case(link: int, case: int, now: datetime) -> CaseLink | None:
    """The private link, living at `now`, with its case, its purchase, whether the mail with its answer has left
    (`case.answer_has_left`), and which letters were written: `case.letters`, without what they say."""
    found: Any = next(iter(apart(LINK.ask(link=link, case=case, now=now).fetched(), *LETTERS)), None)
    if found is not None:
        found.case.answer_has_left = found.answer_has_left
    return found


def parcels_of(case: Case) -> list[RepairShipment]:
    """In the order they were booked, with their scans; without those that were none of this case's."""
    return apart(rows_of_case(case, PARCELS), *SCANS)


def quote_of(case: Case) -> Quote | None:
    """The quote in force with its lines; the rules of the case know it from then on."""
    found = apart(rows_of_case(case, QUOTES), *LINES)
    put_beside(case, "quotes", found)
    return next(iter(found), None)


def events_of(case: Case) -> list[CaseEvent]:
    """The whole timeline, oldest first; the rules of the case know it from then on."""
    found = rows_of_case(case, EVENTS)
    put_beside(case, "events", found)
    return found


def messages_of(case: Case) -> list[Message]:
    """Both ways, oldest first, without the notes: those are ours alone."""
    return rows_of_case(case, MESSAGES)


def files_of(case: Case) -> list[tuple[Evidence, set[int]]]:
    """Every file with the keys of the messages of ours that showed it, in the order they came."""
    found: dict[int, tuple[Evidence, set[int]]] = {}
    for row in rows_of_case(case, FILES):
        found.setdefault(row.pk, (row, set()))[1].update({row.shown_with} - {None})
    return list(found.values())
