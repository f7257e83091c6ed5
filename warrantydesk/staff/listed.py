"""The page of the queue somebody asked for. Its query is written once for each kind of page: written anew, it takes
the desk longer than the database takes to answer.

A search is no such kind: what its words could be is already written once (warrantydesk/staff/search.py).
"""

from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db.models import QuerySet

from cases.models import Case
from cases.queries import cases_visible_to
from products.written_once import WrittenOnce
from warrantydesk.staff import paging
from warrantydesk.staff.filters import VALUES, Filters
from warrantydesk.staff.ordering import ORDERS, Order
from warrantydesk.staff.paging import Asked, Place, QueuePage, page_of, places_asked
from warrantydesk.staff.saved_views import LOOKED_AT, VIEWS, Looking, SavedView, cases_in, held_in
from warrantydesk.staff.search import matching

PLACE: dict[str, type] = Place.__annotations__


class Kind(NamedTuple):
    """Everything of a page that changes its query; the values in it do not."""

    view: str
    filters: tuple[str, ...]
    order: str
    backwards: bool
    has_place: bool
    size: int


def page_listed(
    looking: Looking, view: SavedView, filters: Filters, order: Order, asked: Asked, words: str = ""
) -> QueuePage:
    """One page of the cases of a view that pass the filters and fit the words. Two queries: which, and what of them."""
    cases = cases_visible_to(looking.user)
    if words or cases.query.is_empty():
        found = cases_in(view, looking).filter(filters.holds(looking.now))
        found = found.filter(matching(words)) if words else found
        return page_of(places_asked(found, order, asked.place, backwards=asked.backwards), asked)
    place = asked.place
    kind = Kind(view.code, filters.kinds, order.code, asked.backwards, place is not None, paging.PAGE_SIZE)
    values = {name: getattr(looking, name) for name in LOOKED_AT if name != "user"} | filters.values(looking.now)
    values |= {"user": looking.user.pk, "key": place.key if place else looking.now, "pk": place.pk if place else 0}
    return page_of(_written(kind).ask(**values).rows(), asked)


@lru_cache(maxsize=1024)
def _written(kind: Kind) -> WrittenOnce:
    def build(**values: Any) -> QuerySet[Any, Any]:
        looking: Any = SimpleNamespace(**{name: values[name] for name in LOOKED_AT})
        cases = held_in(Case.objects.all(), VIEWS[kind.view], looking).filter(Filters.held(kind.filters, values))
        place = Place(values["key"], values["pk"]) if kind.has_place else None
        return places_asked(cases, ORDERS[kind.order], place, backwards=kind.backwards)

    # Which way is best depends on the values: for a country nobody lives in, that for any country walks every case.
    return WrittenOnce(build, keep_plan=False, **LOOKED_AT, **VALUES, **PLACE)
