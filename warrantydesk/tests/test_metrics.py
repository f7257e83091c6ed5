"""/metrics: what the database says, for those who may read it, at a cost that does not grow."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from cases.models import OutgoingMail
from warrantydesk.health import HEARTBEAT_KEY, beat_heart
from warrantydesk.intake.models import IncomingMail, MailboxState

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2025, 11, 5, 9, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _still(time_machine):
    time_machine.move_to(NOW, tick=False)
    cache.delete(HEARTBEAT_KEY)


def keep(number: int, hours: float, outcome: str = "case_opened", **more: object) -> None:
    at = NOW - hours * HOUR
    read_at = None if outcome == "" else at + dt.timedelta(seconds=2)
    more = {"kept_at": at, "read_at": read_at, **more}
    if outcome in ("case_opened", "reply_added"):
        from cases.tests.factories import CaseFactory

        more["case"] = CaseFactory()
    IncomingMail.objects.create(
        identity=f"{number:064}", sha256=f"{number:064}", raw="mail/x.eml", size=1, source="t", received_at=at,
        outcome=outcome, **more,
    )  # fmt: skip


def figures(client: Client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        assert family.type == "gauge"
        for sample in family.samples:
            found[sample.name.removeprefix("warrantydesk_"), *sample.labels.values()] = sample.value
    return found


def test_figures_say_what_is_in_the_database(client: Client):
    keep(1, 1)
    keep(2, 2, times_seen=3)
    keep(3, 3, "reply_added", read_at=NOW)
    keep(4, 4, "held", why="no_prefix")
    keep(5, 30, "held", why="stranger")
    keep(6, 50, "quarantined", why="unreadable")
    keep(7, 60, "held", why="ambiguous", settled_at=NOW)
    keep(8, 5, "automatic", why="automatic")
    keep(9, 0.25, "")
    keep(10, 900)
    for number, (status, minutes) in enumerate([("queued", 10), ("queued", -10), ("failed", 9), ("sent", 9)]):
        OutgoingMail.objects.create(
            key=f"k{number}", kind="link", to_address="a@example.com", rfc_message_id=f"<{number}@x>", status=status,
            created_at=NOW, not_before=NOW - dt.timedelta(minutes=minutes), sent_at=NOW,
        )  # fmt: skip
    MailboxState.objects.create(name="warranty@imap", succeeded_at=NOW - HOUR, failures=4, waiting=7)
    beat_heart()
    found = figures(client)
    expected = {
        ("mail_last_day", "case_opened"): 2,
        ("mail_last_day", "reply_added"): 1,
        ("mail_last_day", "held"): 1,
        ("mail_last_day", "automatic"): 1,
        ("mail_last_day", "quarantined"): 0,
        ("mail_last_day", "unread"): 1,
        ("mail_duplicates_last_day",): 2,
        ("mail_read_seconds_max",): 3 * 3600,
        ("mail_unread",): 1,
        ("mail_lag_seconds",): 900,
        ("mail_held", "no_prefix"): 1,
        ("mail_held", "stranger"): 1,
        ("mail_held", "unreadable"): 1,
        ("mail_held", "ambiguous"): 0,
        ("mail_held_too_long",): 2,
        ("mail_held_oldest_seconds",): 50 * 3600,
        ("mailbox_success_age_seconds", "warranty@imap"): 3600,
        ("mailbox_failures", "warranty@imap"): 4,
        ("mailbox_waiting", "warranty@imap"): 7,
        ("outbox", "queued"): 2,
        ("outbox", "failed"): 1,
        ("outbox", "uncertain"): 0,
        ("outbox_lag_seconds",): 600,
        ("heartbeat_age_seconds",): 0,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert ("outbox", "sent") not in found


def test_empty_desk_has_every_figure_and_a_heart_that_never_beat(client: Client):
    found = figures(client)
    assert found["heartbeat_age_seconds",] == float("inf")
    # Not of the desk but of what it stands on; the broker may still hold what other tests called for.
    machines = ("heartbeat_age_seconds", "storage_used_percent", "queue_length")
    assert {value for name, value in found.items() if name[0] not in machines} == {0.0}


def test_figures_cost_the_same_when_there_is_more_to_count(client: Client):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            figures(client)
        return len(captured)

    before = queries()
    for number in range(30):
        keep(number, number, ["held", "automatic", "", "quarantined"][number % 4])
    assert queries() == before <= 16  # two of them count evidence, one the nights


TOKEN = {"HTTP_AUTHORIZATION": "Bearer t0ken"}
DOORS = {
    "this machine": ({}, "", 200),
    "this machine, IPv6": ({"REMOTE_ADDR": "::1"}, "", 200),
    "sent on by a proxy": ({"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, "", 404),
    "sent on as from here": ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, "", 404),
    "sent on, other header": ({"HTTP_X_REAL_IP": "203.0.113.7"}, "", 404),
    "another machine": ({"REMOTE_ADDR": "203.0.113.7"}, "", 404),
    "a socket": ({"REMOTE_ADDR": ""}, "", 404),
    "token, none set": ({"REMOTE_ADDR": "203.0.113.7", **TOKEN}, "", 404),
    "token": ({"REMOTE_ADDR": "203.0.113.7", **TOKEN}, "t0ken", 200),
    "token through a proxy": ({"HTTP_X_FORWARDED_FOR": "203.0.113.7", **TOKEN}, "t0ken", 200),
    "wrong token": ({"REMOTE_ADDR": "203.0.113.7", **TOKEN}, "other", 404),
    "no token": ({"REMOTE_ADDR": "203.0.113.7"}, "t0ken", 404),
    "token of another kind": ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Basic t0ken"}, "t0ken", 404),
    "empty token": ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer "}, "", 404),
}


@pytest.mark.parametrize(("sent", "token", "status"), DOORS.values(), ids=DOORS)
def test_figures_are_for_this_machine_or_a_token(client: Client, settings, sent, token, status):
    settings.METRICS_TOKEN = token
    assert client.get("/metrics", **sent).status_code == status


def test_behind_a_proxy_this_machine_is_anybody(client: Client, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/metrics").status_code == 404


def test_nothing_but_reading_is_answered(client: Client):
    assert client.post("/metrics").status_code == 405
