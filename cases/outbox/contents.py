"""What each mail says: facts of the case, ready for the templates. Nothing is decided here.

An automatic mail can be aimed at somebody who never wrote to us, so it holds no word of the sender: what is listed as
understood comes from our own rows, and only what the sender named (policy 3: nothing of an invoice holder is told).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.evidence.names import mailable_name
from cases.models import Case, CaseEvent, ClaimedPart, Evidence, Message, Quote
from cases.outbox.clock_words import clock_sentence, dates_digest, homecomings
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
    case = event.case
    unit = case.unit
    return Contents(
        {
            "understood": _understood(case),
            "missing": _missing_sentences(case, event.data.get("missing", [])),
            "refused": _refused(case.evidence.all()),
            "manual": unit.line.product.manual_url if unit and case.serial_as_given else "",
        }
    )


def information_request(event: CaseEvent, given: Given) -> Contents:
    words = _message_of(event)
    missing = _missing_sentences(event.case, event.data.get("missing", []))
    return Contents({"missing": missing, "words": words.text if words else ""}, message=words)


def decision(event: CaseEvent, given: Given) -> Contents:
    case = event.case
    claims = list(_claims(case))
    today = timezone.localdate(event.at)
    covered = [claim for claim in claims if claim.verdict == ClaimedPart.Verdict.COVERED]
    return Contents(
        {
            "answers": [_answer(claim, today) for claim in claims],
            "covered": len(covered),
            "denied": len(claims) - len(covered),
            "repairs": any(claim.resolution == ClaimedPart.Resolution.REPAIR for claim in covered),
            "quote": _quote(case.quotes.filter(superseded_at=None, sent_at__isnull=False)),
        }
    )


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


def returned(event: CaseEvent, given: Given) -> Contents:
    """One mail for a return, whichever of its two events comes first, and a new one where the dates change later."""
    case = event.case
    closing = case.events.filter(kind=CaseEvent.Kind.TRANSITION).order_by("pk").last()
    trip = closing if closing and closing.to_state == "returned" else event
    groups = homecomings([claim.part for claim in _claims(case)], timezone.localdate(event.at))
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
    shown = _quote(event.case.quotes.filter(pk=event.data.get("quote")))
    return Contents({"quote": shown}) if shown else None


def message(event: CaseEvent, given: Given) -> Contents | None:
    words = _message_of(event)
    return Contents({"words": words.text}, message=words) if words else None


def files_refused(event: CaseEvent, given: Given) -> Contents | None:
    """Only for what came by mail: on the portal the sender has seen it already."""
    words = _message_of(event)
    refused = _refused(words.evidence.all()) if words and given.get("in_reply_to") else []
    return Contents({"refused": refused}) if refused else None


def link(event: CaseEvent, given: Given) -> Contents:
    return Contents()


def _claims(case: Case) -> QuerySet[ClaimedPart]:
    return case.claimed_parts.select_related("part__product", "reason").prefetch_related("part__pauses").order_by("pk")


def _message_of(event: CaseEvent) -> Message | None:
    return Message.objects.filter(pk=event.data.get("message"), case=event.case_id).first()


def _understood(case: Case) -> list[tuple[str, str]]:
    named = fold_identifier(case.serial_as_given)
    lines = []
    if case.invoice and case.invoice_as_given:
        lines.append((_("Invoice"), case.invoice.number))
    if case.unit and named:
        lines.append((_("Product"), case.unit.line.product.name))
    serials = list(dict.fromkeys(serial for serial in _serials(case) if fold_identifier(serial) in named))
    if serials:
        lines.append((_("Serial number"), ", ".join(serials)))
    parts = [claim.part.label for claim in _claims(case) if claim.confirmed] if case.unit and named else []
    if parts:
        lines.append((_("Part"), ", ".join(parts)))
    files = case.evidence.exclude(status=Evidence.Status.REFUSED).count()
    if files:
        lines.append((_("Photos, videos and papers"), str(files)))
    return lines


def _serials(case: Case) -> list[str]:
    """Serial numbers of ours that the sender may have named: the product's, and those of the parts claimed."""
    unit = [case.unit.serial] if case.unit else []
    return [serial for serial in (*unit, *(claim.part.serial for claim in _claims(case))) if serial]


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


def _refused(files: QuerySet[Evidence]) -> list[tuple[str, str]]:
    refused = files.filter(status=Evidence.Status.REFUSED).order_by("pk")
    return [(mailable_name(file.name), _(file.refusal)) for file in refused]


def _answer(claim: ClaimedPart, today: date) -> dict[str, Any]:
    reason = claim.reason
    return {
        "label": claim.part.label,
        "covered": claim.verdict == ClaimedPart.Verdict.COVERED,
        "replacement": claim.resolution == ClaimedPart.Resolution.REPLACEMENT,
        "title": _translated(reason.title) if reason else "",
        "clause": reason.clause if reason else "",
        "text": _translated(reason.text) if reason else "",
        "words": claim.words.strip(),
        # A void part keeps its dates (policy 1.8), but to name them here would promise what is over.
        "clock": "" if claim.part.is_voided else clock_sentence(claim.part, today),
    }


def _quote(quotes: QuerySet[Quote]) -> dict[str, Any] | None:
    quote = quotes.prefetch_related("lines").first()
    if quote is None:
        return None
    lines = list(quote.lines.all())
    total = sum((line.amount for line in lines), Decimal(0))
    return {"lines": lines, "total": total, "currency": quote.currency, "answer": quote.answer}


def _translated(text: str) -> str:
    # The reasons are rows the maker may edit; as long as nobody did, their words are in our catalogue of translations.
    return _(text) if text else ""
