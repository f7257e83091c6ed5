"""What administrators see of the running system: lights from /metrics, each with what to do and a runbook row."""

import datetime as dt

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cases.models import OutgoingMail
from cases.tests.factories import staff
from warrantydesk.celery import app
from warrantydesk.health import beat_heart
from warrantydesk.lights import WATCHED, Watch, lights
from warrantydesk.metrics import Figures
from warrantydesk.queues import queue_lengths
from warrantydesk.sweeps import note_failure, note_success, sweeps

NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("watch", WATCHED, ids=lambda watch: watch.figure)
def test_every_light_has_its_row_in_the_runbook(watch: Watch):
    assert f"`{watch.figure}`" in (settings.BASE_DIR / "docs/runbook.md").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_every_light_hangs_on_a_figure_there_is():
    there = {family.name.removeprefix("warrantydesk_") for family in Figures(timezone.now()).collect()}
    there |= {f"outbox_{status}" for status in OutgoingMail.Status.values}
    optional = {"pauses_different"}  # after the first nightly proof
    assert {watch.figure for watch in WATCHED} - optional <= there


def test_lights_stand_the_worst_first_and_turn_where_the_table_says():
    shown = lights({"heartbeat_age_seconds": 46, "evidence_in_trouble": 1, "sweeps_late": 0})
    assert [(one.watch.figure, one.tone) for one in shown] == [
        ("evidence_in_trouble", "bad"),
        ("heartbeat_age_seconds", "warn"),
        ("sweeps_late", "ok"),
    ]


def test_sweep_is_late_or_failed_by_what_the_workers_noted(time_machine):
    time_machine.move_to(NOW, tick=False)
    cache.clear()
    note_success(sender=beat_heart)
    note_failure(
        sender=type("Task", (), {"name": "cases.tasks.sweep_outbox"}), exception=ValueError("ann@mail.example")
    )
    found = {one.task: one for one in sweeps()}
    assert found["cases.tasks.sweep_outbox"].failed == "ValueError"
    assert found["cases.tasks.sweep_evidence"].ended_at is None
    beat = found[beat_heart.name]
    assert not beat.is_late(NOW + dt.timedelta(seconds=180))
    assert beat.is_late(NOW + dt.timedelta(seconds=181))


def test_messages_are_counted_queue_by_queue():
    before = queue_lengths()
    assert before is not None
    assert set(before) == {"default", "mail", "media", "tracking"}
    app.send_task("nobody.knows.it", queue="tracking")
    assert queue_lengths() == {**before, "tracking": before["tracking"] + 1}


@pytest.mark.django_db
def test_page_shows_lights_sweeps_and_what_to_do():
    cache.clear()
    client = Client()
    client.force_login(staff("administrator").user)
    page = client.get("/desk/system/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "never" in text, "no heartbeat was ever seen"
    assert "Start beat and a worker" in text
    assert "outbox: send what is due" in text
    assert 'href="/desk/system/"' in text
