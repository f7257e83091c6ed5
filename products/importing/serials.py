"""A table of serial numbers alone: which piece of which invoice carries what. Each row is one piece."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from products.errors import Refused
from products.importing.orders import Order
from products.importing.plain import cell, part_serials
from products.importing.tables import Row
from products.models import Invoice, SoldUnit
from products.services import Registration, UnitData, record_serials


def read_orders(rows: Iterator[Row], at: Mapping[str, int], shop: str = "") -> Iterator[Order]:
    """Each row by itself: a wrong number spoils no other. What it says is read when it is recorded."""
    for position, cells in rows:
        if position < 0:
            yield Order([(position, cells)], problem=cells[0])
            continue
        said = {name: cell(cells, at, name) for name in ("number", "sku", "serial", "part_serials", "shop")}
        order = Order([(position, cells)], said["number"])
        order.serials = {**said, "shop": said["shop"] or shop}
        if not said["number"] or not (said["serial"] or said["part_serials"]):
            order.problem = "number, serial: the row names no invoice or no serial number"
        yield order


def record(order: Order, registration: Registration) -> int:
    """How many serial numbers were filled in. Refused where there is no such piece, or it has another number."""
    said = order.serials
    unit = UnitData(said["serial"], part_serials(order.position, said["part_serials"]))
    return record_serials(_piece(said).pk, unit, now=registration.now)


def _piece(said: Mapping[str, str]) -> SoldUnit:
    invoices = Invoice.objects.filter(number=said["number"])
    invoices = invoices.filter(shop=said["shop"]) if said["shop"] else invoices
    found = list(invoices[:2])
    if len(found) != 1:
        words = _("number: there is no invoice %(number)s.") if not found else _("number: several shops have it.")
        raise Refused(words % {"number": said["number"]}, field="number", code="invoice_unknown")
    units = SoldUnit.objects.filter(line__invoice=found[0], line__product__sku=said["sku"]).order_by("line", "number")
    same = units.filter(serial=said["serial"]).first() if said["serial"] else None
    free = same or units.filter(serial="").first() or units.first()
    if free is None:
        raise Refused(
            _("sku: invoice %(number)s holds no %(sku)s.") % {"number": said["number"], "sku": said["sku"]},
            field="sku",
            code="sku_unknown",
        )
    return free
