"""Finding a case by whatever is on the supporter's screen or in a caller's hand."""

from django.db.models import Q
from django.db.models.functions import Lower

from cases.models import ClaimedPart
from cases.reference import PREFIX, parse_reference
from products.identifiers import fold_identifier, normalise_identifier
from products.models import CoveredPart, Customer, Invoice, SerialChange, SoldUnit
from shipments.models import RepairShipment

LONGEST = 120
# Below this a number fits half of all labels.
SHORTEST_NUMBER = 3


def tidied(written: str) -> str:
    """What was typed, without blanks around it and what no name or number holds: a NUL would stop PostgreSQL."""
    return "".join(char for char in written if char.isprintable()).strip()[:LONGEST]


def reference_in(written: str) -> str:
    """The one reference the words are, or nothing: then the desk goes straight to that case."""
    return parse_reference(written) or ""


def matching(written: str) -> Q:
    """Cases that fit what was typed, tidied: reference, address, name, invoice, serial or tracking number.

    A serial is any of its chain.
    Numbers are compared whole, dashes and capitals aside, and through their indexes; only names are searched inside.
    """
    found = _by_reference(written) | _by_person(written)
    fold = fold_identifier(written)
    if len(fold) >= SHORTEST_NUMBER:
        found |= _by_invoice(fold) | _by_serial(fold) | _by_tracking_number(written)
    return found


def _by_reference(written: str) -> Q:
    whole = reference_in(written)
    if whole:
        return Q(reference=whole)
    begun = written.upper()
    return Q(reference__startswith=begun) if begun.startswith(f"{PREFIX}-") else Q(pk=None)


def _by_person(written: str) -> Q:
    if "@" in written:
        by_address = Customer.objects.alias(low=Lower("email")).filter(low=written.lower())
        return Q(customer__in=by_address.values("pk"))
    return Q(customer__in=Customer.objects.filter(name__icontains=written).values("pk"))


def _by_invoice(fold: str) -> Q:
    return Q(invoice__in=Invoice.objects.filter(number_fold=fold).values("pk"))


def _by_serial(fold: str) -> Q:
    """The unit's serial, a part's own, or one it carried before: the claim of that very part, or its unit's cases."""
    units = SoldUnit.objects.filter(serial_fold=fold).values("pk")
    now = CoveredPart.objects.filter(serial_fold=fold)
    before = SerialChange.objects.filter(old_serial_fold=fold).values("part_id")
    parts = Q(pk__in=now.values("pk")) | Q(pk__in=before)
    claims = ClaimedPart.objects.filter(part__in=CoveredPart.objects.filter(parts).values("pk"))
    homes = CoveredPart.objects.filter(parts).values("unit_id")
    return Q(unit__in=units) | Q(pk__in=claims.values("case_id")) | Q(unit__in=homes)


def _by_tracking_number(written: str) -> Q:
    numbers = {written, written.upper(), normalise_identifier(written)}
    return Q(pk__in=RepairShipment.objects.filter(tracking_number__in=numbers).values("case_id"))
