"""Faults that need no process: a store that says 503, a full one, and clocks that jump."""

import datetime as dt
import errno
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.utils import timezone

from cases.models import Case, Evidence, OutgoingMail
from cases.outbox import sending
from cases.tests.mailroom import a_case, a_mail, written_mails
from warrantydesk.health import HEARTBEAT_KEY, OLDEST_HEARTBEAT
from warrantydesk.intake.integrity import problems
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.tests.mails import mail, picture

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LETTER = mail(files={"p.jpg": picture()})


class SlowDown(BaseHTTPRequestHandler):
    """A store that has too much to do, in S3's own words."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(503)
        self.end_headers()
        self.wfile.write(b"<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>")

    do_HEAD = do_GET = do_POST = do_PUT  # noqa: N815 - the names http.server calls

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture(autouse=True)
def _own_storage(storage):
    """What is stored is this test's own."""


@pytest.fixture
def slow_store(settings, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowDown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    healthy = settings.STORAGES
    options = {
        "bucket_name": "desk", "access_key": "x", "secret_key": "x", "region_name": "us-east-1",
        "endpoint_url": f"http://127.0.0.1:{server.server_port}", "addressing_style": "path",
    }  # fmt: skip
    settings.STORAGES = {**healthy, "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}
    yield lambda: setattr(settings, "STORAGES", healthy)
    server.shutdown()
    server.server_close()


def test_mail_is_not_acknowledged_while_the_store_says_503_and_becomes_one_case_afterwards(slow_store):
    with pytest.raises(Exception, match=r"SlowDown|503"):
        receive(LETTER, source="a", now=NOW)
    assert not Case.objects.exists()
    slow_store()
    receive(LETTER, source="a", now=NOW)
    receive(LETTER, source="a", now=NOW)
    assert (Case.objects.count(), Evidence.objects.count(), IncomingMail.objects.count()) == (1, 1, 1)
    assert list(problems()) == []


def test_mail_that_does_not_fit_on_the_disk_is_not_acknowledged_and_leaves_nothing_behind(monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "_save", full)
        with pytest.raises(OSError, match="No space left"):
            receive(LETTER, source="a", now=NOW)
    assert not IncomingMail.objects.exists()
    assert receive(LETTER, source="a", now=NOW).outcome == "case_opened"
    assert list(problems()) == []


def test_mail_leaves_once_when_the_clock_falls_back_while_it_is_being_sent(mail_folder):
    row = a_mail(a_case(), not_before=NOW)
    assert sending._claim(row.pk, NOW + HOUR)  # by a clock that is an hour ahead; then its sender dies
    assert sending.send_due(NOW) == 0
    assert sending.sweep_unfinished(NOW) == 0, "by the right clock it was claimed in the future: nobody takes it away"
    assert sending.sweep_unfinished(NOW + HOUR + sending.STALE_AFTER + dt.timedelta(seconds=1)) == 1
    later = NOW + 2 * HOUR
    assert (sending.send_due(later), sending.send_due(NOW), sending.send_due(later)) == (1, 0, 0)
    assert len(written_mails()) == 1
    assert OutgoingMail.objects.get().status == "sent"


@pytest.mark.parametrize(
    "night",
    [
        dt.datetime(2026, 3, 29, 0, 59, 30, tzinfo=dt.UTC),  # Berlin: 01:59:30, and a minute later 03:00:30
        dt.datetime(2026, 10, 25, 0, 59, 30, tzinfo=dt.UTC),  # 02:59:30, and then 02:00:30 once more
        dt.datetime(2028, 2, 29, 22, 59, 30, tzinfo=dt.UTC),  # the leap day ends
    ],
    ids=["spring", "autumn", "leap day"],
)
def test_mail_that_waits_over_a_strange_night_leaves_when_its_minute_is_over(night, mail_folder):
    row = a_mail(a_case(), not_before=night + dt.timedelta(minutes=1))
    assert sending.send_due(night + dt.timedelta(seconds=59)) == 0
    assert sending.send_due(night + dt.timedelta(seconds=60)) == 1
    row.refresh_from_db()
    assert row.sent_at - night >= dt.timedelta(seconds=60)


@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["back", "forward"])
def test_heart_is_believed_again_at_its_next_beat_after_the_clock_jumped(jump):
    cache.set(HEARTBEAT_KEY, timezone.now() - jump)
    assert (age_of_the_heartbeat() > OLDEST_HEARTBEAT.total_seconds()) == (jump > dt.timedelta(0))
    cache.set(HEARTBEAT_KEY, timezone.now())
    assert age_of_the_heartbeat() < OLDEST_HEARTBEAT.total_seconds()


def age_of_the_heartbeat() -> float:
    said = Client().get("/metrics").content.decode()
    return float(re.search(r"^warrantydesk_heartbeat_age_seconds (\S+)$", said, re.MULTILINE)[1])
