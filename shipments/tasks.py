"""What the worker does for parcels. Celery only wakes it up: the work is in the rows (house, law 2)."""

from celery import shared_task
from django.utils import timezone

from shipments import polling
from shipments.services.moving import try_waiting_moves

PER_TASK = 1000


@shared_task
def look(shipment_id: int) -> None:
    """Ask about one parcel that has just been booked."""
    polling.look_at_one(shipment_id, timezone.now())


@shared_task
def look_at_due_shipments() -> None:
    """Ask about every parcel whose look is due."""
    polling.look_at_due(timezone.now(), PER_TASK)


@shared_task
def sweep_shipments() -> None:
    """Take back what dead workers had claimed, and try again the moves that had to wait."""
    now = timezone.now()
    polling.free_stale_claims(now)
    try_waiting_moves(now)
