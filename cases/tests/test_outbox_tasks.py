"""Background work: the broker only wakes people up, and losing it loses nothing."""

import datetime as dt
import logging
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.db import transaction
from django.utils import timezone

from cases import tasks, waking
from cases.evidence.storage import MB, store_file
from cases.models import Evidence, OutgoingMail
from cases.outbox import sending
from cases.tests import files
from cases.tests.mailroom import a_case, a_mail, written_mails

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


def _bell(broker: str) -> tuple[object, list[int]]:
    """A task that notes that it was rung, of an app of its own."""
    rung: list[int] = []
    app = Celery("bell", broker=broker, set_as_current=False, task_always_eager=broker == "memory://")

    def ring(number: int) -> None:
        rung.append(number)

    return app.task(ring, name="ring", shared=False), rung


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("commits", [True, False])
def test_wake_rings_only_when_the_transaction_commits(commits: bool) -> None:
    ring, rung = _bell("memory://")
    with transaction.atomic():
        waking.wake(ring, 7)
        assert rung == []
        transaction.set_rollback(not commits)
    assert rung == ([7] if commits else [])


@pytest.mark.django_db(transaction=True)
def test_wake_goes_on_and_says_so_when_the_broker_is_down(caplog: pytest.LogCaptureFixture) -> None:
    ring, _ = _bell(NOBODY_LISTENS)
    with caplog.at_level(logging.WARNING, "cases.waking"), transaction.atomic():
        waking.wake(ring, 7)
        mail = a_mail(None)
    assert OutgoingMail.objects.get() == mail
    assert "the broker did not take ring(7,)" in caplog.text


def _bell_of_many() -> tuple[Any, list[tuple[int, ...]]]:
    rung: list[tuple[int, ...]] = []
    app = Celery("bell", broker="memory://", set_as_current=False, task_always_eager=True)

    def ring(*numbers: int) -> None:
        rung.append(numbers)

    return app.task(ring, name="ring", shared=False), rung


@pytest.mark.django_db(transaction=True)
def test_wake_for_rings_once_for_several_rows_where_calls_are_made_together(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(waking.time, "monotonic", lambda: clock[0])
    ring, rung = _bell_of_many()
    waking.wake_for(ring, 1)
    assert rung == [(1,)]
    with waking.calling_together():
        for number in range(2, 9):
            waking.wake_for(ring, number)
        assert rung == [(1,), (2, 3, 4, 5, 6)]
        clock[0] += waking.LONGEST_KEPT
        waking.wake_for(ring, 9)
        assert rung[2:] == [(7, 8, 9)]
        waking.wake_for(ring, 10)
        waking.wake_for(ring, 11, countdown=0.01)  # has its own time
        assert rung[3:] == [(11,)]
        with transaction.atomic():
            waking.wake_for(ring, 12)
            transaction.set_rollback(True)
    assert rung[4:] == [(10,)]
    waking.wake_for(ring, 13)
    assert rung[5:] == [(13,)]


@pytest.mark.django_db(transaction=True)
def test_calls_are_made_when_what_was_taken_in_together_ends_in_an_error() -> None:
    ring, rung = _bell_of_many()

    def take_in() -> None:
        with waking.calling_together():
            waking.wake_for(ring, 1)
            raise OSError("the line is cut")

    with pytest.raises(OSError, match="line"):
        take_in()
    assert rung == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_everything_is_done_by_the_sweeps_when_every_wake_up_was_lost(
    mail_folder: Path, storage: Path, monkeypatch: pytest.MonkeyPatch, eager_tasks: None
) -> None:
    monkeypatch.setattr(waking, "ask", lambda *_args: None)  # a broker that swallows every message
    case, now = a_case(), timezone.now()
    long_ago = now - sending.STALE_AFTER - dt.timedelta(minutes=1)
    a_mail(case, key="waiting", not_before=long_ago)
    a_mail(case, key="died_early", status="sending", claimed_at=long_ago, attempts=1)
    a_mail(case, key="died_late", status="sending", claimed_at=long_ago, handed_over_at=long_ago, attempts=1)
    a_mail(case, key="not_yet", not_before=now + dt.timedelta(hours=1))
    stored = store_file("photo.jpg", "", files.picture(), limit_bytes=MB)
    Evidence.objects.all().delete()
    evidence = Evidence.objects.create(
        case=case,
        name="photo.jpg",
        content_type=stored.content_type,
        size=stored.size,
        sha256=stored.sha256,
        original=stored.key,
        received_at=now,
        work_claimed_at=long_ago,
        work_failures=1,
    )
    tasks.sweep_outbox()
    tasks.sweep_evidence()
    assert dict(OutgoingMail.objects.values_list("key", "status")) == {
        "waiting": "sent",
        "died_early": "sent",
        "died_late": "sent",
        "not_yet": "queued",
    }
    assert len(written_mails()) == 3
    evidence.refresh_from_db()
    assert evidence.status == Evidence.Status.READY


@pytest.mark.django_db
def test_tasks_change_nothing_when_they_come_twice_or_for_rows_that_are_gone(mail_folder: Path, storage: Path) -> None:
    mail = a_mail(a_case(), not_before=timezone.now())
    for _ in range(2):
        tasks.deliver_mail(mail.pk)
        tasks.deliver_mail(987_654)
        tasks.process_evidence(987_654)
        tasks.sweep_outbox()
        tasks.sweep_orphans()
    assert OutgoingMail.objects.get().attempts == 1
    assert len(written_mails()) == 1
