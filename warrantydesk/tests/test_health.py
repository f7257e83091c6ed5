import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone

from warrantydesk.health import HEARTBEAT_KEY, beat_heart


@pytest.fixture(autouse=True)
def _no_heartbeat():
    cache.delete(HEARTBEAT_KEY)
    yield
    cache.delete(HEARTBEAT_KEY)


def _heartbeat(client) -> tuple[int, str]:
    answer = client.get("/readyz?format=json")
    return answer.status_code, next(says for name, says in answer.json().items() if "Heartbeat" in name)


def test_healthz_answers_without_a_database(client):
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db(transaction=True)
def test_readyz_is_red_when_no_worker_ever_ran_the_heartbeat(client):
    assert _heartbeat(client)[0] == 500
    assert "No heartbeat yet" in _heartbeat(client)[1]


@pytest.mark.django_db(transaction=True)
def test_readyz_is_green_when_the_heart_beats(client):
    beat_heart()
    assert _heartbeat(client) == (200, "OK")


@pytest.mark.django_db(transaction=True)
def test_readyz_is_red_when_the_last_heartbeat_is_old(client):
    cache.set(HEARTBEAT_KEY, timezone.now() - dt.timedelta(minutes=5), timeout=None)
    status, says = _heartbeat(client)
    assert status == 500
    assert "300 seconds old" in says


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["text/html", "*/*", "application/json", "text/plain"])
def test_readyz_answers_in_whatever_is_asked_for(client, accept):
    assert client.get("/readyz", headers={"accept": accept}).status_code in (200, 500)
    # Somebody at a browser reads which of them it is.
    assert "Heartbeat" in client.get("/readyz", headers={"accept": "text/html"}).content.decode()
