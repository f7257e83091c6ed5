"""Background work of the cases. Every task may run twice or die half-way: the rows say what is left to do."""

import logging

from celery import shared_task
from django.utils import timezone

from cases.evidence import integrity, orphans, processing
from cases.outbox import sending
from cases.services import covering

logger = logging.getLogger(__name__)


@shared_task
def deliver_mail(*mail_ids: int) -> None:
    for mail_id in mail_ids:
        sending.send_one(mail_id, timezone.now())


@shared_task
def follow_clocks() -> None:
    """Let the queue know when cover ends that moved without its case hearing of it."""
    covering.follow_clocks(timezone.now())


@shared_task
def sweep_outbox() -> None:
    """Settle what dead senders left behind, then send whatever is due."""
    sending.sweep_unfinished(timezone.now())
    sending.send_due(timezone.now())


@shared_task
def process_evidence(*evidence_ids: int) -> None:
    for evidence_id in evidence_ids:
        processing.process(evidence_id, timezone.now())


@shared_task
def scan_evidence(evidence_id: int) -> None:
    from cases.evidence import scanning  # it ends in a verb, and the verbs send mail, which wakes people up here

    scanning.scan(evidence_id, timezone.now())


@shared_task
def sweep_evidence() -> None:
    """Process the files whose wake-up was lost or whose worker died."""
    processing.process_waiting(timezone.now())


@shared_task
def sweep_scans() -> None:
    """Have the files scanned that wait for it: the wake-up was lost, the scanner was down, or is new."""
    from cases.evidence import scanning

    scanning.scan_waiting(timezone.now())


@shared_task
def sweep_uploads() -> None:
    """Take in uploads that are whole, and forget those that nobody carries on."""
    from cases.services import uploading

    uploading.sweep_uploads(timezone.now())


@shared_task
def sweep_orphans() -> None:
    """Once a day: remove the files that a transaction which never committed left in the storage."""
    orphans.remove_orphans(timezone.now())


@shared_task
def compare_evidence() -> None:
    """Once a day: compare stored files with their fingerprints, those nobody has looked at for longest."""
    integrity.check_some(timezone.now())


@shared_task
def recount_response_clocks() -> None:
    """After the desk's hours, holidays or targets changed. Run again it finds nothing left to change."""
    from cases.services.responding import recount_response_clocks as recounted  # a verb: see scan_evidence

    changed = sum(one.changed for one in recounted())
    logger.info("response clocks counted anew: %s changed", changed)
