"""The Celery app, and the whole beat table in one list.

Celery only wakes people up: work to be done is a row, and the sweeps here find the rows whose message got lost.
"""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")

app = Celery("warrantydesk", include=["warrantydesk.health"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def _fill_beat_table(sender: Celery, **_kwargs: object) -> None:
    """name → (task, seconds). Every one may run twice, late, or beside itself: rows are claimed."""
    sweep = settings.SWEEP_SECONDS
    sender.conf.beat_schedule = {
        name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
        for name, task, seconds in (
            ("heartbeat", "warrantydesk.health.beat_heart", 15),
            ("outbox: send what is due", "cases.tasks.sweep_outbox", sweep),
            ("evidence: look at what is waiting", "cases.tasks.sweep_evidence", sweep),
            ("intake: read what is waiting", "warrantydesk.intake.tasks.sweep_mail", sweep),
            ("parcels: ask the carriers", "shipments.tasks.look_at_due_shipments", sweep),
            ("parcels: free what a dead worker held", "shipments.tasks.sweep_shipments", sweep),
            ("evidence: clear away files without a row", "cases.tasks.sweep_orphans", 24 * 3600),
        )
    }
