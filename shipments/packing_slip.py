"""What goes into the parcel to the workshop, and where it goes: the facts of the packing slip. Reading only."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django_countries import countries

from cases.models import Case, ClaimedPart
from cases.models.case import State
from cases.services.quoting import quote_standing
from cases.services.repairing import unrepaired_plan
from products.models import CoveredPart, Product, SoldUnit
from shipments.models import RepairShipment

# More lines than this are no parcel any more; the slip says how many it leaves out.
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One line of the list. `serial` and `value` are empty where they are not known, or not the sender's to read."""

    label: str
    article: str
    serial: str
    quantity: int
    value: Decimal | None = None
    goods: "Goods | None" = None


@dataclass(frozen=True, slots=True)
class Goods:
    """What customs ask about one article: its tariff number, and the country it was made in by name and code."""

    name: str
    hs_code: str
    origin: str
    origin_code: str


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """`value` is the sum of the lines where every one is known; otherwise the sender fills it in."""

    reference: str
    sender_name: str
    sender_lines: tuple[str, ...]
    sender_country: str
    workshop: tuple[str, ...]
    lines: tuple[SlipLine, ...]
    left_out: int
    currency: str
    invoice: str
    value: Decimal | None
    made_at: datetime

    @property
    def goods(self) -> tuple[Goods, ...]:
        """Each kind of goods once, of all lines of which the catalogue knows more than the name."""
        return tuple(dict.fromkeys(line.goods for line in self.lines if line.goods))


def packing_slip(case: Case, now: datetime) -> PackingSlip | None:
    """The slip of a case whose parts are to be repaired in the workshop; None before the approval, where nothing has
    to travel to us, and where no repair takes place any more. A fixed number of queries."""
    if not is_expected(case):
        return None
    listed = _whole_product(case) or _claimed_parts(case)
    if not listed:
        return None
    own = case.invoice is not None and case.invoice.customer_id == case.customer_id
    values = [line.value for line in listed]
    return PackingSlip(
        reference=case.reference,
        sender_name=case.customer.name,
        sender_lines=tuple(line.strip() for line in case.customer.address.splitlines() if line.strip()),
        sender_country=countries.name(str(case.customer.country)),
        workshop=workshop_lines(),
        lines=tuple(listed[:MOST_LINES]),
        left_out=max(len(listed) - MOST_LINES, 0),
        currency=case.invoice.currency if own and case.invoice else "",
        invoice=case.invoice.number if own and case.invoice else "",
        value=None if None in values else sum((value for value in values if value is not None), Decimal(0)),
        made_at=now,
    )


def is_expected(case: Case) -> bool:
    """Whether something of this case is to travel to the workshop, or may have to once more."""
    if case.state not in (State.APPROVED, State.IN_REPAIR):
        return False
    if all(claim.resolution != ClaimedPart.Resolution.REPAIR for claim in case.claimed_parts.all()):
        return False
    return quote_standing(case) != "declined" and unrepaired_plan(case) is None


def workshop_lines() -> tuple[str, ...]:
    """The address as it is written on the parcel, the maker first."""
    return (settings.MAKER_NAME, *settings.WORKSHOP_ADDRESS)


def _whole_product(case: Case) -> list[SlipLine]:
    """The product as it was sold, where staff asked for all of it: a parcel booked with the whole product."""
    asked_for = RepairShipment.objects.filter(
        case=case, direction=RepairShipment.Direction.TO_WORKSHOP, whole_product=True, cancelled_at=None
    )
    if case.unit is None or not asked_for.exists():
        return []
    unit, own = case.unit, case.unit.line.invoice.customer_id == case.customer_id
    price = unit.line.unit_price if own else None
    product = unit.line.product
    return [SlipLine(product.name, product.sku, unit.serial if own else "", 1, price, _goods(product))]


def _claimed_parts(case: Case) -> list[SlipLine]:
    repairs = case.claimed_parts.filter(resolution=ClaimedPart.Resolution.REPAIR, confirmed=True)
    claims = repairs.select_related("part__product", "part__unit__line__invoice").order_by("pk")
    return [_line(case, claim.part) for claim in claims]


def _line(case: Case, part: CoveredPart) -> SlipLine:
    own = part.unit.line.invoice.customer_id == case.customer_id
    serial = part.serial or (part.unit.serial if _is_all_of(part, part.unit) else "")
    return SlipLine(
        label=part.label,
        article=part.product.sku,
        serial=serial if own else "",
        quantity=part.quantity,
        value=_price(part) if own else None,
        goods=_goods(part.product),
    )


def _goods(product: Product) -> Goods | None:
    """What the catalogue tells customs; None where it tells nothing."""
    if not (product.hs_code or product.country_of_origin):
        return None
    # In English like the rest of what customs officers look for, whatever the reader's language.
    with translation.override("en"):
        origin = str(countries.name(str(product.country_of_origin)))
    return Goods(product.name, product.hs_code, origin, str(product.country_of_origin))


def _price(part: CoveredPart) -> Decimal | None:
    """What the invoice says it cost; of a part of a kit it says nothing."""
    return part.unit.line.unit_price if _is_all_of(part, part.unit) else None


def _is_all_of(part: CoveredPart, unit: SoldUnit) -> bool:
    return part.product_id == unit.line.product_id
