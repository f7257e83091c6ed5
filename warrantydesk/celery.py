"""The Celery app, and the whole beat table in one list.

Celery only wakes people up: work to be done is a row, and the sweeps here find the rows whose message got lost.
"""

import os

from celery import Celery
from celery.signals import worker_init
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

from warrantydesk import filebroker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warrantydesk.settings")

filebroker.register()
app = Celery("warrantydesk", include=["warrantydesk.health"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)  # a task's log lines carry the id of the request that asked for it


@worker_init.connect
def _note_sweeps(**_kwargs: object) -> None:
    from warrantydesk.sweeps import listen

    listen()


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
            ("evidence: have it scanned", "cases.tasks.sweep_scans", sweep),
            ("evidence: finish or forget uploads", "cases.tasks.sweep_uploads", 300),
            ("queue: hear of clocks that moved", "cases.tasks.follow_clocks", 300),
            ("intake: read what is waiting", "warrantydesk.intake.tasks.sweep_mail", sweep),
            ("intake: find messages without a row", "warrantydesk.intake.tasks.sweep_stray_mail", 24 * 3600),
            ("intake: fetch from the mailbox", "warrantydesk.intake.tasks.fetch_mail", settings.IMAP_POLL_SECONDS),
            ("parcels: ask the carriers", "shipments.tasks.look_at_due_shipments", sweep),
            ("parcels: free what a dead worker held", "shipments.tasks.sweep_shipments", sweep),
            ("parcels: take in what carriers sent", "shipments.tasks.read_tracking_hooks", sweep),
            ("parcels: prove the stored pauses", "shipments.tasks.prove_pauses", 24 * 3600),
            ("audit: seal what was written", "warrantydesk.audit.tasks.seal_audit", sweep),
            ("audit: prove the chain", "warrantydesk.audit.tasks.prove_audit", 24 * 3600),
            ("portal: mail the links asked for", "warrantydesk.portal.tasks.answer_link_requests", sweep),
            ("imports: take in what waits", "warrantydesk.sales.tasks.run_imports", sweep),
            ("shop: take in what it sent", "warrantydesk.api.tasks.read_shop_hooks", sweep),
            ("webhooks: tell other systems", "warrantydesk.api.tasks.tell_others", sweep),
            ("evidence: clear away files without a row", "cases.tasks.sweep_orphans", 24 * 3600),
            ("evidence: compare with the fingerprints", "cases.tasks.compare_evidence", 24 * 3600),
            # Looked at often, done once a night: the rows say when (warrantydesk/privacy/forgetting.py).
            ("privacy: forget what is kept no longer", "warrantydesk.privacy.tasks.forget_old", 900),
            ("reports: count what changed", "warrantydesk.reports.tasks.count", 60),
            ("reports: keep the finished week and mail it", "warrantydesk.reports.tasks.close_week", 900),
            ("reports: make the files somebody waits for", "warrantydesk.reports.tasks.make_exports", 30),
            ("reports: prove what is counted", "warrantydesk.reports.tasks.prove_figures", 24 * 3600),
        )
    }
