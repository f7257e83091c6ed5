"""What things are called in a report: products and parts, people, countries, months."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.contrib.auth import get_user_model
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_countries import countries

from products.models import Product, VoidReason
from products.written_once import WrittenOnce
from warrantydesk.faces.statuses import status_of

_PRODUCTS = WrittenOnce(lambda: Product.objects.order_by().values_list("pk", "name"))
_PEOPLE = WrittenOnce(
    lambda keys: get_user_model().objects.filter(pk__in=keys).values_list("pk", "name", "email"), keys=[int]
)
_REASONS = WrittenOnce(lambda: VoidReason.objects.values_list("code", "title"))


def product_names() -> dict[int | None, str]:
    """The name of every article, and of what is not known yet. Few hundred at the most."""
    names: dict[int | None, str] = dict(_PRODUCTS.ask().fetched())
    names[None] = _("not known yet")
    return names


def people(keys: Iterable[int | None]) -> dict[int | None, str]:
    wanted = sorted({key for key in keys if key is not None})
    found = _PEOPLE.ask(keys=wanted).fetched() if wanted else ()
    return {pk: name or email for pk, name, email in found}


def reason_titles() -> dict[str, str]:
    return dict(_REASONS.ask().fetched())


def country_name(code: str) -> str:
    return _country(code, get_language()) or code or _("not known")


@lru_cache(maxsize=4096)
def _country(code: str, _language: str | None) -> str:
    """Kept: a table says the same few of them on every second row."""
    return str(countries.name(code))


def state_name(code: str) -> str:
    return str(status_of(code, "case").staff)


def month_name(month: date) -> str:
    """Mar 2026."""
    return formats.date_format(month, "M Y")
