"""Finding a case by whatever is on the supporter's screen or in a caller's hand.

Every way to find one is a query of its own along its own index, newest first and cut at MOST, and the ways are joined
as a union: joined by OR the database would try each of them on each of a million cases. The union is written once for
each kind of words.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower, Upper

from cases.models import Case, ClaimedPart, Message
from cases.reference import PREFIX, parse_reference
from products.identifiers import fold_identifier, normalise_identifier
from products.models import CoveredPart, Customer, Invoice, SerialChange, SoldUnit
from products.written_once import WrittenOnce
from shipments.models import RepairShipment

LONGEST = 120
# Below this a number fits half of all labels, and no index finds a word by its middle.
SHORTEST = 3
MOST = 100  # found by each way: four pages, and more words find what stands further back
MOST_PEOPLE = 200  # of a name, those who became customers last: there are names of ten thousand people


def tidied(written: str) -> str:
    """What was typed, without blanks around it and what no name or number holds: a NUL would stop PostgreSQL."""
    return "".join(char for char in written if char.isprintable()).strip()[:LONGEST]


def reference_in(written: str) -> str:
    """The one reference the words are, or nothing: then the desk goes straight to that case."""
    return parse_reference(written) or ""


def matching(written: str) -> Q:
    """Cases that fit what was typed, tidied: reference, name, address, invoice, serial, tracking number, or words.

    A serial is any of its chain. Numbers hold a digit and are compared whole, dashes and capitals aside; names,
    addresses and words are searched inside, names of one or two letters at the beginnings of words.
    """
    words = _words_of(written)
    found = _written(_kind_of(words)).ask(**asdict(words))
    return Q(pk__in=RawSQL(found.sql, tuple(found.params)))  # noqa: S611  # Django's own SQL, every word a parameter


def too_many_people(written: str) -> bool:
    """Whether more people fit than are looked at: the cases of the others are not among those found. One query."""
    words = _words_of(written)
    kind = _kind_of(words)
    return not kind.is_address and _PEOPLE[kind.is_word].ask(written=written).rows()[MOST_PEOPLE:] != []


@dataclass(frozen=True)
class Words:
    """What was typed, and what becomes of it where numbers and addresses are compared."""

    written: str
    upper: str
    lower: str
    fold: str
    normal: str
    reference: str


class Kind(NamedTuple):
    """What the words could be: the ways to find a case differ in nothing else."""

    is_reference: bool
    begins_one: bool
    is_address: bool
    is_word: bool
    is_number: bool


def _words_of(written: str) -> Words:
    return Words(
        written=written,
        upper=written.upper(),
        lower=written.lower(),
        fold=fold_identifier(written),
        normal=normalise_identifier(written),
        reference=reference_in(written),
    )


def _kind_of(words: Words) -> Kind:
    is_address = "@" in words.written and "." in words.written.rpartition("@")[2]
    return Kind(
        is_reference=bool(words.reference),
        begins_one=words.upper.startswith(f"{PREFIX}-"),
        is_address=is_address,
        is_word=len(words.written) >= SHORTEST,
        is_number=len(words.fold) >= SHORTEST and not is_address and any(map(str.isdigit, words.written)),
    )


@cache
def _written(kind: Kind) -> WrittenOnce:
    typed = {field.name: str for field in fields(Words)}
    return WrittenOnce(lambda **words: _joined(kind, Words(**words)), keep_plan=False, **typed)


def _joined(kind: Kind, words: Words) -> Any:
    """All at once: unions within unions are deeper than SQLite reads, which knows no limit within one either."""
    ways = list(_ways(kind, words))
    if not connection.features.supports_slicing_ordering_in_compound:
        ways = [Case.objects.filter(pk__in=way).order_by().values("pk") for way in ways]
    first, *others = ways
    return first.union(*others)


def _ways(kind: Kind, words: Words) -> Iterator[Any]:
    yield from _by_reference(kind, words)
    yield _newest(Case.objects.filter(customer__in=_people(kind, words)))
    if kind.is_word:
        text = Q(subject__icontains=words.written) | Q(description__icontains=words.written)
        yield _newest(Case.objects.filter(text))
        yield Message.objects.filter(text__icontains=words.written).order_by("-pk").values("case_id")[:MOST]
    if kind.is_number:
        yield _newest(_as_given(words.written))
        yield _newest(Case.objects.filter(invoice__in=Invoice.objects.filter(number_fold=words.fold).values("pk")))
        yield from _by_serial(words.fold)
        yield _by_tracking_number(words)


def _as_given(written: str) -> QuerySet[Case]:
    """The numbers as the customer wrote them, capitals aside; the functions are those of their indexes."""
    whole: Any = Upper(Value(written))
    cases = Case.objects.alias(its_invoice=Upper("invoice_as_given"), its_serial=Upper("serial_as_given"))
    return cases.filter(Q(its_invoice=whole) | Q(its_serial=whole))


def _newest(cases: QuerySet[Case]) -> Any:
    return cases.order_by("-changed_at", "-pk").values("pk")[:MOST]


def _by_reference(kind: Kind, words: Words) -> Iterator[Any]:
    if kind.is_reference:
        yield Case.objects.filter(reference=words.reference).values("pk")
    elif kind.begins_one:
        yield Case.objects.filter(reference__startswith=words.upper).order_by("reference").values("pk")[:MOST]


def _people(kind: Kind, words: Words) -> Any:
    if kind.is_address:
        # The second condition is that of the unique index on the address, or PostgreSQL would not use it.
        return Customer.objects.alias(low=Lower("email")).filter(low=words.lower).exclude(email="").values("pk")
    return _people_called(words.written, is_word=kind.is_word).values("pk")[:MOST_PEOPLE]


def _people_called(written: str, *, is_word: bool) -> QuerySet[Customer]:
    """Those who became customers last first."""
    within = Q(name__icontains=written) | Q(email__icontains=written)
    begins = Q(name__istartswith=written) | Q(name__icontains=f" {written}")
    return Customer.objects.filter(within if is_word else begins).order_by("-pk")


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


def _by_tracking_number(words: Words) -> Any:
    parcels = RepairShipment.objects.filter(tracking_number__in=[words.written, words.upper, words.normal])
    return parcels.order_by("-pk").values("case_id")[:MOST]


_PEOPLE = {
    is_word: WrittenOnce(
        lambda written, is_word=is_word: _people_called(written, is_word=is_word).values_list("pk")[: MOST_PEOPLE + 1],
        written=str,
    )
    for is_word in (True, False)
}
