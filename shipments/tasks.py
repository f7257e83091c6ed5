"""What the worker does for parcels. Celery only wakes it up: the work is in the rows (house, law 2)."""

from celery import shared_task
from django.utils import timezone

from shipments import polling
from shipments.rebuilding import prove_pauses as prove
from shipments.services import hearing
from shipments.services.moving import try_waiting_moves
from shipments.services.recording import count_anew

PER_TASK = 100_000
ROUND_SECONDS = 240  # well within what a task may take; the next one goes on


@shared_task
def look(shipment_id: int) -> None:
    """Ask about one parcel that has just been booked, or that a carrier has hinted at."""
    polling.look_at_one(shipment_id, timezone.now())


@shared_task
def look_at_due_shipments() -> None:
    """Ask about every parcel whose look is due."""
    for _look in polling.looks_due(timezone.now, limit=PER_TASK, seconds=ROUND_SECONDS):
        pass


@shared_task
def sweep_shipments() -> None:
    """Take back what dead workers had claimed, and try again what had to wait."""
    now = timezone.now()
    polling.free_stale_claims(now)
    count_anew(now)
    try_waiting_moves(now)


@shared_task
def read_tracking_hooks() -> None:
    """Take in what carriers sent by themselves."""
    now = timezone.now()
    while hearing.read_hooks(now):
        pass


@shared_task
def prove_pauses() -> None:
    """Every night: are the stored pauses those the scans prove?"""
    prove(timezone.now(), timezone.now)
