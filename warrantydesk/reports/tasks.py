"""What the worker does for the reports. Celery only wakes it up: what is to be counted stands in the rows."""

import logging

from celery import shared_task
from django.utils import timezone

from warrantydesk.reports import weekly
from warrantydesk.reports.counting.folding import fold_ledgers
from warrantydesk.reports.counting.rounds import count_changed, count_new_ledgers, prove
from warrantydesk.reports.exports import jobs
from warrantydesk.reports.figures.spans import keep_weeks, keep_weeks_of

logger = logging.getLogger(__name__)


@shared_task
def count() -> None:
    """Count what changed since the last round."""
    for _step in count_changed():
        pass
    keep_weeks_of()


@shared_task
def prove_figures() -> None:
    """Every night: are the stored figures those a recount gives? What is not is said, and counted anew. Then the rows
    of the ledgers that are alike become one."""
    list(count_new_ledgers())
    for difference in prove():
        logger.error("reports: %s", difference)
    fold_ledgers()
    keep_weeks()


@shared_task
def make_exports() -> None:
    """Make the files somebody waits for, and take away those that lay there for a day."""
    jobs.work_off(timezone.now())
    jobs.forget_old(timezone.now())


@shared_task
def close_week() -> None:
    """Keep the figures of a week that is over, and mail its reports to whoever wants them."""
    for _step in count_changed():
        pass
    weekly.prepare_week(timezone.now())
    weekly.send_due(timezone.now())
