"""Background work of the audit trail."""

import logging

from celery import shared_task
from django.utils import timezone

from warrantydesk.audit import chain

log = logging.getLogger(__name__)


@shared_task
def seal_audit() -> None:
    chain.seal()


@shared_task
def prove_audit() -> None:
    """Once a day: seal whatever the short look missed, and prove the chain from its beginning."""
    chain.seal(everything=True)
    for problem in chain.problems_of(timezone.now()):
        log.error("audit trail: %s", problem)
