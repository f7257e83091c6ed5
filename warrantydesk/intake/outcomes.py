"""What became of the mails of some days, for whoever reports on it."""

from datetime import datetime

from django.db.models import Count, QuerySet

from warrantydesk.intake.models import IncomingMail


def mail_outcomes(start: datetime, end: datetime) -> dict[str, int]:
    """Mails received in [start, end) by outcome; "" for those not read yet."""
    return dict(_received(start, end).values_list("outcome").annotate(number=Count("pk")))


def mails_of_outcome(start: datetime, end: datetime, outcome: str) -> QuerySet[IncomingMail]:
    return _received(start, end).filter(outcome=outcome)


def _received(start: datetime, end: datetime) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.filter(received_at__gte=start, received_at__lt=end).order_by()
