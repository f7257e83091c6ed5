"""The views of the queue: what each shows, and in which order, in one table.

A view only looks. Which step a case may take next is never decided here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Absence, Case
from cases.models.case import OPEN_STATES, State, due_first
from cases.queries import cases_visible_to
from products.written_once import Asked, WrittenOnce
from shipments.queries import parcels_on_the_road
from warrantydesk.faces.counting import first_rows
from warrantydesk.staff.ordering import DUE

NEAR_END_DAYS = 30


@dataclass(frozen=True)
class Looking:
    """Who looks at the queue, and when."""

    user: Any
    now: datetime

    @cached_property
    def today(self) -> Any:
        return timezone.localdate(self.now)

    @cached_property
    def soon(self) -> Any:
        """The last day of what is called near."""
        return self.today + timedelta(days=NEAR_END_DAYS)

    @cached_property
    def tomorrow(self) -> datetime:
        """The instant at which the desk's own day ends."""
        return timezone.make_aware(datetime.combine(self.today + timedelta(days=1), time.min))


@dataclass(frozen=True)
class SavedView:
    """One view: its address (`?view=code`), its name in the side, and the cases it holds. `empty` says so in words."""

    code: str
    label: Promise
    holds: Callable[[Looking], Q]
    empty: Promise
    counted: bool = True
    order: str = "changed"


# Not said where it follows from the rest: answers are due, and customers asked, in open cases alone (the response
# clock of a closed one is empty), and PostgreSQL, told of both, takes them for independent and reads the wrong index.
OPEN = Q(state__in=OPEN_STATES)


def _near_end(looking: Looking) -> Q:
    return OPEN & Q(cover_ends_on__range=(looking.today, looking.soon))


def _on_the_road(_looking: Looking) -> Q:
    return Q(pk__in=parcels_on_the_road().order_by().values("case_id"))


def _owner_away(looking: Looking) -> Q:
    away = Absence.objects.filter(first_on__lte=looking.today, last_on__gte=looking.today)
    return OPEN & Q(assignee__in=away.values("person"))


VIEWS: dict[str, SavedView] = {
    view.code: view
    for view in (
        SavedView(
            "mine",
            _("My cases"),
            lambda looking: OPEN & Q(assignee=looking.user),
            _("Nothing is yours right now. Take something from “Unassigned”."),
        ),
        SavedView(
            "unassigned",
            _("Unassigned"),
            lambda _looking: OPEN & Q(assignee=None),
            _("Every open case has somebody who looks after it."),
        ),
        SavedView(
            "overdue",
            _("Overdue"),
            lambda looking: Q(due_key__lt=looking.now),
            _("Nobody waits longer for an answer than we promised."),
            order="due",
        ),
        SavedView(
            "due-today",
            _("Due today"),
            lambda looking: Q(due_key__gte=looking.now, due_key__lt=looking.tomorrow),
            _("No answer is due before tomorrow."),
            order="due",
        ),
        SavedView(
            "review",
            _("Evidence review"),
            lambda _looking: Q(state=State.EVIDENCE_REVIEW),
            _("Nothing waits for a decision."),
        ),
        SavedView(
            "waiting",
            _("Waiting for the customer"),
            lambda _looking: Q(waiting_since__isnull=False),
            _("No customer owes us an answer."),
        ),
        SavedView(
            "near-end",
            _("Near the end of cover"),
            _near_end,
            _("No claimed part of an open case leaves its cover within 30 days."),
        ),
        SavedView("road", _("On the road"), _on_the_road, _("No parcel is travelling.")),
        SavedView(
            "away",
            _("Colleagues away"),
            _owner_away,
            _("Everybody whose cases are open is here."),
        ),
        SavedView("all", _("Everything"), lambda _looking: Q(), _("No case has been opened yet."), counted=False),
    )
}
FIRST_VIEW = "mine"


def cases_in(view: SavedView, looking: Looking) -> QuerySet[Case]:
    """The cases of a view, each with its `due_key`: what is due, or the end of time."""
    return held_in(cases_visible_to(looking.user), view, looking)


def count_of(view: SavedView, looking: Looking) -> Asked:
    """The query for the first cases of a view, to be counted: for whoever may see all cases."""
    named = {name: getattr(looking, name) for name in LOOKED_AT if name != "user"}
    return _COUNTS[view.code].ask(user=looking.user.pk, **named)


def held_in(cases: QuerySet[Case], view: SavedView, looking: Any) -> QuerySet[Case]:
    """Those of `cases` that the view holds for whoever looks."""
    return cases.alias(due_key=due_first()).filter(view.holds(looking))


def _written(view: SavedView) -> WrittenOnce:
    """`view.holds` is given stand-ins for everything of Looking; only the person is an id instead.

    What is due is counted along its index: for a moment it does not know PostgreSQL takes a third of all cases to be
    late, and would rather walk the table until it has met enough of them.
    """
    along = (DUE,) if view.order == "due" else ()
    return WrittenOnce(
        lambda **looking: first_rows(held_in(Case.objects.all(), view, SimpleNamespace(**looking)), *along),
        keep_plan=True,
        **LOOKED_AT,
    )


LOOKED_AT: dict[str, type] = {"user": int, "now": datetime, "tomorrow": datetime, "today": date, "soon": date}
_COUNTS = {code: _written(view) for code, view in VIEWS.items()}
