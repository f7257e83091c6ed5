"""/metrics, for Prometheus: how mail comes in and goes out, and whether the workers are alive.

Several processes serve the desk and each may be asked, so nothing is counted in memory: every figure is read from the
database when it is asked for, by a handful of queries over partial indexes or over one day of mail. Their cost does
not grow with the years, and nothing in them is about a person.
"""

import ipaddress
import logging
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Max, Min, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cases.evidence.integrity import in_trouble
from cases.models import Evidence, OutgoingMail
from warrantydesk.health import HEARTBEAT_KEY
from warrantydesk.intake.held import ALARM_AFTER, unsettled_mail
from warrantydesk.intake.models import IncomingMail, MailboxState
from warrantydesk.parcel_figures import parcel_figures
from warrantydesk.privacy.models import Forgetting
from warrantydesk.queues import queue_lengths
from warrantydesk.sweeps import sweeps

log = logging.getLogger(__name__)
A_DAY = timedelta(days=1)
UNREAD = "unread"
_SENT_ON = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for this machine or whoever has METRICS_TOKEN; for anybody else there is nothing here."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """What is so at one instant."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> Iterable[Metric]:
        return ()  # asked at registration, where nothing may be read yet

    def collect(self) -> Iterator[Metric]:
        yield from _mail_of_a_day(self.now)
        yield from _mail_to_read(self.now)
        yield from _held_mail(self.now)
        yield from _mailboxes(self.now)
        yield from _outbox(self.now)
        yield from _evidence()
        yield from _heartbeat(self.now)
        yield from _forgotten(self.now)
        yield from parcel_figures(self.now)
        yield from _sweeps(self.now)
        yield from _queues()
        yield from _disk()


def _mail_of_a_day(now: datetime) -> Iterator[Metric]:
    """By the index on the time of receipt: a day of mail, however many years lie before it."""
    since = IncomingMail.objects.filter(received_at__gt=now - A_DAY)
    took = ExpressionWrapper(F("read_at") - F("kept_at"), output_field=DurationField())
    rows = {row["outcome"]: row for row in since.order_by().values("outcome").annotate(
        mails=Count("pk"), seen=Sum("times_seen"), slowest=Max(took), usual=Avg(took)
    )}  # fmt: skip
    mails = _gauge("mail_last_day", "Mails received in the last 24 hours, by what became of them.", "outcome")
    for outcome in IncomingMail.Outcome.values:
        mails.add_metric([outcome], rows[outcome]["mails"] if outcome in rows else 0)
    mails.add_metric([UNREAD], rows[""]["mails"] if "" in rows else 0)
    yield mails
    twice = sum(row["seen"] - row["mails"] for row in rows.values())
    yield _gauge("mail_duplicates_last_day", "Times a mail of the last 24 hours was received again.", value=twice)
    read = [row for row in rows.values() if row["slowest"] is not None]
    slowest = max((row["slowest"].total_seconds() for row in read), default=0)
    usual = sum(row["usual"].total_seconds() * row["mails"] for row in read) / (sum(row["mails"] for row in read) or 1)
    yield _gauge("mail_read_seconds_mean", "From kept to read, mean of the last 24 hours.", value=usual)
    yield _gauge("mail_read_seconds_max", "From kept to read, slowest of the last 24 hours.", value=slowest)


def _mail_to_read(now: datetime) -> Iterator[Metric]:
    told = IncomingMail.objects.filter(outcome="").aggregate(waiting=Count("pk"), oldest=Min("kept_at"))
    yield _gauge("mail_unread", "Mails kept and not read yet.", value=told["waiting"])
    yield _gauge("mail_lag_seconds", "Age of the oldest mail kept and not read yet.", value=_age(told["oldest"], now))


def _held_mail(now: datetime) -> Iterator[Metric]:
    waiting = unsettled_mail().order_by()
    told = waiting.aggregate(late=Count("pk", filter=Q(received_at__lt=now - ALARM_AFTER)), oldest=Min("received_at"))
    by_why = dict(waiting.values_list("why").annotate(mails=Count("pk")))
    held = _gauge("mail_held", "Mails that wait for a person, by why.", "why")
    for why in (*IncomingMail.Why.values, *by_why.keys() - set(IncomingMail.Why.values)):
        held.add_metric([why or "other"], by_why.get(why, 0))
    yield held
    yield _gauge("mail_held_too_long", "Mails that have waited for a person for more than a day.", value=told["late"])
    oldest = _age(told["oldest"], now)
    yield _gauge("mail_held_oldest_seconds", "Age of the mail that waits longest for a person.", value=oldest)


def _mailboxes(now: datetime) -> Iterator[Metric]:
    age = _gauge("mailbox_success_age_seconds", "Since the last whole pass over a mailbox.", "mailbox")
    failures = _gauge("mailbox_failures", "Passes over a mailbox that failed in a row.", "mailbox")
    waiting = _gauge("mailbox_waiting", "Mails in the inbox after the last pass.", "mailbox")
    for box in MailboxState.objects.all()[:100]:
        age.add_metric([box.name], float("inf") if box.succeeded_at is None else _age(box.succeeded_at, now))
        failures.add_metric([box.name], box.failures)
        waiting.add_metric([box.name], box.waiting)
    yield from (age, failures, waiting)


def _outbox(now: datetime) -> Iterator[Metric]:
    Status = OutgoingMail.Status  # noqa: N806 - the class
    stuck = (Status.QUEUED, Status.SENDING, Status.FAILED, Status.UNCERTAIN)
    counted = OutgoingMail.objects.filter(status__in=stuck).order_by().values_list("status")
    by_status = dict(counted.annotate(mails=Count("pk")))
    says = "Outgoing mails that have not left, by status; failed and uncertain need a person."
    outbox = _gauge("outbox", says, "status")
    for status in stuck:
        outbox.add_metric([status], by_status.get(status, 0))
    yield outbox
    due = OutgoingMail.objects.filter(status=Status.QUEUED, not_before__lte=now)
    oldest = due.aggregate(oldest=Min("not_before"))["oldest"]
    yield _gauge("outbox_lag_seconds", "How long the oldest outgoing mail is overdue.", value=_age(oldest, now))


def _evidence() -> Iterator[Metric]:
    """By partial indexes: what waits and what is in trouble is little, however much is kept."""
    waiting = Evidence.objects.filter(status=Evidence.Status.PENDING).count()
    yield _gauge("evidence_waiting", "Files that came and are not looked at yet.", value=waiting)
    unscanned = Evidence.objects.filter(scan__in=["", "waiting"], status__in=Evidence.KEPT)
    to_scan = unscanned.count() if settings.CLAMD_URL else 0
    yield _gauge("evidence_unscanned", "Files that wait for the virus scanner.", value=to_scan)
    yield _gauge("evidence_in_trouble", "Stored files that are missing or were changed.", value=in_trouble().count())


def _heartbeat(now: datetime) -> Iterator[Metric]:
    last = cache.get(HEARTBEAT_KEY)
    age = float("inf") if last is None else _age(last, now)
    yield _gauge("heartbeat_age_seconds", "Since beat and a worker were last seen alive together.", value=age)


def _forgotten(now: datetime) -> Iterator[Metric]:
    age = _gauge("forgotten_age_seconds", "Since what is kept no longer was last looked for, by kind.", "kind")
    for kind, finished_at in Forgetting.objects.values_list("kind", "finished_at"):
        age.add_metric([kind], float("inf") if finished_at is None else _age(finished_at, now))
    yield age


def _sweeps(now: datetime) -> Iterator[Metric]:
    age = _gauge("sweep_age_seconds", "Since a task of the beat table last came to its end.", "task")
    late = failing = 0
    for sweep in sweeps():
        if sweep.ended_at is not None:
            age.add_metric([sweep.task], _age(sweep.ended_at, now))
        late += sweep.is_late(now)
        failing += bool(sweep.failed)
    yield age
    yield _gauge("sweeps_late", "Tasks of the beat table that ended longer ago than they should.", value=late)
    yield _gauge("sweeps_failing", "Tasks of the beat table whose last run ended with an error.", value=failing)


def _queues() -> Iterator[Metric]:
    """Nothing where the broker cannot be reached: then the heartbeat says so."""
    waiting = _gauge("queue_length", "Messages that wait for a worker.", "queue")
    for name, messages in (queue_lengths() or {}).items():
        waiting.add_metric([name], messages)
    yield waiting


def _disk() -> Iterator[Metric]:
    if not settings.S3_BUCKET:
        disk = shutil.disk_usage(settings.DATA_DIR)
        says = "How full the disk of the local files is, in percent."
        yield _gauge("storage_used_percent", says, value=100 - 100 * disk.free / disk.total)


def _gauge(name: str, says: str, *labels: str, value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"warrantydesk_{name}", says, value=value, labels=labels or None)


def _age(since: datetime | None, now: datetime) -> float:
    return 0 if since is None else max(0.0, (now - since).total_seconds())


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        scheme, _blank, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN):
            return True
    return _is_this_machine(request)


def _is_this_machine(request: HttpRequest) -> bool:
    """Behind a proxy on the same machine everybody comes from it, so whatever was sent on does not count."""
    if settings.SECURE_PROXY_SSL_HEADER or any(name in request.META for name in _SENT_ON):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
