"""Is the desk alive (/healthz), and can it work (/readyz): database, broker, storage, and a beating heart.

The heartbeat is a task that beat sends and a worker runs, so its age proves both.
"""

import dataclasses
import datetime as dt

from celery import shared_task
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

HEARTBEAT_KEY = "heartbeat"
OLDEST_HEARTBEAT = dt.timedelta(seconds=90)


@shared_task
def beat_heart() -> None:
    cache.set(HEARTBEAT_KEY, timezone.now(), timeout=None)


@dataclasses.dataclass
class Broker(HealthCheck):
    """Messages can be handed to the broker."""

    def run(self) -> None:
        from kombu.exceptions import OperationalError

        from warrantydesk.celery import app

        try:
            with app.connection_for_write(connect_timeout=3) as connection:
                connection.ensure_connection(max_retries=1, timeout=3)
        except (OSError, OperationalError) as error:
            raise ServiceUnavailable("The broker cannot be reached.") from error


@dataclasses.dataclass
class Heartbeat(HealthCheck):
    """Beat and a worker are alive: the last heartbeat is young."""

    def run(self) -> None:
        last = cache.get(HEARTBEAT_KEY)
        if last is None:
            raise ServiceUnavailable("No heartbeat yet: are beat and a worker running?")
        age = timezone.now() - last
        if age > OLDEST_HEARTBEAT:
            seconds = int(age.total_seconds())
            raise ServiceUnavailable(f"The last heartbeat is {seconds} seconds old: beat or every worker is down.")


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing else, so that a broken database does not restart web servers."""
    return HttpResponse("ok\n", content_type="text/plain")


readyz = HealthCheckView.as_view(
    checks=[
        "health_check.checks.Database",
        "health_check.checks.Storage",
        Broker,
        Heartbeat,
        "warrantydesk.intake.mailbox_state.Mailbox",
    ]
)
