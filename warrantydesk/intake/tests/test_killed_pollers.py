"""Pollers killed with signal 9 wherever they are: no mail is lost, none becomes two cases, nobody is answered twice.

20 times here; `make faults` does it 200 times. The points are drawn from a seed, so a failure can be had again.
"""

import datetime as dt
import os
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.db.models import F
from django.utils import timezone

from cases.models import Case, OutgoingMail
from cases.outbox.sending import send_due
from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.tests.dovecot import Account
from warrantydesk.intake.tests.mails import mail, picture
from warrantydesk.tests.line_by_line import LineByLine
from warrantydesk.tests.processes import PATIENCE, wait_for

KILLS = int(os.environ.get("FAULTS", "20"))
SEED = os.environ.get("FAULTS_SEED", "2025")

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(2 * PATIENCE + 10 * KILLS),
    pytest.mark.xdist_group("processes"),
]


def pollers_of(folder: Path, account: Account) -> LineByLine:
    """The process of poller.py, asked line by line."""
    environment = {
        **os.environ,
        "TESTING": "1",
        "DATA_DIR": str(folder),
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": str(django_settings.IMAP_PORT),
        "IMAP_TLS": "none",
        "IMAP_USER": account.user,
        "IMAP_PASSWORD": django_settings.IMAP_PASSWORD,
        "IMAP_BATCH": "7",
        "LOG_LEVEL": "ERROR",
        **dict.fromkeys(("MAIL_CAP_PER_ADDRESS_DAY", "MAIL_CAP_PER_DOMAIN_HOUR", "MAIL_CAP_PER_HOUR"), "100000"),
    }
    database = str(connections["default"].settings_dict["NAME"])
    log = folder / "pollers.log"
    return LineByLine("warrantydesk.intake.tests.poller", database, environment=environment, log=log)


@pytest.fixture
def pollers(account, tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files", "base_url": None},
        },
    }
    running = pollers_of(tmp_path, account)
    yield running
    running.end()


@cache
def letter(number: int) -> bytes:
    """The same bytes every time: a boundary drawn anew would make it another mail."""
    return mail(
        message_id=f"<m{number}@example.com>",
        subject=f"[Warranty Request] number {number}",
        sender=f"Ada <ada{number}@example.com>",
        files={"p.jpg": picture("teal" if number % 2 else "navy")},
    )


def test_nothing_is_lost_or_doubled_when_pollers_are_killed_anywhere(account, pollers, sink, hinge):
    random = Random(SEED)
    written = deliver(account, 0, 30)
    killed = 0
    while killed < KILLS:
        if account.counts().get("INBOX", 0) < 8:
            written = deliver(account, written, 15)
            account.deliver(letter(random.randrange(written)))  # and one that came before
        # From the first connection on, or from when the first batch was put away.
        at = {"lines": random.choice((0, 0, 1)), "seconds": random.uniform(0, 0.6)}
        killed += pollers.ask({"fetch": at})["killed"]
    assert pollers.ask({"fetch": None}) == {"killed": False, "code": 0}, pollers.said()
    an_hour_passes()
    wait_for("the sweep to read what killed pollers had claimed", lambda: nothing_unread(pollers))

    assert list(account.counts()) == ["Processed"], "the inbox is empty, nothing held"
    senders = {f"ada{number}@example.com" for number in range(written)}
    rows = IncomingMail.objects.all()
    assert Counter(row.outcome for row in rows) == {"case_opened": written}
    assert {row.from_address for row in rows} == senders
    assert len({row.case_id for row in rows}) == Case.objects.count() == written
    assert all(len(raw_bytes(row)) == row.size for row in rows)
    assert Counter(Case.objects.values_list("evidence__status", flat=True)).total() == written, "one photo each"
    acknowledged = OutgoingMail.objects.filter(kind="acknowledgement")
    assert sorted(acknowledged.values_list("case_id", flat=True)) == sorted(row.case_id for row in rows)

    while send_due(timezone.now(), limit=500):
        pass
    arrived = Counter(address for envelope in sink.taken for address in envelope.rcpt_tos)
    assert arrived == dict.fromkeys(senders, 1), "each was answered once"


def deliver(account: Account, first: int, count: int) -> int:
    for number in range(first, first + count):
        account.deliver(letter(number))
    return first + count


def an_hour_passes() -> None:
    """For the rows that killed pollers were reading: their claims go stale, and the sweep takes them for dead."""
    claimed = IncomingMail.objects.filter(outcome="", claimed_at__isnull=False)
    claimed.update(claimed_at=F("claimed_at") - dt.timedelta(hours=1))


def nothing_unread(pollers: LineByLine) -> bool:
    pollers.ask({"sweep": True})
    return not IncomingMail.objects.filter(outcome="").exists()
