"""Background work that belongs to every face."""

from celery import shared_task
from django.utils import timezone

from warrantydesk.faces.limits import clear_old


@shared_task
def clear_old_limits() -> None:
    """Counts of windows long over go: whoever is counted again begins anew."""
    clear_old(timezone.now())
