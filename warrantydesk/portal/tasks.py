"""Background work of the portal."""

from celery import shared_task
from django.utils import timezone

from warrantydesk.portal import link_requests


@shared_task
def answer_link_requests() -> None:
    """Now, and as a sweep: see to every private link that was asked for."""
    link_requests.answer_link_requests(timezone.now())
