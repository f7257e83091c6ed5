"""What the warranty does not pay for, quoted line by line before work starts (policy 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actors import Actor
from cases.errors import NotPossible, Stale
from cases.models import Case, CaseEvent, Message, Quote, QuoteLine
from cases.models.case import State
from cases.services._facts import quote_in_force, quote_standing, total_of
from cases.services._transition import allow, locked_case, require_state, tell

__all__ = [
    "QuoteLineData",
    "answer_quote",
    "quote_in_force",
    "quote_is_cleared",
    "quote_standing",
    "send_quote",
    "total_of",
    "write_quote",
]

QUOTABLE = (State.EVIDENCE_REVIEW, State.APPROVED, State.IN_REPAIR)
ANSWERABLE = (State.APPROVED, State.IN_REPAIR)
MOST = Decimal("99999999.99")
LINES_AT_MOST = 50
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class QuoteLineData:
    """One line, in the currency of the invoice: zero or more, in whole cents."""

    kind: Literal["repair", "shipping", "other"]
    description: str
    amount: Decimal


def quote_is_cleared(case: Case) -> bool:
    """Whether work may go on: answered yes, or nothing to answer (no quote, no lines, a total of zero)."""
    return quote_standing(case) == "cleared"


@transaction.atomic
def write_quote(case_id: int, *, lines: Sequence[QuoteLineData], actor: Actor, now: datetime) -> Quote:
    """Write the quote anew, in the invoice's currency; it takes the place of the one before, whatever was answered.

    No lines at all: nothing is to be paid. Refused without an invoice, and where the same lines stand already.
    """
    allow(actor)
    checked = [_checked(number, line) for number, line in enumerate(lines)]
    if len(checked) > LINES_AT_MOST:
        raise NotPossible(_("A quote holds at most 50 lines."), field="lines", code="too_many_lines")
    case = locked_case(case_id)
    require_state(case, QUOTABLE, doing="write_quote")
    if case.invoice is None:
        raise NotPossible(_("Match the purchase first: a quote is in the currency of its invoice."), code="no_invoice")
    _supersede(case, checked, now)
    quote = Quote.objects.create(case=case, currency=case.invoice.currency, created_at=now, created_by=actor.user)
    QuoteLine.objects.bulk_create(
        QuoteLine(quote=quote, position=position, kind=line.kind, description=line.description, amount=line.amount)
        for position, line in enumerate(checked, start=1)
    )
    tell(case, CaseEvent.Kind.QUOTE, "written", actor=actor, now=now, data=_data(quote))
    return quote


@transaction.atomic
def send_quote(case_id: int, *, actor: Actor, now: datetime) -> Quote:
    """Send the quote in force to the customer, once."""
    allow(actor)
    case = locked_case(case_id)
    require_state(case, ANSWERABLE, doing="send_quote")
    quote = quote_in_force(case)
    if quote is None or not quote.lines.exists():
        raise NotPossible(_("There is no quote to send: write its lines first."), code="no_quote")
    if quote.sent_at:
        raise Stale(_("This quote has been sent already."), code="unchanged")
    quote.sent_at = now
    quote.save(update_fields=["sent_at"])
    tell(case, CaseEvent.Kind.QUOTE, "sent", actor=actor, now=now, data=_data(quote))
    return quote


@transaction.atomic
def answer_quote(
    case_id: int,
    *,
    answer: Literal["accepted", "declined"],
    through: str = "",
    message_id: int | None = None,
    quote_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Quote:
    """Record the customer's answer, and through what it came: the portal, a call, or a message of theirs
    (`message_id`), which is kept with it.

    `quote_id` is the quote the customer saw: Stale where another one took its place since. Declining ends the
    repair, not the warranty.
    """
    allow(actor, customer=True)
    if answer not in (Quote.Answer.ACCEPTED, Quote.Answer.DECLINED):
        raise NotPossible(_("Accept or decline the quote."), field="answer", code="unknown_answer")
    if not through.strip() and message_id is None:
        raise NotPossible(_("Say how the customer answered."), field="through", code="through_missing")
    case = locked_case(case_id)
    require_state(case, ANSWERABLE, doing="answer_quote")
    quote = _open_quote(case, quote_id)
    quote.answered_in = _message_of_customer(case, message_id) if message_id is not None else None
    quote.answer, quote.answered_at, quote.answered_through = answer, now, through.strip()[:200]
    quote.save(update_fields=["answer", "answered_at", "answered_through", "answered_in"])
    data = {"quote": quote.pk, "answer": answer, "message": message_id}
    tell(case, CaseEvent.Kind.QUOTE, "answered", actor=actor, now=now, data=data)
    return quote


def _message_of_customer(case: Case, message_id: int) -> Message:
    found = case.messages.filter(pk=message_id, direction=Message.Direction.IN).first()
    if found is None:
        raise NotPossible(_("Choose a message the customer wrote in this case."), field="message", code="message")
    return found


def _open_quote(case: Case, quote_id: int | None) -> Quote:
    quote = quote_in_force(case)
    if quote is None or quote.sent_at is None:
        raise NotPossible(_("There is no quote to answer."), code="no_quote")
    if quote_id not in (None, quote.pk):
        raise Stale(_("This quote has been replaced by a newer one: please look at that one."), code="superseded")
    if quote.answer:
        raise Stale(
            _("The quote has been answered already: %(answer)s.") % {"answer": quote.get_answer_display()},
            code="answered",
        )
    return quote


def _supersede(case: Case, lines: Sequence[QuoteLineData], now: datetime) -> None:
    quote = quote_in_force(case)
    if quote is None:
        return
    standing = [QuoteLineData(line.kind, line.description, line.amount) for line in quote.lines.all()]  # type: ignore[arg-type]
    if standing == list(lines) and not quote.answer:
        raise Stale(_("The quote says this already."), code="unchanged")
    quote.superseded_at = now
    quote.save(update_fields=["superseded_at"])


def _checked(number: int, line: QuoteLineData) -> QuoteLineData:
    """The line with its amount in cents, or NotPossible naming the line and the field."""
    where = f"lines[{number}]"
    if line.kind not in QuoteLine.Kind.values:
        raise NotPossible(_("Choose what this line is for."), field=f"{where}.kind", code="unknown_kind")
    description = line.description.strip()
    if not description or len(description) > 200:
        raise NotPossible(
            _("Say in up to 200 characters what this line is for."), field=f"{where}.description", code="description"
        )
    amount = line.amount
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != amount.quantize(_CENT):
        raise NotPossible(_("The amount must be zero or more, in whole cents."), field=f"{where}.amount", code="amount")
    return QuoteLineData(line.kind, description, amount.quantize(_CENT))


def _data(quote: Quote) -> dict[str, Any]:
    return {"quote": quote.pk, "total": str(total_of(quote)), "currency": quote.currency}
