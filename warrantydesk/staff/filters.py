"""What the queue can be narrowed down to. A value nobody offered is no filter; unknown ids simply find nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from cases.models import ClaimedPart
from cases.models.case import State
from warrantydesk.staff.ordering import ORDERS, Order

NOBODY = "nobody"
MOST_ID = 2**63

# code: words, younger than, at least as old as (days)
AGES: dict[str, tuple[Promise, int | None, int]] = {
    "1": (_("Up to a day old"), 1, 0),
    "3": (_("1 to 3 days old"), 3, 1),
    "7": (_("3 to 7 days old"), 7, 3),
    "30": (_("7 to 30 days old"), 30, 7),
    "older": (_("More than 30 days old"), None, 30),
}


@dataclass(frozen=True)
class Filters:
    """Each is "" where nothing is chosen. `product` is what was sold, `part` the product a claimed part is."""

    state: str = ""
    product: str = ""
    part: str = ""
    country: str = ""
    age: str = ""
    assignee: str = ""
    tag: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filters":
        return cls(
            state=_among(given.get("state", ""), State.values),
            product=_id(given.get("product", "")),
            part=_id(given.get("part", "")),
            country=_among(given.get("country", ""), countries),
            age=_among(given.get("age", ""), AGES),
            assignee=NOBODY if given.get("assignee") == NOBODY else _id(given.get("assignee", "")),
            tag=_id(given.get("tag", "")),
        )

    @property
    def chosen(self) -> dict[str, str]:
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The filters chosen, by what they ask: the same kinds make the same query, whatever their values."""
        return tuple(_KIND_OF.get((name, value), name) for name, value in self._asked.items())

    @property
    def _asked(self) -> dict[str, str]:
        """Those chosen; an age as the bounds it has."""
        asked = dict(self.chosen)
        if code := asked.pop("age", ""):
            _words, younger, older = AGES[code]
            asked |= ({"younger": code} if younger else {}) | ({"older": code} if older else {})
        return asked

    def values(self, now: datetime) -> dict[str, Any]:
        """A value for each of VALUES: what was chosen, or one that no kind asks for."""
        return {
            "state": self.state,
            "country": self.country,
            "product": int(self.product or 0),
            "part": int(self.part or 0),
            "assignee": 0 if self.assignee in ("", NOBODY) else int(self.assignee),
            "tag": int(self.tag or 0),
            **_bounds(self.age, now),
        }

    def holds(self, now: datetime) -> Q:
        """The condition of every filter chosen, at once."""
        return self.held(self.kinds, self.values(now))

    @staticmethod
    def held(kinds: tuple[str, ...], values: Mapping[str, Any]) -> Q:
        held = Q()
        for kind in kinds:
            held &= _HOLDS[kind](values.get(kind))
        return held


VALUES: dict[str, type] = {
    "state": str, "country": str, "product": int, "part": int, "assignee": int, "tag": int,
    "younger": datetime, "older": datetime,
}  # fmt: skip
_KIND_OF = {("assignee", NOBODY): NOBODY}
_HOLDS: dict[str, Callable[[Any], Q]] = {
    "state": lambda value: Q(state=value),
    "product": lambda value: Q(product=value),
    "part": lambda value: Q(pk__in=ClaimedPart.objects.filter(product=value).values("case_id")),
    "country": lambda value: Q(customer__country=value),
    "younger": lambda value: Q(received_at__gt=value),
    "older": lambda value: Q(received_at__lte=value),
    "assignee": lambda value: Q(assignee=value),
    NOBODY: lambda _value: Q(assignee=None),
    "tag": lambda value: Q(tags=value),
}


def _bounds(age: str, now: datetime) -> dict[str, datetime]:
    _words, younger, older = AGES[age] if age else ("", None, 0)
    return {"younger": now - timedelta(days=younger or 0), "older": now - timedelta(days=older)}


def order_for(written: str, filters: Filters, fallback: str) -> Order:
    """The order asked for. Whoever asks for an age gets the oldest first: any other order would walk all the rest."""
    return ORDERS.get(written) or ORDERS["oldest" if filters.age else fallback]


def address_of(view: str, filters: Filters, order: str) -> str:
    """The query string under which this list is found again, without the page it stands on."""
    return urlencode({"view": view, **filters.chosen, **({"sort": order} if order in ORDERS else {})})


def _among(written: str, known: Any) -> str:
    return written if written in known else ""


def _id(written: str) -> str:
    return written if written.isascii() and written.isdigit() and 0 < int(written) < MOST_ID else ""
