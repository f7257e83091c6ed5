"""The parts of one sold unit put right after the sale: taken out, counted again, put in. Part of a correction only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Max, ProtectedError, QuerySet
from django.utils.translation import gettext as _

from products.errors import Refused
from products.identifiers import fold_identifier
from products.models import (
    ClockChange,
    CoveredPart,
    Invoice,
    PartVoid,
    PauseWindow,
    Product,
    SerialChange,
    SoldUnit,
    WarrantyTerms,
)
from products.services.catalogue import MOST_PARTS, MOST_PIECES
from products.services.checking import check_fields, checked_serial
from products.services.clocks import set_clock
from products.services.planning import start_of


@dataclass(frozen=True)
class AddedPart:
    """A part that was in the box. Tracked by itself, or as a lot of `quantity` pieces."""

    sku: str
    place: str = ""
    quantity: int = 1
    is_lot: bool = False
    serial: str = ""


class Promised(NamedTuple):
    """The terms a sale was made under, and their months as frozen then (policy 1.3)."""

    terms: WarrantyTerms
    months: int


def remove_parts(parts: Sequence[CoveredPart], wanted: set[int]) -> list[CoveredPart]:
    """The parts taken out. Refused, with the reason, for one that is claimed, packed, or has a history of its own."""
    gone = _chosen(parts, wanted, "remove")
    for part_id, history in _histories(gone).items():
        label = next(part.label for part in gone if part.pk == part_id)
        raise _not_removable(label, history)
    rows = CoveredPart.objects.filter(pk__in=[part.pk for part in gone])
    try:
        rows.delete()
    except ProtectedError as error:
        # Whoever points at a part lives in a storey above: the database knows, this storey need not.
        holder = min(error.protected_objects, key=lambda row: (row._meta.label, row.pk))
        raise _not_removable(
            getattr(holder, "part", gone[0]).label, f"{holder._meta.verbose_name} “{holder}”"
        ) from error
    return gone


def change_quantities(parts: Sequence[CoveredPart], wanted: Mapping[int, int]) -> list[CoveredPart]:
    """The lots whose number of pieces is another one now. Refused for a part tracked by itself."""
    chosen = _chosen(parts, set(wanted), "quantities")
    changed = [part for part in chosen if part.quantity != wanted[part.pk]]
    for part in changed:
        quantity = wanted[part.pk]
        if not 1 <= quantity <= MOST_PIECES:
            raise _refused("quantities", _("%(part)s: at least one piece is needed.") % {"part": part.label})
        if not part.is_lot:
            words = _("%(part)s is tracked by itself: add or remove parts instead of counting it.")
            raise _refused("quantities", words % {"part": part.label})
        part.quantity = quantity
    if changed:
        CoveredPart.objects.bulk_update(changed, ["quantity"])
    return changed


def add_parts(unit: SoldUnit, wanted: Sequence[AddedPart], promised: Promised, invoice: Invoice) -> list[CoveredPart]:
    """The parts put in, after those that are there, each with a clock of its own from the start of the sale."""
    products = {product.sku: product for product in Product.objects.filter(sku__in={one.sku.strip() for one in wanted})}
    last = unit.parts.aggregate(last=Max("position"))["last"] or 0
    if last + len(wanted) > MOST_PARTS:
        raise _refused("add", _("a unit has at most %(most)d parts.") % {"most": MOST_PARTS})
    new = [
        _new_part(unit, one, products.get(one.sku.strip()), last + number, promised, invoice)
        for number, one in enumerate(wanted, start=1)
    ]
    return CoveredPart.objects.bulk_create(new)


def _new_part(
    unit: SoldUnit, one: AddedPart, product: Product | None, position: int, promised: Promised, invoice: Invoice
) -> CoveredPart:
    if product is None:
        raise _refused("add", _("no product has the article number “%(sku)s”.") % {"sku": one.sku})
    if product.kind == Product.Kind.KIT:
        raise _refused("add", _("“%(sku)s” is a kit: add its parts.") % {"sku": one.sku})
    if not 1 <= one.quantity <= (MOST_PIECES if one.is_lot else 1):
        raise _refused("add", _("a part tracked by itself is one piece, a lot at least one."))
    serial = checked_serial(one.serial, "add")
    starts_on, started_by = start_of(promised.terms, invoice)
    part = CoveredPart(
        unit=unit, product=product, place=one.place.strip(), position=position, quantity=one.quantity,
        category=product.category, is_lot=one.is_lot, serial=serial, serial_fold=fold_identifier(serial),
        terms=promised.terms, term_months=promised.months, starts_on=starts_on, started_by=started_by,
    )  # fmt: skip
    check_fields(part, but=("unit", "product", "terms", "base_covered_through"), where="add.")
    set_clock(part, ())
    return part


def _chosen(parts: Sequence[CoveredPart], wanted: set[int], field: str) -> list[CoveredPart]:
    chosen = [part for part in parts if part.pk in wanted]
    if len(chosen) != len(wanted):
        raise _refused(field, _("a part that is not of this unit was named."))
    return chosen


def _histories(parts: Sequence[CoveredPart]) -> dict[int, str]:
    """What happened to each part that has a history, in words. Four queries, none where there are no parts."""
    if not parts:
        return {}
    found: dict[int, str] = {}
    happened: tuple[tuple[QuerySet[Any], str], ...] = (
        (PauseWindow.objects.all(), _("it was away for repair")),
        (SerialChange.objects.all(), _("it was replaced")),
        (PartVoid.objects.all(), _("it was voided")),
        # That it was added by a correction may be taken back.
        (ClockChange.objects.exclude(before={}), _("its clock has moved")),
    )
    for rows, words in happened:
        for part_id in rows.filter(part__in=parts).order_by("part_id").values_list("part_id", flat=True).distinct():
            found.setdefault(part_id, words)
    return found


def _not_removable(label: str, why: str) -> Refused:
    words = _("%(part)s cannot be removed: %(why)s. What happened to a part is not forgotten.")
    return Refused(words % {"part": label, "why": why}, field="remove", code="has_history")


def _refused(field: str, what: str) -> Refused:
    return Refused(_("Bill of materials: %(what)s") % {"what": what}, field=field, code="bill")
