"""Reading the timeline. What came after what is told by the order of its rows, never by clocks: a mail written before
we asked, but read after, is new to us."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from cases.models import Case, CaseEvent, Quote

ARRIVED_MESSAGE = Q(kind=CaseEvent.Kind.MESSAGE, name="received")
ARRIVED_EVIDENCE = Q(kind=CaseEvent.Kind.EVIDENCE, name="added")
TOLD_BY_CUSTOMER = Q(
    kind__in=(CaseEvent.Kind.DETAILS, CaseEvent.Kind.PART, CaseEvent.Kind.OPENED), actor_kind=CaseEvent.Actor.CUSTOMER
)


def last_transition(case: Case, *names: str) -> CaseEvent | None:
    """The latest of these transitions, None where none ever happened."""
    return case.events.filter(kind=CaseEvent.Kind.TRANSITION, name__in=names).order_by("id").last()


def last_question(case: Case) -> CaseEvent | None:
    """When the customer was last asked for something, None where they never were."""
    return last_transition(case, "request_information") if case.information_asked_at else None


def since(case: Case, event: CaseEvent) -> QuerySet[CaseEvent]:
    """What the timeline holds after that event."""
    return case.events.filter(id__gt=event.id)


def unrepaired_plan(case: Case) -> CaseEvent | None:
    """The standing plan to send the product home unrepaired, None where there is none or it was overtaken.

    A plan ends when it is dropped, when the case moves on, or when a quote is accepted after all.
    """
    ended = (
        Q(kind=CaseEvent.Kind.TRANSITION)
        | Q(kind=CaseEvent.Kind.DETAILS, name="unrepaired_return_dropped")
        | Q(kind=CaseEvent.Kind.QUOTE, name="answered", data__answer=Quote.Answer.ACCEPTED)
    )
    planned = Q(kind=CaseEvent.Kind.DETAILS, name="unrepaired_return_planned")
    latest = case.events.filter(ended | planned).order_by("id").last()
    return latest if latest is not None and latest.name == "unrepaired_return_planned" else None
