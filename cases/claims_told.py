"""The claims of a case with all that the clocks of their parts are told from, and the quote, as the customer reads
them: on their pages, in mails and in letters. One query each, written once in a process."""

from __future__ import annotations

from django.db.models import QuerySet

from cases.models import Case, ClaimedPart, Quote, QuoteLine
from cases.rows_of_case import rows_of_case
from products.joined import Many, apart, joined
from products.models import PartVoid, PauseWindow, SerialChange
from products.written_once import WrittenOnce

# What `products.explaining` reads of a part. Customers read no names: those of staff are left out.
HISTORY = (
    Many(PauseWindow, "pauses", ["left_on", "back_on", "certainty", "proof"], holder="part", order=["left_on"],
         unread=["confirmed_by"]),
    Many(SerialChange, "serial_changes", ["old_serial", "new_serial", "changed_at", "case_reference"], holder="part",
         order=["changed_at"], unread=["changed_by"]),
    Many(PartVoid, "voids", ["reason_id", "case_reference", "voided_at", "lifted_at", "lift_reason"], holder="part",
         order=["voided_at"], one=("reason", ["title", "clause"]), unread=["voided_by", "lifted_by"]),
)  # fmt: skip

LINES = (Many(QuoteLine, "lines", ["quote_id", "position", "kind", "description", "amount"], order=["position"]),)


def _claims(case: int) -> QuerySet[ClaimedPart]:
    beside = ("part__product", "part__terms", "part__unit__line__invoice", "reason")
    return joined(ClaimedPart.objects.filter(case=case).select_related(*beside).order_by("pk"), *HISTORY)


def _sent(case: int) -> QuerySet[Quote]:
    sent = Quote.objects.filter(case=case, superseded_at=None, sent_at__isnull=False)
    return joined(sent.order_by("pk"), *LINES)


_CLAIMS = WrittenOnce(_claims, keep_plan=True, case=int)
_SENT = WrittenOnce(_sent, keep_plan=True, case=int)


def claims_told(case: Case) -> list[ClaimedPart]:
    """With everything `products.explaining` tells a customer of their parts. Each knows this very case."""
    return apart(rows_of_case(case, _CLAIMS), *HISTORY)


def quote_that_was_sent(case: Case) -> Quote | None:
    """The quote in force with its lines, None where none was sent."""
    return next(iter(apart(_SENT.ask(case=case.pk).fetched(), *LINES)), None)
