"""The board of parcels: its tabs in one table, what each holds, how many stand in it, and the pages of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shipments.carriers.registry import identify
from shipments.models import EventKind, RepairShipment
from shipments.queries import (
    IN_EXCEPTION,
    parcels_in_workshop,
    parcels_needing_review,
    parcels_on_the_road,
    parcels_that_count,
    silent_parcels,
)
from shipments.services.staying import NOT_HANDED_OVER
from warrantydesk.faces.counting import REMEMBERED
from warrantydesk.faces.remembering import recall, remember
from warrantydesk.staff.paging import PAGE_SIZE, Place
from warrantydesk.staff.search import SHORTEST, reference_in

TO_WORKSHOP, TO_CUSTOMER = RepairShipment.Direction.TO_WORKSHOP, RepairShipment.Direction.TO_CUSTOMER
Parcels = QuerySet[RepairShipment]
MANY = 1000  # from here on a count takes longer than the rest of the page


@dataclass(frozen=True)
class Board:
    """One tab. `since` is the field its rows have waited since, the longest first; `says` stands under its title."""

    code: str
    label: Promise
    says: Promise
    holds: Callable[[datetime], Parcels]
    since: str
    nothing: Promise
    nothing_means: Promise


def _on_the_way(direction: str) -> Callable[[datetime], Parcels]:
    return lambda _now: parcels_on_the_road().filter(direction=direction)


def _announced(_now: datetime) -> Parcels:
    return parcels_that_count().filter(arrived_at=None, latest_kind__in=NOT_HANDED_OVER)


def _in_workshop(_now: datetime) -> Parcels:
    return parcels_in_workshop()


def _in_exception(_now: datetime) -> Parcels:
    return parcels_that_count().filter(arrived_at=None, latest_kind__in=IN_EXCEPTION)


def _to_review(_now: datetime) -> Parcels:
    heard = Coalesce("latest_event_at", "booked_at")
    return parcels_needing_review().filter(proposed=False).annotate(heard=heard)


def _proposed(_now: datetime) -> Parcels:
    return RepairShipment.objects.filter(proposed=True, cancelled_at=None)


BOARDS: dict[str, Board] = {
    board.code: board
    for board in (
        Board(
            "incoming", _("On the way in"), _("Handed over to a carrier, and not yet in the workshop."),
            _on_the_way(TO_WORKSHOP), "latest_event_at",
            _("Nothing is on its way in"), _("A parcel appears here with its first scan."),
        ),
        Board(
            "workshop", _("In the workshop"), _("Arrived, and not yet on its way home: its clocks stand still."),
            _in_workshop, "here_since",
            _("Nothing is in the workshop"), _("A parcel appears here when its carrier has delivered it to us."),
        ),
        Board(
            "outgoing", _("On the way out"), _("Handed over to a carrier, and not yet with the customer."),
            _on_the_way(TO_CUSTOMER), "latest_event_at",
            _("Nothing is on its way out"), _("A parcel appears here with its first scan."),
        ),
        Board(
            "announced", _("Not handed over"), _("Booked, and not yet seen by its carrier."), _announced, "booked_at",
            _("Every booked parcel was handed over"), _("A parcel stands here from its booking to its first scan."),
        ),
        Board(
            "silent", _("Silent"), _("No scan for days while a clock stands still: somebody has to ask."),
            silent_parcels, "silent_since",
            _("No parcel is silent"), _("Every travelling parcel was scanned within the last days."),
        ),
        Board(
            "exception", _("Exception"), _("Held up, sent back, lost, or nobody was met."), _in_exception,
            "latest_event_at",
            _("Nothing went wrong on the road"), _("A parcel stands here while its last scan tells of trouble."),
        ),
        Board(
            "review", _("Review"), _("What no carrier's record settles by itself."), _to_review, "heard",
            _("Nothing to look at"), _("Tracking proves every pause there is."),
        ),
        Board(
            "proposed", _("Proposed"), _("Numbers customers gave, by mail or on their page: are they this case's?"),
            _proposed, "booked_at",
            _("No number waits"), _("A number a customer gives stands here until somebody confirms it."),
        ),
    )
}  # fmt: skip
FIRST_BOARD = "incoming"


def count_boards(now: datetime) -> dict[str, int]:
    """How many parcels stand in each tab: five queries at most. A parcel may stand in several."""
    still_open = RepairShipment.objects.filter(cancelled_at=None, arrived_at=None)
    travelling = Q(proposed=False) & ~Q(latest_kind__in=(*NOT_HANDED_OVER, EventKind.LOST))
    counted = still_open.aggregate(
        incoming=Count("pk", filter=travelling & Q(direction=TO_WORKSHOP)),
        outgoing=Count("pk", filter=travelling & Q(direction=TO_CUSTOMER)),
        announced=Count("pk", filter=Q(proposed=False, latest_kind__in=NOT_HANDED_OVER)),
        exception=Count("pk", filter=Q(proposed=False, latest_kind__in=IN_EXCEPTION)),
    )
    asked_alone = {code: _count(code, now) for code in ("workshop", "silent", "review", "proposed")}
    return {code: (counted | asked_alone)[code] or 0 for code in BOARDS}


def _count(code: str, now: datetime) -> int:
    """How many stand in a tab; many are counted once a minute, for everybody."""
    known = recall(f"board:{code}")
    if isinstance(known, int):
        return known
    count = BOARDS[code].holds(now).count()
    if count >= MANY:
        remember(f"board:{code}", count, REMEMBERED)
    return count


@dataclass(frozen=True)
class Filters:
    """What the reader wants to see of a tab; empty values leave everything."""

    carrier: str = ""
    country: str = ""
    days: int = 0

    @property
    def any(self) -> bool:
        return bool(self.carrier or self.country or self.days)

    def applied(self, parcels: Parcels, since: str, now: datetime) -> Parcels:
        if self.carrier:
            parcels = parcels.filter(carrier=self.carrier)
        if self.country:
            parcels = parcels.filter(case__customer__country=self.country)
        if self.days:
            parcels = parcels.filter(**{f"{since}__lte": now - timedelta(days=self.days)})
        return parcels


@dataclass(frozen=True)
class BoardPage:
    parcels: list[RepairShipment]
    more: Place | None
    is_first: bool


def board_page(board: Board, filters: Filters, now: datetime, after: str = "") -> BoardPage:
    """The page of a tab that begins after the place `after`, the longest waiting first. One query, keyset paging."""
    place, since = Place.read(after), board.since
    rows = filters.applied(board.holds(now), since, now).order_by(since, "pk")
    if place:
        later: Mapping[str, Any] = {f"{since}__gt": place.key}
        same: Mapping[str, Any] = {since: place.key, "pk__gt": place.pk}
        rows = rows.filter(**{f"{since}__gte": place.key}).filter(Q(**later) | Q(**same))
    found = list(rows.select_related("case__customer")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    more = Place(getattr(shown[-1], since), shown[-1].pk) if len(found) > PAGE_SIZE else None
    return BoardPage(shown, more, is_first=place is None)


def find_parcels(written: str) -> list[RepairShipment]:
    """Parcels of any tab and of none, by tracking number as people write or paste it, or by the case's reference."""
    reference = reference_in(written)
    wanted = Q(case__reference=reference) if reference else Q(tracking_number__in=_numbers(written))
    rows = RepairShipment.objects.filter(wanted).select_related("case__customer")
    return list(rows.order_by("-booked_at", "-pk")[:PAGE_SIZE])


def _numbers(written: str) -> set[str]:
    numbers = {written.strip().upper(), identify(written).normalised}
    return {number for number in numbers if len(number) >= SHORTEST}
