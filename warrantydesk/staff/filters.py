"""What the queue can be narrowed down to. A value nobody offered is no filter; unknown ids simply find nothing."""

from collections.abc import Mapping
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

    def holds(self, now: datetime) -> Q:
        """The condition of every filter chosen, at once."""
        made = {
            "state": lambda value: Q(state=value),
            "product": lambda value: Q(product=value),
            "part": lambda value: Q(pk__in=ClaimedPart.objects.filter(product=value).values("case_id")),
            "country": lambda value: Q(customer__country=value),
            "age": lambda value: _of_age(value, now),
            "assignee": lambda value: Q(assignee=None if value == NOBODY else value),
            "tag": lambda value: Q(tags=value),
        }
        held = Q()
        for name, value in self.chosen.items():
            held &= made[name](value)
        return held


def order_for(written: str, filters: Filters, fallback: str) -> Order:
    """The order asked for. Whoever asks for an age gets the oldest first: any other order would walk all the rest."""
    return ORDERS.get(written) or ORDERS["oldest" if filters.age else fallback]


def address_of(view: str, filters: Filters, order: str) -> str:
    """The query string under which this list is found again, without the page it stands on."""
    return urlencode({"view": view, **filters.chosen, **({"sort": order} if order in ORDERS else {})})


def _of_age(code: str, now: datetime) -> Q:
    _words, younger, older = AGES[code]
    held = Q(received_at__lte=now - timedelta(days=older)) if older else Q()
    return held & Q(received_at__gt=now - timedelta(days=younger)) if younger else held


def _among(written: str, known: Any) -> str:
    return written if written in known else ""


def _id(written: str) -> str:
    return written if written.isascii() and written.isdigit() and 0 < int(written) < MOST_ID else ""
