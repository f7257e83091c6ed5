"""What a part is worth: the mean price at which it was sold by itself in the year before, in each currency."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Avg

from products.models import InvoiceLine, Product

A_YEAR = timedelta(days=365)
CENT = Decimal("0.01")


def mean_prices(on: date) -> dict[int, dict[str, Decimal]]:
    """Product → currency → price. Parts never sold by themselves have none."""
    # By their keys: the database then knows how few lines these are, and does not read all of them.
    singly = list(Product.objects.filter(kind=Product.Kind.SINGLE).values_list("pk", flat=True))
    sold = InvoiceLine.objects.filter(unit_price__gt=0, product__in=singly, invoice__issued_on__range=(on - A_YEAR, on))
    found: dict[int, dict[str, Decimal]] = {}
    rows = sold.order_by().values_list("product", "invoice__currency").annotate(price=Avg("unit_price"))
    for product, currency, price in rows:
        found.setdefault(product, {})[currency] = Decimal(price).quantize(CENT)
    return found
