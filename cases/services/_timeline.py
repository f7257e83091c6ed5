"""Reading the timeline. What came after what is told by the order of its rows, never by clocks: a mail written before
we asked, but read after, is new to us."""

from __future__ import annotations

from functools import cache

from django.db.models import Q

from cases.models import Case, CaseEvent, Quote
from cases.rows_of_case import rows_of_case
from cases.services._known import fits, known
from products.written_once import WrittenOnce

ARRIVED_MESSAGE = Q(kind=CaseEvent.Kind.MESSAGE, name="received")
ARRIVED_EVIDENCE = Q(kind=CaseEvent.Kind.EVIDENCE, name="added")
TOLD_BY_CUSTOMER = Q(
    kind__in=(CaseEvent.Kind.DETAILS, CaseEvent.Kind.PART, CaseEvent.Kind.OPENED), actor_kind=CaseEvent.Actor.CUSTOMER
)

_PLANNED_OR_ENDED = (
    Q(kind=CaseEvent.Kind.TRANSITION)
    | Q(kind=CaseEvent.Kind.DETAILS, name="unrepaired_return_dropped")
    | Q(kind=CaseEvent.Kind.QUOTE, name="answered", data__answer=Quote.Answer.ACCEPTED)
    | Q(kind=CaseEvent.Kind.DETAILS, name="unrepaired_return_planned")
)


def last_transition(case: Case, *names: str) -> CaseEvent | None:
    """The latest of these transitions, None where none ever happened."""
    return _latest(case, _transitions(names))


@cache
def _transitions(names: tuple[str, ...]) -> Q:
    return Q(kind=CaseEvent.Kind.TRANSITION, name__in=names)


def last_question(case: Case) -> CaseEvent | None:
    """When the customer was last asked for something, None where they never were."""
    return last_transition(case, "request_information") if case.information_asked_at else None


def came_since(case: Case, event: CaseEvent, wanted: Q) -> bool:
    """Whether the timeline holds anything of the kind after that event."""
    events = known(case, "events")
    if events is None:
        return bool(_since(wanted).ask(case=case.pk, event=event.pk).rows())
    return any(one.pk > event.pk and fits(one, wanted) for one in events)


def unrepaired_plan(case: Case) -> CaseEvent | None:
    """The standing plan to send the product home unrepaired, None where there is none or it was overtaken.

    A plan ends when it is dropped, when the case moves on, or when a quote is accepted after all.
    """
    latest = _latest(case, _PLANNED_OR_ENDED)
    return latest if latest is not None and latest.name == "unrepaired_return_planned" else None


def _latest(case: Case, wanted: Q) -> CaseEvent | None:
    events = known(case, "events")
    if events is None:
        return next(iter(rows_of_case(case, _last(wanted))), None)
    return max((event for event in events if fits(event, wanted)), key=lambda event: event.pk, default=None)


# The conditions are few, and each is written by one module: their statements are kept for good.
@cache
def _last(wanted: Q) -> WrittenOnce:
    return WrittenOnce(lambda case: CaseEvent.objects.filter(wanted, case=case).order_by("-id")[:1], case=int)


@cache
def _since(wanted: Q) -> WrittenOnce:
    return WrittenOnce(
        lambda case, event: CaseEvent.objects.filter(wanted, case=case, id__gt=event).order_by().values_list("pk")[:1],
        case=int,
        event=int,
    )
