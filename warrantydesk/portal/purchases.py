"""What was bought, proved by an invoice number and a serial number together. One of them alone tells nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from products.models import SoldUnit
from products.queries import PurchaseMatch, find_by_serial, find_invoice, match_purchase
from products.written_numbers import readings_of

MOST_READINGS = 5


@dataclass(frozen=True)
class Numbers:
    """Both as they are best read: the reading that is one of ours, else as they were written."""

    invoice: str
    serial: str
    match: PurchaseMatch

    @property
    def unit(self) -> SoldUnit | None:
        """The product the two belong to; None where one of them is missing, unknown, or of another sale."""
        match = self.match
        both = self.invoice and self.serial
        return match.unit if both and match.invoice and not match.problems else None

    @property
    def part_ids(self) -> list[int]:
        """The part whose own serial number it is; none where it is that of the whole kit."""
        return [part.pk for part in self.match.parts] if self.unit else []


def read_numbers(invoice: str, serial: str) -> Numbers:
    """Spaces, dashes, case, O for 0, and pasted labels are forgiven. At most MOST_READINGS of each are looked up."""
    best_invoice = _best(invoice, find_invoice)
    best_serial = _best(serial, _sold_under)
    written = ([best_invoice] if best_invoice else [], [best_serial] if best_serial else [])
    return Numbers(best_invoice, best_serial, match_purchase(*written))


def _best(written: str, is_ours: Callable[[str], Any]) -> str:
    readings = readings_of(written)[:MOST_READINGS]
    return next((one for one in readings if one and is_ours(one)), readings[0])


def _sold_under(serial: str) -> bool:
    found = find_by_serial(serial)
    return bool(found.units or found.parts)
