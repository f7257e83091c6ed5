"""The catalogue brought up to date: products, and what is in the box of a kit from a day on.

What was sold keeps the bill it was sold with; a revision only says what later invoices are taken apart into. `dry_run`
does all of it and takes it back: what it returns is what would happen.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields

from django.db import transaction
from django.utils.translation import gettext as _

from products.errors import NotPermitted, Refused
from products.models import InvoiceLine, KitPart, Product
from products.models.catalogue import contains
from products.services.checking import Corrector, check_fields

IMPORT = "products.import_catalogue"


@dataclass(frozen=True)
class ProductData:
    """A product as a table has it; what is None is not said, and stays as it is."""

    sku: str
    name: str | None = None
    kind: str | None = None
    category: str | None = None
    manual_url: str | None = None
    is_active: bool | None = None


@dataclass(frozen=True)
class BillLineData:
    """One line of a kit's bill of materials."""

    sku: str
    place: str = ""
    quantity: int = 1
    tracked: str = KitPart.Tracked.LOT


def save_product(data: ProductData, *, actor: Corrector | None, dry_run: bool = False) -> list[str]:
    """Make the product or change what is said of it; the differences in words, none where it is as said already.

    `actor` None is the one who runs a command on the server. Refused for what the catalogue cannot hold, and for
    another kind than it has: single or kit decides what its units were taken apart into.
    """
    _allow(actor)
    sku = data.sku.strip()
    said = {one.name: getattr(data, one.name) for one in fields(data) if one.name != "sku"}
    said = {name: value for name, value in said.items() if value is not None}
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(sku=sku).first()
        is_new = product is None
        product = product or Product(sku=sku)
        if not is_new and said.get("kind", product.kind) != product.kind:
            raise Refused(
                _("kind: %(product)s is a %(kind)s. Another kind is another product, with its own article number.")
                % {"product": product, "kind": product.get_kind_display()},
                field="kind",
                code="kind",
            )
        changes = [(name, getattr(product, name), value) for name, value in said.items()
                   if getattr(product, name) != value]  # fmt: skip
        for name, _before, value in changes:
            setattr(product, name, value)
        _check_product(product)
        if is_new or changes:
            product.save()
        if dry_run:
            transaction.set_rollback(True)
    if is_new:
        return [_("%(sku)s: new, “%(name)s”") % {"sku": sku, "name": product.name}]
    return [f"{sku}: {name} {_shown(before)} → {_shown(after)}" for name, before, after in changes]


def revise_bill(
    kit_sku: str,
    lines: Sequence[BillLineData],
    *,
    from_on: dt.date | None,
    today: dt.date,
    actor: Corrector | None,
    dry_run: bool = False,
) -> list[str]:
    """The whole box of a kit from that day on; the differences in words. Without a day it is since ever for a kit that
    was never sold or had no parts, else from today.

    Refused where a later revision exists, for a part there is not, for one named twice, and for a kit within itself.
    """
    _allow(actor)
    with transaction.atomic():
        kit = Product.objects.select_for_update().filter(sku=kit_sku.strip()).first()
        if kit is None or kit.kind != Product.Kind.KIT:
            raise _refused("kit", _("“%(sku)s” is no kit of the catalogue.") % {"sku": kit_sku})
        stored = list(kit.bill_of_materials.select_related("part"))
        if from_on is None and stored and InvoiceLine.objects.filter(product=kit).exists():
            from_on = today
        differences = _revised(kit, stored, _new_lines(kit, lines), from_on)
        if dry_run:
            transaction.set_rollback(True)
    return differences


def _revised(kit: Product, stored: list[KitPart], wanted: list[KitPart], from_on: dt.date | None) -> list[str]:
    later = [line.from_on for line in stored if line.from_on and (from_on is None or line.from_on > from_on)]
    if later:
        words = _("a later revision begins on %(day)s. Give a later day.")
        raise _refused("from_on", words % {"day": min(later)})
    in_box = {(line.part_id, line.place): line for line in stored if line.until_on is None}
    said = {(line.part_id, line.place): line for line in wanted}
    differences = []
    for key, line in in_box.items():
        if key not in said:
            differences.append(f"{kit.sku}: − {line.quantity} × {line.part.sku} {line.place}".rstrip())
            _take_out(line, from_on)
    for key, new in said.items():
        old = in_box.get(key)
        if old is None:
            differences.append(f"{kit.sku}: + {new.quantity} × {new.part.sku} {new.place}".rstrip())
        elif (old.quantity, old.tracked) != (new.quantity, new.tracked):
            before, after = f"{old.quantity} {old.tracked}", f"{new.quantity} {new.tracked}"
            differences.append(f"{kit.sku}: {new.part.sku} {new.place} {before} → {after}")
            _take_out(old, from_on)
        else:
            KitPart.objects.filter(pk=old.pk).update(position=new.position)
            continue
        new.from_on = from_on
        new.save(force_insert=True)
    return differences


def _take_out(line: KitPart, from_on: dt.date | None) -> None:
    """The line ends the day before; one that would never have been in a box goes."""
    if from_on is None or line.from_on == from_on:
        line.delete()
        return
    line.until_on = from_on - dt.timedelta(days=1)
    line.save(update_fields=["until_on"])


def _new_lines(kit: Product, lines: Sequence[BillLineData]) -> list[KitPart]:
    if not lines:
        raise _refused("kit", _("the kit %(sku)s would have no parts.") % {"sku": kit.sku})
    parts = {part.sku: part for part in Product.objects.filter(sku__in={line.sku.strip() for line in lines})}
    made: dict[tuple[int, str], KitPart] = {}
    for position, line in enumerate(lines):
        part = parts.get(line.sku.strip())
        if part is None:
            raise _refused("sku", _("no product has the article number “%(sku)s”.") % {"sku": line.sku})
        if part.kind == Product.Kind.KIT and contains(part.pk, kit.pk):
            raise _refused("sku", _("%(part)s contains this kit: a kit cannot contain itself.") % {"part": part})
        row = KitPart(kit=kit, part=part, place=line.place.strip(), quantity=line.quantity, tracked=line.tracked)
        row.position = position
        check_fields(row, but=("kit", "part"))
        if line.quantity < 1 or part.pk == kit.pk:
            raise _refused("quantity", _("%(part)s: at least one piece is needed.") % {"part": part})
        if made.setdefault((part.pk, row.place), row) is not row:
            raise _refused("place", _("%(part)s stands twice at the same place.") % {"part": part})
    return list(made.values())


def _check_product(product: Product) -> None:
    if not product.name.strip():
        raise _refused("name", _("%(sku)s: a new product needs a name.") % {"sku": product.sku})
    check_fields(product)
    if product.kind == Product.Kind.KIT and product.category != Product.Category.STANDARD:
        raise _refused("category", _("%(sku)s: a kit has no category of its own.") % {"sku": product.sku})


def _allow(actor: Corrector | None) -> None:
    if actor is not None and not actor.has_perm(IMPORT):  # type: ignore[union-attr]
        raise NotPermitted(_("Your account may not change the catalogue."), code=IMPORT)


def _shown(value: object) -> str:
    return f"“{value}”" if value != "" else "—"


def _refused(field: str, what: str) -> Refused:
    return Refused(f"{field}: {what}", field=field, code="invalid")
