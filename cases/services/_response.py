"""The response clock of a case, kept beside it: when an answer is due, and since when we wait for the customer.

The rules are pure (cases/rules/response_clock.py); this reads the timeline, asks them, and is the only writer of what
they say. It has nothing to do with the warranty clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from cases.models import Case, CaseEvent, DeskCalendar, Quote
from cases.models.case import OPEN_STATES, State
from cases.rules.response_clock import ResponseClock, Turn, response_clock
from cases.rules.response_turns import Told, asked_since, turns
from products.written_once import WrittenOnce

Turns = list[tuple[datetime, Turn]]
_TOLD = (
    CaseEvent.Kind.TRANSITION,
    CaseEvent.Kind.MESSAGE,
    CaseEvent.Kind.EVIDENCE,
    CaseEvent.Kind.DETAILS,
    CaseEvent.Kind.PART,
)
_COUNTED = ("first_reply_due_at", "first_replied_at", "decision_due_at", "due_at", "waiting_since")


def follow_response_clock(case: Case, event: CaseEvent) -> None:
    """Let the response clock hear of a new row of the timeline; most rows are nothing to it, and cost no query."""
    if _concerns(case, event):
        write_response_clock(case)


def start_response_clock(case: Case) -> None:
    """What the response clock says of a case that is about to be stored, set and not written."""
    for name, value in _counted(case, [(case.received_at, Turn.OPENED)]).items():
        setattr(case, name, value)


def write_response_clock(case: Case) -> bool:
    """Count the response clock anew and keep what it says; whether that was something new."""
    counted = _counted(case, turns_of(case))
    changed = {name: value for name, value in counted.items() if getattr(case, name) != value}
    for name, value in changed.items():
        setattr(case, name, value)
    if changed:
        case.save(update_fields=list(changed))
    return bool(changed)


def turns_of(case: Case) -> Turns:
    """What the timeline of this case holds for the response clock. One query."""
    return turns(case.received_at, (Told(*row) for row in _TELLING.ask(case=case.pk).rows()))


def _telling(case: int) -> QuerySet[CaseEvent, Any]:
    rows = CaseEvent.objects.filter(case=case, kind__in=_TOLD)
    return rows.order_by("id").values_list("at", "kind", "name", "actor_kind")


_TELLING = WrittenOnce(_telling, keep_plan=True, case=int)


def _each_day_off() -> QuerySet[DeskCalendar]:
    return DeskCalendar.objects.annotate(day_off=F("holidays__on"))


_EACH_DAY_OFF = WrittenOnce(_each_day_off)


def calendar_of(case: Case) -> DeskCalendar | None:
    """The desk that serves this customer: the one with their country, else the default. None where there is neither.

    One query; the calendar comes with its holidays."""
    country = str(case.customer.country or "")
    rows = _EACH_DAY_OFF.ask().fetched()  # a handful of calendars, each as often as it has days off
    own = (one for one in rows if country and country in one.countries)
    found = next(own, None) or next((one for one in rows if one.is_default), None)
    if found is not None:
        found.days_off = frozenset(one.day_off for one in rows if one.pk == found.pk and one.day_off)
    return found


def response_clock_of(case: Case) -> ResponseClock | None:
    """The whole clock, for a page that shows it. Three queries; None where no desk has hours."""
    return _clock(turns_of(case), calendar_of(case))


def _clock(found: Turns, calendar: DeskCalendar | None) -> ResponseClock | None:
    hours = calendar.hours if calendar else None
    if calendar is None or hours is None or not hours.ever_open:
        return None
    return response_clock(found, calendar.targets, hours)


def _counted(case: Case, found: Turns) -> dict[str, Any]:
    clock = _clock(found, calendar_of(case))
    waiting = asked_since(found) or _unanswered_quote(case)
    if clock is None:
        return dict.fromkeys(_COUNTED) | {"waiting_since": waiting}
    due = [at for at in (clock.first_reply_due_at, clock.decision_due_at) if at and clock.decision_due_at]
    return {
        "first_reply_due_at": clock.first_reply_due_at if clock.decision_due_at else None,
        "first_replied_at": clock.replied_at,
        "decision_due_at": clock.decision_due_at,
        "due_at": min(due, default=None),
        "waiting_since": waiting,
    }


def _unanswered_quote(case: Case) -> datetime | None:
    """When the quote the customer has not answered was sent. Only a case that was decided can have one."""
    if case.state not in OPEN_STATES or case.state == State.SUBMITTED:
        return None
    return next((sent_at for (sent_at,) in _UNANSWERED.ask(case=case.pk).rows()), None)


def _unanswered(case: int) -> QuerySet[Quote, Any]:
    sent = Quote.objects.filter(case=case, superseded_at=None, sent_at__isnull=False, answer="")
    return sent.order_by().values_list("sent_at")


_UNANSWERED = WrittenOnce(_unanswered, keep_plan=True, case=int)


def _concerns(case: Case, event: CaseEvent) -> bool:
    if event.kind == CaseEvent.Kind.QUOTE:
        return True
    if event.kind == CaseEvent.Kind.TRANSITION:
        return event.name != "begin_review" or case.waiting_since is not None
    if (event.kind, event.name) == (CaseEvent.Kind.MESSAGE, "written"):
        return case.first_replied_at is None and event.actor_kind == CaseEvent.Actor.STAFF
    return case.waiting_since is not None and event.kind in _TOLD
