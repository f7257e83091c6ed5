"""What each mail says: facts of the case, ready for the templates. Nothing is decided here.

An automatic mail can be aimed at somebody who never wrote to us, so it holds no word of the sender: what is listed as
understood comes from our own rows, and only what the sender named (policy 3: nothing of an invoice holder is told).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.claims_told import claims_told
from cases.evidence.names import mailable_name
from cases.models import Case, CaseEvent, ClaimedPart, Evidence, Message, Quote
from cases.outbox.caps import fold_address
from cases.outbox.clock_words import clock_teller, dates_digest, homecomings
from products.identifiers import fold_identifier

Given = Mapping[str, Any]
STALE_NEWS = timedelta(days=3)


@dataclass(frozen=True)
class Contents:
    """`context` for the templates; `key` where it is not one mail an event; `message` where its words exist already."""

    context: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    message: Message | None = None


def acknowledgement(event: CaseEvent, given: Given) -> Contents:
    """`given` may hold the claims and files of the case, where they were written a moment ago."""
    case = event.case
    unit = case.unit
    claims = given["claims"] if "claims" in given else list(_claims(case))
    files = given["evidence"] if "evidence" in given else list(case.evidence.order_by("pk"))
    return Contents(
        {
            "understood": _understood(case, claims, sum(file.is_kept for file in files)),
            "missing": _missing_sentences(case, event.data.get("missing", [])),
            "refused": _refused(files),
            "manual": unit.line.product.manual_link if unit and case.serial_as_given else "",
        }
    )


def information_request(event: CaseEvent, given: Given) -> Contents:
    words = _message_of(event)
    missing = _missing_sentences(event.case, event.data.get("missing", []))
    return Contents({"missing": missing, "words": words.text if words else ""}, message=words)


def repair_started(event: CaseEvent, given: Given) -> Contents:
    repairs = _claims(event.case).filter(resolution=ClaimedPart.Resolution.REPAIR)
    return Contents({"parts": [claim.part.label for claim in repairs]})


def parcel_on_the_way(event: CaseEvent, given: Given) -> Contents | None:
    """Only for a parcel to the customer, and only while it is news: old scans may be read long after."""
    is_news = str(event.data.get("on", "")) >= (timezone.localdate(event.at) - STALE_NEWS).isoformat()
    if event.data.get("direction") != "to_customer" or not is_news:
        return None
    booked = event.case.events.filter(kind=CaseEvent.Kind.SHIPMENT, data__shipment=event.data.get("shipment"))
    known = booked.filter(data__has_key="number").order_by("pk").last()
    return Contents({"carrier": known.data.get("carrier", "").upper(), "number": known.data["number"]} if known else {})


def returned(event: CaseEvent, given: Given) -> Contents | None:
    """One mail for a return, whichever of its two events comes first, and a new one where the dates change later."""
    case = event.case
    closing = case.events.filter(kind=CaseEvent.Kind.TRANSITION).order_by("pk").last()
    trip = closing if closing and closing.to_state == "returned" else event
    teller = clock_teller(case, timezone.localdate(event.at))
    groups = homecomings(teller, [claim.part for claim in claims_told(case)])
    if trip is event and event.kind == CaseEvent.Kind.CLOCK and not groups:
        return None  # the clock of a void part: it runs, and nothing is covered
    proof = (trip.data.get("proof") or {}).get("kind", "")
    return Contents(
        {"groups": groups, "how": trip.name, "nothing_sent": proof == "nothing_sent"},
        key=f"returned:{trip.pk}:{dates_digest(groups)}",
    )


def withdrawn(event: CaseEvent, given: Given) -> Contents | None:
    reason = event.data.get("reason", "withdrawn")
    if reason == "not_a_request":
        return None  # whatever it was, nobody waits for an answer
    return Contents({"reason": reason, "duplicate_of": event.data.get("duplicate_of", "")})


def quote(event: CaseEvent, given: Given) -> Contents | None:
    told = event.case.quotes.filter(pk=event.data.get("quote")).prefetch_related("lines").first()
    shown = quote_lines(told)
    return Contents({"quote": shown}) if shown else None


def message(event: CaseEvent, given: Given) -> Contents | None:
    words = _message_of(event)
    if words is None:
        return None
    enclosed = [mailable_name(file.name) for file in words.enclosures.order_by("pk")]
    return Contents({"words": words.text, "enclosed": enclosed}, message=words)


def files_refused(event: CaseEvent, given: Given) -> Contents | None:
    """Only for what came by mail: on the portal the sender has seen it already. `given` may hold its files."""
    if not given.get("in_reply_to"):
        return None
    if "evidence" not in given:
        words = _message_of(event)
        given = {**given, "evidence": words.evidence.order_by("pk") if words else ()}
    refused = _refused(given["evidence"])
    return Contents({"refused": refused}) if refused else None


def file_quarantined(event: CaseEvent, given: Given) -> Contents | None:
    """To the customer where the customer sent it: of what staff or another sender added they know nothing."""
    sent = _sent_by_customer(event.case).filter(pk__in=event.data["files"]).order_by("pk")
    told = [(mailable_name(file.name), _(file.refusal)) for file in sent]
    return Contents({"refused": told}) if told else None


def _sent_by_customer(case: Case) -> QuerySet[Evidence]:
    theirs = fold_address(case.customer.email)
    strangers = [
        message.pk
        for message in case.messages.filter(direction=Message.Direction.IN)
        if message.sender_address and fold_address(message.sender_address) != theirs
    ]
    by_staff = case.events.filter(kind=CaseEvent.Kind.EVIDENCE, name="added", actor_kind=CaseEvent.Actor.STAFF)
    added = [pk for data in by_staff.values_list("data", flat=True) for pk in data["evidence"]]
    return case.evidence.exclude(message__in=strangers).exclude(message=None, pk__in=added)


def link(event: CaseEvent, given: Given) -> Contents:
    return Contents()


def _claims(case: Case) -> QuerySet[ClaimedPart]:
    return case.claimed_parts.select_related("part__product", "reason").order_by("pk")


def _message_of(event: CaseEvent) -> Message | None:
    return Message.objects.filter(pk=event.data.get("message"), case=event.case_id).first()


def _understood(case: Case, all_claims: Sequence[ClaimedPart], files: int) -> list[tuple[str, str]]:
    named = fold_identifier(case.serial_as_given)
    lines = []
    if case.invoice and case.invoice_as_given:
        lines.append((_("Invoice"), case.invoice.number))
    if case.unit and named:
        lines.append((_("Product"), case.unit.line.product.name))
    claims = all_claims if named else []
    serials = list(dict.fromkeys(serial for serial in _serials(case, claims) if fold_identifier(serial) in named))
    if serials:
        lines.append((_("Serial number"), ", ".join(serials)))
    parts = [claim.part.label for claim in claims if claim.confirmed] if case.unit else []
    if parts:
        lines.append((_("Part"), ", ".join(parts)))
    if files:
        lines.append((_("Photos, videos and papers"), str(files)))
    return lines


def _serials(case: Case, claims: Sequence[ClaimedPart]) -> list[str]:
    """Serial numbers of ours that the sender may have named: the product's, and those of the parts claimed."""
    unit = [case.unit.serial] if case.unit else []
    return [serial for serial in (*unit, *(claim.part.serial for claim in claims)) if serial]


def _missing_sentences(case: Case, codes: Sequence[str]) -> list[str]:
    """What we still need, said so that it can be done. A number that was given but not found is asked for again."""
    sentences = {
        "invoice": _("the number of the original invoice (it is on the invoice we sent with your order)"),
        "serial": _("the serial number of the product (it is on the label on the box and on the product)"),
        "part": _("which part has the problem"),
        "description": _("a short description: what happens, since when, and what you have tried"),
        "evidence": _("a clear photo or a video that shows the problem"),
    }
    if case.invoice_as_given:
        sentences["invoice"] = _("the invoice number once more: we could not find the one you sent us")
    if case.serial_as_given:
        sentences["serial"] = _("the serial number once more: we could not match the one you sent us to your invoice")
    return [sentences[code] for code in codes if code in sentences]


def _refused(files: Iterable[Evidence]) -> list[tuple[str, str]]:
    refused = (file for file in files if file.status == Evidence.Status.REFUSED)
    return [(mailable_name(file.name), _(file.refusal)) for file in refused]


def quote_lines(quote: Quote | None) -> dict[str, Any] | None:
    """The lines of this quote with their total, None where there is none."""
    if quote is None:
        return None
    lines = list(quote.lines.all())
    total = sum((line.amount for line in lines), Decimal(0))
    return {"lines": lines, "total": total, "currency": quote.currency, "answer": quote.answer}


def translated(text: str) -> str:
    """A reason in the reader's words."""
    # The reasons are rows the maker may edit; as long as nobody did, their words are in our catalogue of translations.
    return _(text) if text else ""
