"""Any number of beats may run: one acts, and another takes its place."""

import pytest
from django.db import connection

from warrantydesk.beat import Lock, OneBeat
from warrantydesk.celery import app
from warrantydesk.tests.processes import wait_for


@pytest.mark.django_db
def test_one_of_two_beats_acts_and_the_other_takes_its_place_when_it_dies(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    first, second = Lock(connection.copy("one")), Lock(connection.copy("two"))
    assert (first.is_ours(), second.is_ours(), first.is_ours()) == (True, False, True)
    first.give_back()
    assert (second.is_ours(), first.is_ours()) == (True, False)
    second.give_back()
    first.line.close()
    second.line.close()


def test_beat_is_seen_to_be_alive_as_soon_as_it_acts(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    beat = OneBeat(app=app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
    beat.setup_schedule()
    sent: list[str] = []
    monkeypatch.setattr(beat, "apply_async", lambda entry, **_how: sent.append(entry.task))
    monkeypatch.setattr(beat.lock, "is_ours", lambda: True)
    beat.tick()
    beat.tick()
    assert sent == ["warrantydesk.health.beat_heart"]
    beat.close()


@pytest.mark.usefixtures("postgresql")
@pytest.mark.django_db
def test_beat_that_lost_its_session_takes_the_lock_anew_and_never_thinks_it_still_has_it():
    line, other = connection.copy("one"), connection.copy("two")
    first, second = Lock(line), Lock(other)
    assert first.is_ours()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [line.connection.info.backend_pid])
    assert not first.is_ours(), "the line broke, and with it went the lock"
    wait_for("the server to let go of what its dead session held", second.is_ours)
    assert not first.is_ours()
    second.give_back()
    assert first.is_ours()
    first.give_back()
    line.close()
    other.close()


def test_every_task_of_the_beat_table_is_a_task_and_has_a_queue_somebody_takes_from():
    app.loader.import_default_modules()
    queues = {queue.name for queue in app.conf.task_queues}
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert app.amqp.router.route({}, entry["task"])["queue"].name in queues
