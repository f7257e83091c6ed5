"""The nightly job that forgets."""

import time

from celery import shared_task
from django.utils import timezone

from warrantydesk.privacy.forgetting import forget_tonight

AT_MOST_SECONDS = 240  # then the next look goes on: no worker is away for long


@shared_task
def forget_old() -> None:
    """Every few minutes: forget what is kept no longer, unless that was done since last night."""
    until = time.monotonic() + AT_MOST_SECONDS
    forget_tonight(timezone.now(), stop=lambda: time.monotonic() > until)
