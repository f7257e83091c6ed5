"""What a sale looks like before it is registered: plain data, as a file, a shop or a person hands it over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class CustomerData:
    """Everything may be unknown; without an address each call makes a customer of its own."""

    email: str = ""
    name: str = ""
    country: str = ""  # ISO 3166, two letters
    language: str = ""
    time_zone: str = ""
    address: str = ""


@dataclass(frozen=True)
class UnitData:
    """One piece of a line. `part_serials`: article number of a part → its serials in the order of the parts list."""

    serial: str = ""
    part_serials: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class LineData:
    """`units` may be shorter than `quantity`: the rest have no known serial.

    `refunded` of the `quantity` pieces went back; `refunded_on` None: the day is not known.
    """

    sku: str
    quantity: int = 1
    unit_price: Decimal | None = None
    units: Sequence[UnitData] = ()
    refunded: int = 0
    refunded_on: dt.date | None = None


@dataclass(frozen=True)
class InvoiceData:
    """`shop` and `number` together name the invoice. `delivered_on` None: not known (yet)."""

    number: str
    issued_on: dt.date
    customer: CustomerData
    lines: Sequence[LineData]
    shop: str = ""
    country: str = ""
    currency: str = "EUR"
    delivered_on: dt.date | None = None
