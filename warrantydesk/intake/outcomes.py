"""What became of the mails of some days, for whoever reports on it."""

from datetime import datetime

from django.db.models import Count, QuerySet
from django.urls import reverse

from warrantydesk.intake.models import IncomingMail

Outcome, Why = IncomingMail.Outcome, IncomingMail.Why
VIEW_OF: dict[str, str] = {
    Outcome.HELD: "", Outcome.AUTOMATIC: f"?view={Why.AUTOMATIC}", Outcome.QUARANTINED: f"?view={Why.UNREADABLE}",
}  # fmt: skip


def mail_outcomes(start: datetime, end: datetime) -> dict[str, int]:
    """Mails received in [start, end) by outcome; "" for those not read yet."""
    return dict(_received(start, end).values_list("outcome").annotate(number=Count("pk")))


def mails_of_outcome(start: datetime, end: datetime, outcome: str) -> QuerySet[IncomingMail]:
    return _received(start, end).filter(outcome=outcome)


def list_of(outcome: str) -> str:
    """Where a person finds the mails that wait with this outcome; empty for those that need nobody."""
    return f"{reverse('intake:mail')}{VIEW_OF[outcome]}" if outcome in VIEW_OF else ""


def _received(start: datetime, end: datetime) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.filter(received_at__gte=start, received_at__lt=end).order_by()
