"""The rows of a case as the desk reads them: every query written once, its number fixed whatever the case holds."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Window,
)

from cases.models import (
    Case,
    CaseEvent,
    ClaimedPart,
    Evidence,
    Message,
    OutgoingMail,
    Quote,
    QuoteLine,
)
from cases.models.case import OPEN_STATES
from products.joined import put_beside
from products.models import CoveredPart, PartVoid, PauseWindow, SerialChange, SoldUnit, VoidReason
from products.written_once import WrittenOnce
from shipments.models import RepairShipment, TrackingEvent

MOST_RELATED = 60
MOST_SAID = 10  # of a conversation are read; whoever wants more asks for all
NOBODY = 0  # no row has this key


class Related(NamedTuple):
    """Another case of this customer, this unit or this fault, as far as a line about it tells."""

    pk: int
    reference: str
    state: str
    subject: str
    received_at: datetime
    customer_id: int
    unit_id: int | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class Scan(NamedTuple):
    """A scan as the page tells it; what its carrier sent stays where it is. `has_proof`: somebody attached a paper."""

    shipment_id: int
    pk: int
    kind: str
    occurred_on: date
    occurred_at: datetime | None
    place: str
    text: str
    heard: str
    person_name: str | None
    person_email: str | None
    has_proof: bool

    @property
    def recorded_by(self) -> str:
        return self.person_name or self.person_email or ""


def case_of(reference: str) -> Case | None:
    """With the people and the purchase it hangs on, and whether its unit has parts it does not claim."""
    case: Case | None = next(iter(_CASE.ask(reference=reference).fetched()), None)
    if case and case.unit and case.invoice and case.unit.line.invoice_id == case.invoice_id:
        case.unit.line.invoice = case.invoice
    return case


def claims_of(case: Case, reasons: Callable[[], Iterable[VoidReason]]) -> list[ClaimedPart]:
    """The claimed parts with all that moves their clocks, known to the case from then on; `reasons` gives them all.
    What is at hand already is not joined: for a few rows the database thinks longer about each join than it works."""
    claims: list[ClaimedPart] = _CLAIMS.ask(case=case.pk).fetched()
    _put_units(case, claims)
    _put_reasons(claims, reasons)
    _put_people(case, claims)
    parts = sorted({claim.part_id for claim in claims})
    for relation, rows in _HISTORY.items():
        there = any(getattr(claim, f"has_{relation}") for claim in claims)
        of_part = by("part_id", rows.ask(parts=parts).fetched() if there else [])
        for claim in claims:
            put_beside(claim.part, relation, of_part.get(claim.part_id, []))
    put_beside(case, "claimed_parts", claims)
    return claims


def evidence_of(case: Case) -> list[Evidence]:
    return _known(case, "evidence", _EVIDENCE)


def mails_of(case: Case) -> list[OutgoingMail]:
    return _known(case, "outgoing_mails", _MAILS)


def events_of(case: Case) -> list[CaseEvent]:
    """The whole timeline, newest first."""
    return _known(case, "events", _EVENTS)


def parcels_of(case: Case) -> list[RepairShipment]:
    return _known(case, "repair_shipments", _PARCELS)


def quote_of(case: Case) -> Quote | None:
    """The quote in force with its lines; the rules of the case know it from then on."""
    found = _known(case, "quotes", _QUOTES)
    for quote in found:
        put_beside(quote, "lines", _LINES.ask(quote=quote.pk).fetched())
    return next(iter(found), None)


def messages_of(case: Case) -> list[Message]:
    return _MESSAGES.ask(case=case.pk).fetched()


def latest_messages_of(case: Case) -> tuple[list[Message], int]:
    """The last MOST_SAID of the conversation, oldest first, and how many there are in all."""
    found = _LATEST.ask(case=case.pk).fetched()
    return found[::-1], found[0].of_all if found else 0


def scans_of(case: Case) -> dict[int, list[Scan]]:
    """By the parcel, newest first."""
    return by("shipment_id", [Scan(*row) for row in _SCANS.ask(case=case.pk).rows()])


def related_to(case: Case) -> list[Related]:
    """Other cases of this unit, of this customer, and those one fault came back in; the newest first."""
    values = {"case": case.pk, "customer": case.customer_id, "unit": case.unit_id or NOBODY}
    return [Related(*row) for row in _RELATED.ask(**values, follows=case.follows_id or NOBODY).rows()]


def _known(case: Case, relation: str, rows: WrittenOnce) -> list[Any]:
    """The rows of a relation, which the case then carries: each knows this very case, and no rule asks again."""
    found = rows.ask(case=case.pk).fetched()
    put_beside(case, relation, found)
    return found


def by(key: str, rows: list[Any]) -> dict[Any, list[Any]]:
    """The rows by what one of their columns holds."""
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found


def _put_units(case: Case, claims: list[ClaimedPart]) -> None:
    """The unit each part belongs to with its invoice: mostly the case's own, which is there."""
    units = {case.unit_id: case.unit} if case.unit else {}
    elsewhere = {claim.part.unit_id for claim in claims} - units.keys()
    if elsewhere:
        units |= SoldUnit.objects.select_related("line__invoice__customer").in_bulk(elsewhere)
    for claim in claims:
        claim.part.unit = units[claim.part.unit_id]


def _put_reasons(claims: Iterable[ClaimedPart], reasons: Callable[[], Iterable[VoidReason]]) -> None:
    if any(claim.cause_id or claim.reason_id for claim in claims):
        known: dict[int | None, VoidReason] = {reason.pk: reason for reason in reasons()}
        for claim in claims:
            claim.cause, claim.reason = known.get(claim.cause_id), known.get(claim.reason_id)


def _put_people(case: Case, claims: Iterable[ClaimedPart]) -> None:
    """Who decided each: mostly whoever decided the case, or looks after it."""
    people: dict[int | None, Any] = {person.pk: person for person in (case.decided_by, case.assignee) if person}
    others = {claim.decided_by_id for claim in claims} - people.keys() - {None}
    people |= get_user_model().objects.in_bulk(others) if others else {}
    for claim in claims:
        claim.decided_by = people.get(claim.decided_by_id)


# ── The queries ──────────────────────────────────────────────────────────────────────────────────────────────────


def _case(reference: str) -> QuerySet[Case]:
    claimed = ClaimedPart.objects.filter(case=OuterRef(OuterRef("pk"))).values("part")
    unclaimed = CoveredPart.objects.filter(unit=OuterRef("unit")).exclude(pk__in=claimed)
    sold = ("invoice__customer", "unit__line__product")
    cases = Case.objects.filter(reference=reference).select_related("customer", *sold, "assignee", "decided_by")
    return cases.annotate(has_unclaimed=Exists(unclaimed))


def _claims(case: int) -> QuerySet[ClaimedPart]:
    there = {f"has_{name}": Exists(model.objects.filter(part=OuterRef("part"))) for name, model in _OF_PARTS.items()}
    claims = ClaimedPart.objects.filter(case=case).select_related("part__product", "part__terms")
    return claims.annotate(**there).order_by("pk")


def _history(relation: str, *beside: str) -> WrittenOnce:
    def rows(parts: list[int]) -> QuerySet[Any]:
        return _OF_PARTS[relation].objects.filter(part__in=parts).select_related(*beside)

    return WrittenOnce(rows, keep_plan=True, parts=[int])


def _of_case(build: Callable[[int], QuerySet[Any, Any]]) -> WrittenOnce:
    return WrittenOnce(build, keep_plan=True, case=int)


def _messages(case: int) -> QuerySet[Message]:
    return Message.objects.filter(case=case).select_related("author").order_by("at", "pk")


def _scans(case: int) -> QuerySet[Any, Any]:
    has_proof = Q(heard=TrackingEvent.Heard.STAFF, raw__has_key="proof_file")
    scans = TrackingEvent.objects.filter(shipment__case=case).annotate(has_proof=has_proof)
    columns = (*Scan._fields[:8], "recorded_by__name", "recorded_by__email", "has_proof")
    return scans.order_by(*(f"-{name}" for name in ("occurred_on", "occurred_at", "pk"))).values_list(*columns)


def _related(case: int, customer: int, unit: int, follows: int) -> QuerySet[Any, Any]:
    related = Q(customer=customer) | Q(follows=case) | Q(unit=unit) | Q(pk=follows)
    cases = Case.objects.filter(related).exclude(pk=case).order_by("-received_at", "-pk")
    return cases.values_list(*Related._fields)[:MOST_RELATED]


_OF_PARTS: dict[str, Any] = {"pauses": PauseWindow, "serial_changes": SerialChange, "voids": PartVoid}
_HISTORY = {
    "pauses": _history("pauses", "confirmed_by"),
    "serial_changes": _history("serial_changes", "changed_by"),
    "voids": _history("voids", "reason", "voided_by", "lifted_by"),
}
_CASE = WrittenOnce(_case, keep_plan=True, reference=str)
_CLAIMS = _of_case(_claims)
_EVIDENCE = _of_case(lambda case: Evidence.objects.filter(case=case).order_by("received_at", "pk"))
_MAILS = _of_case(lambda case: OutgoingMail.objects.filter(case=case).order_by("pk"))
_EVENTS = _of_case(lambda case: CaseEvent.objects.filter(case=case).select_related("actor").order_by("-at", "-pk"))
_PARCELS = _of_case(lambda case: RepairShipment.objects.filter(case=case).order_by("booked_at", "pk"))
_SCANS = _of_case(_scans)
_QUOTES = _of_case(lambda case: Quote.objects.filter(case=case, superseded_at=None).select_related("answered_in"))
_LINES = WrittenOnce(
    lambda quote: QuoteLine.objects.filter(quote=quote).order_by("position", "pk"), keep_plan=True, quote=int
)
_MESSAGES = _of_case(_messages)
_LATEST = _of_case(lambda case: _messages(case).annotate(of_all=Window(Count("pk"))).reverse()[:MOST_SAID])
_RELATED = WrittenOnce(_related, keep_plan=True, case=int, customer=int, unit=int, follows=int)
