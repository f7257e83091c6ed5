"""Which serial numbers, as given with a sale, belong to which parts of one sold unit."""

from collections import defaultdict, deque
from collections.abc import Sequence

from django.utils.translation import gettext as _

from products.errors import Refused
from products.services.checking import checked_serial
from products.services.sale_data import UnitData


def serials_of_unit(line_sku: str, part_skus: Sequence[str], unit: UnitData, field: str) -> tuple[str, list[str]]:
    """The unit's serial and one for each part, in order, '' where not known.

    A product sold singly is its own only part, so the serial on its box is the part's too. Refused where a serial
    names a part the unit does not have, or has fewer of.
    """
    serial = checked_serial(unit.serial, f"{field}.serial")
    waiting = {
        sku.strip(): deque(checked_serial(written, f"{field}.part_serials[{sku}]") for written in serials)
        for sku, serials in unit.part_serials.items()
    }
    of_parts = defaultdict(deque, waiting)
    in_order = [of_parts[sku].popleft() if of_parts[sku] else "" for sku in part_skus]
    for sku, left_over in waiting.items():
        if left_over:
            raise _too_many(sku, field)
    if list(part_skus) == [line_sku]:
        in_order = [in_order[0] or serial]
    return serial, in_order


def _too_many(sku: str, field: str) -> Refused:
    return Refused(
        _("%(field)s: more serial numbers are given for “%(sku)s” than the product has parts of it.")
        % {"field": f"{field}.part_serials", "sku": sku},
        field=f"{field}.part_serials",
        code="too_many_serials",
    )
