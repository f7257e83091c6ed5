"""How many messages wait in each queue of the broker, whichever it is."""

from typing import Any

from django.conf import settings
from kombu.exceptions import OperationalError


def queue_lengths() -> dict[str, int] | None:
    """By the name of the queue; None where the broker cannot be reached. Losing what waits there loses nothing."""
    from warrantydesk.celery import app

    try:
        with app.connection_for_read(connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
            bound: list[Any] = [queue(connection.default_channel) for queue in settings.CELERY_TASK_QUEUES]
            return {queue.name: int(queue.queue_declare().message_count) for queue in bound}
    except (OSError, OperationalError):
        return None
