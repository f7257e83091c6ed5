"""What the worker does for imports. Celery only wakes it up: the work is in the rows (house, law 2)."""

from celery import shared_task
from django.utils import timezone

from products.importing.runs import claim_run, work_off


@shared_task
def run_imports() -> None:
    """Take in every file that waits, the oldest first."""
    while (run := claim_run(timezone.now())) is not None:
        work_off(run, timezone.now)
