"""Background work of the intake. The row says what is left to do; the task may run twice or die half-way."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from warrantydesk.intake import services
from warrantydesk.intake.fetching import fetch_pass
from warrantydesk.intake.mailbox import configured_mailbox
from warrantydesk.intake.mailbox_state import is_time
from warrantydesk.intake.strays import settle_strays

LONGEST_PASS = timedelta(minutes=4)  # well within a task's time; the next one goes on where this one stopped


@shared_task
def sweep_mail() -> None:
    """Read what was kept and never read: its reader died, or the database was away."""
    services.read_waiting(timezone.now())


@shared_task
def fetch_mail() -> None:
    """One pass over the mailbox, where one is configured, it is not known to be shut, and nobody else is at it."""
    address, now = configured_mailbox(), timezone.now()
    if address is not None and is_time(address.name, now):
        fetch_pass(address, until=now + LONGEST_PASS)


@shared_task
def sweep_stray_mail() -> None:
    """Once a day: stored messages without a row, which a killed reader or an older database left behind."""
    settle_strays(timezone.now())
