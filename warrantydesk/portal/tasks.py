"""Background work of the portal."""

from celery import shared_task
from django.utils import timezone

from warrantydesk.portal import link_requests
from warrantydesk.portal.drafting import sweep_drafts


@shared_task
def answer_link_requests() -> None:
    """Now, and as a sweep: see to every private link that was asked for."""
    link_requests.answer_link_requests(timezone.now())


@shared_task
def clear_old_drafts() -> None:
    """Once a day: forget requests that were begun and left."""
    sweep_drafts(timezone.now())
