"""What the reports count, in three queries however many cases there are. Portable SQL; days are the desk's own."""

from collections.abc import Iterator
from datetime import date, tzinfo

from django.db.models import Case as Choose
from django.db.models import CharField, Count, DateTimeField, F, Q, Value, When
from django.db.models.functions import TruncDate

from cases.models import Case, CaseEvent
from cases.models.case import State
from warrantydesk.reports.ranges import Range, monday
from warrantydesk.reports.stages import Move

OPENED, TRANSITION = CaseEvent.Kind.OPENED, CaseEvent.Kind.TRANSITION


def cases_by_state(chosen: Range, zone: tzinfo) -> dict[str, int]:
    """How many of the requests that reached us in the range are in each state now; every state is there."""
    start, end = chosen.instants(zone)
    received = Case.objects.filter(received_at__gte=start, received_at__lt=end).order_by()
    found = dict(received.values_list("state").annotate(Count("id")))
    return {state: found.get(state, 0) for state in State.values}


def requests_by_week(chosen: Range, zone: tzinfo) -> dict[date, int]:
    """How many requests reached us in each week of the range, by its Monday; only days inside the range count."""
    start, end = chosen.instants(zone)
    received = Case.objects.filter(received_at__gte=start, received_at__lt=end).order_by()
    weeks = dict.fromkeys(chosen.weeks, 0)
    days = received.annotate(day=TruncDate("received_at", tzinfo=zone)).values_list("day").annotate(Count("id"))
    for day, count in days:
        weeks[monday(day)] += count
    return weeks


def moves_of_range(chosen: Range, zone: tzinfo) -> Iterator[Move]:
    """The whole history of every case that moved in the range, each case's rows together and in order.

    A request begins when it reached us, which may be earlier than the moment its case was opened.
    """
    start, end = chosen.instants(zone)
    moved = CaseEvent.objects.filter(kind=TRANSITION, at__gte=start, at__lt=end).order_by().values("case")
    opened = Q(kind=OPENED)
    rows = (
        CaseEvent.objects.filter(kind__in=(OPENED, TRANSITION), case__in=moved)
        .annotate(
            moment=Choose(When(opened, then=F("case__received_at")), default=F("at"), output_field=DateTimeField()),
            arrived=Choose(
                When(opened, then=Value(State.SUBMITTED.value)), default=F("to_state"), output_field=CharField()
            ),
        )
        .order_by("case_id", "at", "id")
        .values_list("case_id", "moment", "from_state", "arrived", "name")
    )
    return (Move(*row) for row in rows.iterator(chunk_size=2000))
