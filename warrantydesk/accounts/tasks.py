"""Background work about accounts."""

from celery import shared_task
from django.utils import timezone

from warrantydesk.accounts import sessions


@shared_task
def clear_old_sessions() -> None:
    sessions.clear_old(timezone.now())
