"""What things are called in a report: products and parts, people, countries, months."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth import get_user_model
from django.utils import formats
from django.utils.translation import gettext as _
from django_countries import countries

from products.models import Product, VoidReason
from warrantydesk.faces.statuses import status_of


def product_names() -> dict[int | None, str]:
    """The name of every article, and of what is not known yet. Few hundred at the most."""
    names: dict[int | None, str] = dict(Product.objects.order_by().values_list("pk", "name"))
    names[None] = _("not known yet")
    return names


def people(keys: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {key for key in keys if key is not None}
    found = get_user_model().objects.filter(pk__in=wanted).values_list("pk", "name", "email")
    return {pk: name or email for pk, name, email in found}


def reason_titles() -> dict[str, str]:
    return dict(VoidReason.objects.values_list("code", "title"))


def country_name(code: str) -> str:
    return str(countries.name(code)) or code or _("not known")


def state_name(code: str) -> str:
    return str(status_of(code, "case").staff)


def month_name(month: date) -> str:
    """Mar 2026."""
    return formats.date_format(month, "M Y")
