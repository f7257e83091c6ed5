"""Serial numbers that become known after the sale: from a file of them, or scanned while a product is packed."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from products.errors import Refused
from products.identifiers import fold_identifier, normalise_identifier
from products.models import CoveredPart, SerialChange, SoldUnit
from products.services.sale_data import UnitData
from products.services.serials import serials_of_unit


def record_serials(unit_id: int, given: UnitData, *, now: dt.datetime) -> int:
    """Fill in the serials of one sold piece and its parts; how many were new.

    Refused where a number differs from one that is stored, where the piece has no such part, and where another piece
    of the same product carries the number on its box already: two products with one number cannot be told apart.
    """
    with transaction.atomic():
        unit = _locked_unit(unit_id)
        parts = list(
            CoveredPart.objects.select_for_update(of=("self",))
            .select_related("product")
            .filter(unit=unit)
            .order_by("position")
        )
        skus = [part.product.sku for part in parts]
        of_unit, of_parts = serials_of_unit(unit.line.product.sku, skus, given, "serial")
        replaced = set(SerialChange.objects.filter(part__in=parts).values_list("part_id", flat=True))
        _refuse_taken(unit, of_unit)
        filled = _fill(unit, of_unit, is_final=False)
        for part, serial in zip(parts, of_parts, strict=True):
            filled += _fill(part, serial, is_final=part.pk in replaced)
    return filled


def _locked_unit(unit_id: int) -> SoldUnit:
    rows = SoldUnit.objects.select_for_update(of=("self",)).select_related("line__product", "line__invoice")
    unit = rows.filter(pk=unit_id).first()
    if unit is None:
        raise Refused(_("There is no such sold unit."), field="unit", code="unit_unknown")
    return unit


def _refuse_taken(unit: SoldUnit, serial: str) -> None:
    fold = fold_identifier(serial)
    if not fold:
        return
    others = SoldUnit.objects.filter(serial_fold=fold, line__product=unit.line.product).exclude(pk=unit.pk)
    for other in others.select_related("line__invoice")[:50]:
        if normalise_identifier(other.serial) == normalise_identifier(serial):
            raise Refused(
                _("serial: %(serial)s was sold with invoice %(number)s already. Look at the label again.")
                % {"serial": serial, "number": other.line.invoice.number},
                field="serial",
                code="serial_taken",
            )


def _fill(row: SoldUnit | CoveredPart, serial: str, *, is_final: bool) -> int:
    if not serial or normalise_identifier(row.serial) == normalise_identifier(serial):
        return 0
    if row.serial or is_final:
        raise Refused(
            _("serial: this piece is stored with %(stored)s, not %(given)s. A replacement is recorded as one.")
            % {"stored": row.serial or "—", "given": serial},
            field="serial",
            code="contradiction",
        )
    row.serial = serial
    row.save(update_fields=["serial", "serial_fold"])
    return 1
