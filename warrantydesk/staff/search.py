"""Finding a case by whatever is on the supporter's screen or in a caller's hand.

Every way to find one is a query of its own along its own index, newest first and cut at MOST, and the ways are joined
as a union: joined by OR the database would try each of them on each of a million cases.
"""

from collections.abc import Iterator
from functools import reduce
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from cases.models import Case, ClaimedPart, Message
from cases.reference import PREFIX, parse_reference
from products.identifiers import fold_identifier, normalise_identifier
from products.models import CoveredPart, Customer, Invoice, SerialChange, SoldUnit
from shipments.models import RepairShipment

LONGEST = 120
# Below this a number fits half of all labels, and no index finds a word by its middle.
SHORTEST = 3
MOST = 200  # found by each way


def tidied(written: str) -> str:
    """What was typed, without blanks around it and what no name or number holds: a NUL would stop PostgreSQL."""
    return "".join(char for char in written if char.isprintable()).strip()[:LONGEST]


def reference_in(written: str) -> str:
    """The one reference the words are, or nothing: then the desk goes straight to that case."""
    return parse_reference(written) or ""


def matching(written: str) -> Q:
    """Cases that fit what was typed, tidied: reference, name, address, invoice, serial, tracking number, or words.

    A serial is any of its chain. Numbers are compared whole, dashes and capitals aside; names, addresses and words are
    searched inside, names of one or two letters at the beginnings of words.
    """
    ways = [Case.objects.filter(pk__in=way).order_by().values("pk") for way in _ways(written)]
    return Q(pk__in=reduce(lambda one, other: one.union(other), ways[1:], ways[0]))


def _ways(written: str) -> Iterator[Any]:
    yield from _by_reference(written)
    yield _cases_of(_people(written))
    if len(written) >= SHORTEST:
        yield _newest(Case.objects.filter(Q(subject__icontains=written) | Q(description__icontains=written)))
        yield Message.objects.filter(text__icontains=written).order_by("-pk").values("case_id")[:MOST]
        yield _newest(Case.objects.filter(Q(invoice_as_given__iexact=written) | Q(serial_as_given__iexact=written)))
    fold = fold_identifier(written)
    if len(fold) >= SHORTEST:
        yield _newest(Case.objects.filter(invoice__in=Invoice.objects.filter(number_fold=fold).values("pk")))
        yield from _by_serial(fold)
        yield _by_tracking_number(written)


def _newest(cases: QuerySet[Case]) -> Any:
    return cases.order_by("-changed_at", "-pk").values("pk")[:MOST]


def _by_reference(written: str) -> Iterator[Any]:
    whole, begun = reference_in(written), written.upper()
    if whole:
        yield Case.objects.filter(reference=whole).values("pk")
    elif begun.startswith(f"{PREFIX}-"):
        yield Case.objects.filter(reference__startswith=begun).order_by("reference").values("pk")[:MOST]


def _people(written: str) -> QuerySet[Customer]:
    if "@" in written and "." in written.rpartition("@")[2]:
        # The second condition is that of the unique index on the address, or PostgreSQL would not use it.
        return Customer.objects.alias(low=Lower("email")).filter(low=written.lower()).exclude(email="")
    if len(written) < SHORTEST:
        return Customer.objects.filter(Q(name__istartswith=written) | Q(name__icontains=f" {written}"))
    return Customer.objects.filter(Q(name__icontains=written) | Q(email__icontains=written))


def _cases_of(people: QuerySet[Customer]) -> Any:
    return _newest(Case.objects.filter(customer__in=people.order_by().values("pk")[: MOST * 5]))


def _by_serial(fold: str) -> Iterator[Any]:
    """The unit's serial, a part's own, or one it carried before: the claim of that very part, or its unit's cases."""
    before = SerialChange.objects.filter(old_serial_fold=fold).values("part_id")
    now = CoveredPart.objects.filter(serial_fold=fold).values("pk")
    yield _newest(Case.objects.filter(unit__in=SoldUnit.objects.filter(serial_fold=fold).values("pk")))
    both: tuple[Any, ...] = (now, before)
    for parts in both:
        yield ClaimedPart.objects.filter(part__in=parts).order_by("-pk").values("case_id")[:MOST]
        homes = CoveredPart.objects.filter(pk__in=parts).values("unit_id")
        yield _newest(Case.objects.filter(unit__in=homes))


def _by_tracking_number(written: str) -> Any:
    numbers = {written, written.upper(), normalise_identifier(written)}
    parcels = RepairShipment.objects.filter(tracking_number__in=numbers)
    return parcels.order_by("-pk").values("case_id")[:MOST]
