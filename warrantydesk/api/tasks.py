"""What the worker does for other systems. Celery only wakes it up: the work is in the rows (house, law 2)."""

from celery import shared_task
from django.utils import timezone

from warrantydesk.api.outgoing import collecting, sending
from warrantydesk.api.shop import keeping


@shared_task
def read_shop_hooks() -> None:
    """Take in what the shop sent by itself."""
    now = timezone.now()
    while keeping.read_hooks(now):
        pass


@shared_task
def tell_others() -> None:
    """Tell other systems what happened, and whoever set one up that it is not called any more."""
    now = timezone.now()
    while collecting.collect(now) >= collecting.AT_ONCE:
        pass
    while sending.send_due(now) >= sending.AT_ONCE:
        pass
    sending.tell_disabled(now)
