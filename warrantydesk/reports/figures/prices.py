"""What a part is worth: the mean price at which it was sold by itself in the year before, in each currency."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, QuerySet

from products.models import InvoiceLine, Product
from products.written_once import WrittenOnce

A_YEAR = timedelta(days=365)
CENT = Decimal("0.01")


def _sold(singly: list[int], since: date, until: date) -> QuerySet[Any]:
    sold = InvoiceLine.objects.filter(unit_price__gt=0, product__in=singly, invoice__issued_on__range=(since, until))
    return sold.order_by().values_list("product", "invoice__currency").annotate(price=Avg("unit_price"))


_SINGLY = WrittenOnce(lambda: Product.objects.filter(kind=Product.Kind.SINGLE).values_list("pk"))
_SOLD = WrittenOnce(_sold, singly=[int], since=date, until=date)


def mean_prices(on: date) -> dict[int, dict[str, Decimal]]:
    """Product → currency → price. Parts never sold by themselves have none."""
    # By their keys: the database then knows how few lines these are, and does not read all of them.
    singly = [key for (key,) in _SINGLY.ask().rows()]
    found: dict[int, dict[str, Decimal]] = {}
    for product, currency, price in _SOLD.ask(singly=singly, since=on - A_YEAR, until=on).fetched() if singly else ():
        found.setdefault(product, {})[currency] = Decimal(price).quantize(CENT)
    return found
