"""Kits taken apart into what is covered: the bill of materials of the day of sale, nested kits and all (policy 1.1)."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from products.errors import Refused
from products.models import CoveredPart, KitPart, Product

MOST_PARTS = 100_000  # covered parts of one invoice; a pallet of large kits has a tenth of it
MOST_NESTED = 20  # kits within kits
MOST_PIECES = 2_147_483_647  # what the column of a lot's pieces can hold
_PLACE_LENGTH = CoveredPart._meta.get_field("place").max_length or 250


class Piece(NamedTuple):
    """One covered part of one sold unit: a piece tracked by itself, or a lot of `quantity`."""

    product: Product
    place: str
    quantity: int
    is_lot: bool


class Catalogue:
    """Products with everything inside them, read once: a long import may use one for all its invoices."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._by_sku = {product.sku: product for product in products}
        self._bills: dict[int, list[KitPart]] = {}
        self._pieces: dict[tuple[int, int], tuple[Piece, ...]] = {}
        self._read_bills()
        self._turns = self._days_that_change_a_bill()

    def _read_bills(self) -> None:
        level = {product.pk for product in self._by_sku.values() if product.kind == Product.Kind.KIT}
        while level:
            self._bills.update({kit: [] for kit in level})
            lines = KitPart.objects.filter(kit_id__in=level).select_related("part").order_by("kit_id", "position", "id")
            for line in lines:
                self._bills[line.kit_id].append(line)
            inside = {line.part_id for line in lines if line.part.kind == Product.Kind.KIT}
            level = inside - self._bills.keys()

    def _days_that_change_a_bill(self) -> list[dt.date]:
        """The days from which some bill is another one, in order: between two of them every kit stays as it is."""
        lines = [line for bill in self._bills.values() for line in bill]
        begun = {line.from_on for line in lines if line.from_on}
        ended = {line.until_on + dt.timedelta(days=1) for line in lines if line.until_on}
        return sorted(begun | ended)

    def product(self, sku: str, field: str) -> Product:
        """Refused, naming `field`, where no product has this article number."""
        product = self._by_sku.get(sku)
        if product is None:
            raise Refused(
                _("%(field)s: no product has the article number “%(sku)s”. Add it to the catalogue first.")
                % {"field": field, "sku": sku},
                field=field,
                code="sku_unknown",
            )
        return product

    def pieces(self, product: Product, on: dt.date) -> tuple[Piece, ...]:
        """What one unit of `product` sold on that day is covered as, in the order of the parts list of that day. A
        single product is one part.

        Refused where a kit contains itself, has no parts, or is nested or counted beyond reason.
        """
        key = (product.pk, bisect_right(self._turns, on))
        if key not in self._pieces:
            self._pieces[key] = tuple(self._taken_apart(product, on))
        return self._pieces[key]

    def _taken_apart(self, product: Product, on: dt.date) -> Iterator[Piece]:
        if product.kind == Product.Kind.SINGLE:
            yield Piece(product, "", 1, is_lot=False)
            return
        for count, piece in enumerate(self._inside(product, 1, _Way((), (product.pk,), on)), start=1):
            # Counted while it grows: a misplaced zero in three nested kits would be a billion rows.
            if count > MOST_PARTS:
                raise _bad_bill(product, _("holds more than %(most)d parts") % {"most": MOST_PARTS}, "too_many_parts")
            yield piece

    def _inside(self, kit: Product, times: int, way: "_Way") -> Iterator[Piece]:
        lines = [line for line in self._bills[kit.pk] if line.is_in_box(way.on)]
        if not lines:
            raise _bad_bill(kit, _("has no parts"), "kit_empty")
        if len(way.within) > MOST_NESTED:
            raise _bad_bill(kit, _("is nested too deeply"), "kit_too_deep")
        for line in lines:
            quantity = times * line.quantity
            if line.part.kind == Product.Kind.SINGLE:
                yield from _pieces_of_line(line, quantity, _place((*way.path, line.place)))
            elif line.part_id in way.within:
                raise _bad_bill(kit, _("contains itself"), "kit_cycle")
            else:
                # A nested kit without a place of its own is known by its name.
                step = (*way.path, line.place or line.part.name)
                yield from self._inside(line.part, quantity, _Way(step, (*way.within, line.part_id), way.on))


class _Way(NamedTuple):
    """The way into a kit: the places passed, the kits entered, and the day whose bills count."""

    path: tuple[str, ...]
    within: tuple[int, ...]
    on: dt.date


def load_catalogue(skus: Iterable[str] | None = None) -> Catalogue:
    """The products named, or all of them. One query, and one more for each level of kits within kits."""
    products: QuerySet[Product] = Product.objects.all()
    return Catalogue(products if skus is None else products.filter(sku__in=set(skus)))


def _pieces_of_line(line: KitPart, quantity: int, place: str) -> Iterator[Piece]:
    if quantity > MOST_PIECES:
        raise _bad_bill(line.kit, _("holds more than %(most)d pieces of one part") % {"most": MOST_PIECES}, "too_many")
    if line.tracked == KitPart.Tracked.LOT:
        yield Piece(line.part, place, quantity, is_lot=True)
        return
    for _number in range(quantity):
        yield Piece(line.part, place, 1, is_lot=False)


def _place(path: tuple[str, ...]) -> str:
    """`Z axis / motor`. Too long a path loses its beginning: the innermost place is the one that tells parts apart."""
    place = " / ".join(step for step in path if step)
    return place if len(place) <= _PLACE_LENGTH else "…" + place[1 - _PLACE_LENGTH :]


def _bad_bill(kit: Product, what: str, code: str) -> Refused:
    return Refused(
        _("The kit %(kit)s %(what)s. Correct its bill of materials in the catalogue.") % {"kit": kit, "what": what},
        field="sku",
        code=code,
    )
