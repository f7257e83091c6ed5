"""Background work of the intake. The row says what is left to do; the task may run twice or die half-way."""

from celery import shared_task
from django.utils import timezone

from warrantydesk.intake import services


@shared_task
def sweep_mail() -> None:
    """Read what was kept and never read: its reader died, or the database was away."""
    services.read_waiting(timezone.now())
