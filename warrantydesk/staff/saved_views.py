"""The views of the queue: what each shows, in one table, and how many cases stand in each.

A view only looks. Which step a case may take next is never decided here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case, ClaimedPart, Quote
from cases.models.case import OPEN_STATES, State
from cases.queries import cases_visible_to
from shipments.queries import parcels_on_the_road

NEAR_END_DAYS = 30


@dataclass(frozen=True)
class Looking:
    """Who looks at the queue, and on which day."""

    user: Any
    today: date


@dataclass(frozen=True)
class SavedView:
    """One view: its address (`?view=code`), its name in the side, and the cases it holds. `empty` says so in words."""

    code: str
    label: Promise
    holds: Callable[[Looking], Q]
    empty: Promise
    counted: bool = True


OPEN = Q(state__in=OPEN_STATES)


def _waiting(_looking: Looking) -> Q:
    """We asked for something, or sent a quote, and nobody has answered yet."""
    unanswered = Quote.objects.filter(superseded_at=None, sent_at__isnull=False, answer="").values("case_id")
    asked = Q(state=State.SUBMITTED, information_asked_at__isnull=False)
    return asked | (OPEN & Q(pk__in=unanswered))


def _near_end(looking: Looking) -> Q:
    soon = looking.today + timedelta(days=NEAR_END_DAYS)
    ending = ClaimedPart.objects.filter(part__covered_through__range=(looking.today, soon)).values("case_id")
    return OPEN & Q(pk__in=ending)


def _on_the_road(_looking: Looking) -> Q:
    return Q(pk__in=parcels_on_the_road().order_by().values("case_id"))


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
            "review",
            _("Evidence review"),
            lambda _looking: Q(state=State.EVIDENCE_REVIEW),
            _("Nothing waits for a decision."),
        ),
        SavedView(
            "waiting",
            _("Waiting for the customer"),
            _waiting,
            _("No customer owes us an answer."),
        ),
        SavedView(
            "near-end",
            _("Near the end of cover"),
            _near_end,
            _("No claimed part of an open case leaves its cover within 30 days."),
        ),
        SavedView("road", _("On the road"), _on_the_road, _("No parcel is travelling.")),
        SavedView("all", _("Everything"), lambda _looking: Q(), _("No case has been opened yet."), counted=False),
    )
}
FIRST_VIEW = "mine"


def cases_in(view: SavedView, looking: Looking) -> QuerySet[Case]:
    return cases_visible_to(looking.user).filter(view.holds(looking))


def count_views(looking: Looking) -> dict[str, int]:
    """How many cases stand in each counted view, in one query that walks the open cases once."""
    counted = [view for view in VIEWS.values() if view.counted]
    counts = {_column(view): Count("pk", filter=view.holds(looking)) for view in counted}
    # A parcel may travel beside a case that is closed already: those are not among the open ones.
    living = cases_visible_to(looking.user).filter(OPEN | _on_the_road(looking))
    found = living.aggregate(**counts)
    return {view.code: found[_column(view)] or 0 for view in counted}


def _column(view: SavedView) -> str:
    """A name SQL takes, and no field of the case."""
    return f"in_{view.code.replace('-', '_')}"
