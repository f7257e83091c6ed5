"""Webhooks out: told once, signed as the specification has it, tried for days, and never to where they must not go."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from cases.tests.factories import CaseFactory
from products.errors import Refused
from warrantydesk.api.models import HookDelivery, HookEndpoint, HookEvent
from warrantydesk.api.outgoing.collecting import collect
from warrantydesk.api.outgoing.sending import BACK_OFF, checked_address, send_again, send_due, tell_disabled
from warrantydesk.api.outgoing.signing import headers, new_secret
from warrantydesk.api.tests.conftest import colleague


class Listener(BaseHTTPRequestHandler):
    """Another system: keeps what it hears and answers with `status`."""

    heard: list[tuple[dict, bytes]] = []
    status = 200

    def do_POST(self) -> None:
        self.heard.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def listener():
    Listener.heard, Listener.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def endpoint(db, listener, settings) -> HookEndpoint:
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    url = f"http://127.0.0.1:{listener.server_port}/desk"
    endpoint = HookEndpoint.objects.create(url=url, secret=new_secret(), created_by=colleague("administrator"))
    collect(timezone.now())  # from here on
    return endpoint


def test_signature_is_that_of_the_specification():
    # The example of https://www.standardwebhooks.com
    key, body = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", b'{"email":"test@example.com","username":"test_user"}'
    said = headers("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553, body, [key, ""])
    assert said["webhook-signature"] == "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="


def test_what_happens_is_told_once_and_signed_by_both_secrets(endpoint):
    HookEndpoint.objects.update(old_secret=new_secret(), topics=["case.opened"])
    case, now = CaseFactory(), timezone.now()
    for _time in range(2):
        collect(now)
        send_due(now)
    [(said, body)] = Listener.heard
    heard = json.loads(body)
    assert (heard["type"], heard["data"]["case"]) == ("case.opened", case.reference)
    assert case.customer.email not in body.decode()
    endpoint.refresh_from_db()
    signed = f"{said['webhook-id']}.{said['webhook-timestamp']}.".encode() + body
    for key, given in zip((endpoint.secret, endpoint.old_secret), said["webhook-signature"].split(), strict=True):
        raw = base64.b64decode(key.removeprefix("whsec_"))
        assert given == "v1," + base64.b64encode(hmac.digest(raw, signed, hashlib.sha256)).decode()
    assert HookDelivery.objects.get().delivered_at == now


def test_the_past_is_not_told_to_who_comes_later(endpoint):
    HookEndpoint.objects.update(disabled_at=timezone.now())
    CaseFactory()
    collect(timezone.now())
    HookEndpoint.objects.update(disabled_at=None)
    collect(timezone.now())
    assert not HookEvent.objects.exists()


@pytest.mark.parametrize("status", [500, 302, 404])
def test_failure_is_tried_again_later_and_later_and_a_redirect_is_one(endpoint, status: int):
    Listener.status = status
    HookEndpoint.objects.update(topics=["case.opened"])
    CaseFactory()
    now = timezone.now()
    collect(now)
    for number, wait in enumerate(BACK_OFF[:3], start=1):
        assert send_due(now) == 1
        delivery = HookDelivery.objects.get()
        assert (delivery.attempts, delivery.last_status, delivery.next_try_at) == (number, status, now + wait)
        assert send_due(now) == 0
        now = delivery.next_try_at
    Listener.status = 200
    assert send_due(now) == 1
    assert HookDelivery.objects.get().delivered_at == now
    assert HookEndpoint.objects.get().failing_since is None


def test_system_that_fails_for_days_is_disabled_with_a_mail_and_may_hear_again(endpoint):
    HookEndpoint.objects.update(topics=["case.opened"])
    Listener.status = 503
    CaseFactory()
    now = timezone.now()
    collect(now)
    send_due(now)
    later = now + dt.timedelta(days=6)
    HookDelivery.objects.update(next_try_at=later)
    send_due(later)
    assert HookEndpoint.objects.get().disabled_at == later
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=9
    ):
        assert tell_disabled(later) == 0  # nobody takes the mail: it is tried again
    assert (tell_disabled(later), tell_disabled(later)) == (1, 0)
    assert mail.outbox[-1].to == [endpoint.created_by.email]
    HookEndpoint.objects.update(disabled_at=None, failing_since=None)
    Listener.status = 200
    send_again(HookDelivery.objects.get().pk, later)
    send_due(later)
    assert HookDelivery.objects.get().delivered_at == later


@pytest.mark.parametrize(
    "url",
    ["http://shop.example/x", "https://127.0.0.1/x", "https://10.0.0.1/", "https://localhost/", "https://[::1]/",
     "https://user:pw@shop.example/", "https://169.254.169.254/latest", "ftp://shop.example/", "https:///x"],
)  # fmt: skip
def test_address_that_must_not_be_called_is_refused(url: str):
    with pytest.raises(Refused):
        checked_address(url)
