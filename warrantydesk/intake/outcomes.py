"""What became of the mails of some days, for whoever reports on it."""

from datetime import datetime

from django.db.models import Count

from warrantydesk.intake.models import IncomingMail


def mail_outcomes(start: datetime, end: datetime) -> dict[str, int]:
    """Mails received in [start, end) by outcome; "" for those not read yet."""
    rows = IncomingMail.objects.filter(received_at__gte=start, received_at__lt=end).order_by()
    return dict(rows.values_list("outcome").annotate(number=Count("pk")))
