"""Stored messages without a row: removed where the same is known, held where it may be the only copy."""

import datetime as dt
import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from warrantydesk.intake.integrity import problems
from warrantydesk.intake.keeping import raw_bytes
from warrantydesk.intake.models import IncomingMail
from warrantydesk.intake.services import receive
from warrantydesk.intake.strays import settle_strays
from warrantydesk.intake.tests.mails import mail

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)
KNOWN = mail()


def stray(raw: bytes, *, age: dt.timedelta = dt.timedelta(days=2), month: str = "2025/11") -> str:
    key = default_storage.save(f"mail/{month}/stray.eml", ContentFile(raw))
    at = (NOW - age).timestamp()
    os.utime(default_storage.path(key), (at, at))
    return key


LEFT = {
    "the same message": (KNOWN, False),
    "the same by another way": (b"Received: from elsewhere\n" + KNOWN, False),
    "half of it": (KNOWN[: len(KNOWN) // 2], False),
    "nothing": (b"", False),
    "another message": (mail("Not stored under any row.\n", message_id="<other@example.com>"), True),
    "another body": (mail("Another text altogether.\n"), True),
    "half of another": (mail(message_id="<other@example.com>")[:200], True),
    "no mail at all": (b"\x00\x01", True),
}


@pytest.mark.parametrize(("raw", "is_held"), LEFT.values(), ids=LEFT)
def test_stray_is_removed_only_when_it_is_known(raw, is_held):
    receive(KNOWN, source="known", now=NOW)
    key = stray(raw)
    assert settle_strays(NOW) == is_held
    assert default_storage.exists(key) == is_held
    held = list(IncomingMail.objects.filter(outcome="held"))
    assert [raw_bytes(row) for row in held] == ([raw] if is_held else [])
    assert all("without its row" in row.reason and row.received_at == NOW - dt.timedelta(days=2) for row in held)
    assert list(problems()) == []


@pytest.mark.parametrize("month", ["2025/10", "2025/11"])
def test_strays_of_this_month_and_the_last_are_found(month):
    stray(mail(), month=month)
    assert (settle_strays(NOW), settle_strays(NOW)) == (1, 0)


def test_stray_is_left_alone_while_its_writer_may_be_at_it():
    key = stray(mail(), age=dt.timedelta(hours=23))
    assert settle_strays(NOW) == 0
    assert default_storage.exists(key)
    assert not IncomingMail.objects.exists()


@pytest.mark.parametrize(("hours", "is_told"), [(23, False), (25, True)])
def test_stray_is_a_problem_only_when_the_sweep_should_have_found_it(hours, is_told, time_machine):
    time_machine.move_to(NOW, tick=False)
    key = stray(mail(), age=dt.timedelta(hours=hours))
    assert list(problems()) == ([f"{key}: a message without its row"] if is_told else [])
