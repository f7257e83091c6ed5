"""Mail over a real connection, to servers that take it, refuse it, hang up or fall silent."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from cases.models import CaseEvent, CaseLink, OutgoingMail
from cases.outbox import sending
from cases.tests.mailroom import NOW, a_case, a_mail, queue

pytestmark = pytest.mark.django_db
Status = OutgoingMail.Status


class Sink:
    """An SMTP server that answers each command as told, and keeps what it took."""

    def __init__(self, rcpt: str = "", data: str = "", hang: bool = False, hang_up: str = "") -> None:
        self.rcpt, self.data, self.hang, self.hang_up = rcpt, data, hang, hang_up
        self.taken: list[Envelope] = []
        self.lines: set[Any] = set()

    async def handle_MAIL(  # noqa: N802 - the names aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return self._or_gone(server, "MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return self._or_gone(server, "RCPT") or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.hang:
            await asyncio.Event().wait()
        self.lines.add(session.peer)
        if not self.data:
            self.taken.append(envelope)
        return self._or_gone(server, "DATA") or self.data or "250 Taken"

    def _or_gone(self, server: SMTP, command: str) -> str:
        if self.hang_up == command:
            assert server.transport is not None
            server.transport.abort()
        return ""


class AnyPort(Controller):
    def _trigger_server(self) -> None:
        # The port was left to the system; only now is it known.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def serve(settings: Settings) -> Iterator[Any]:
    """Start a Sink and make it the mail server of the desk."""
    running: list[Controller] = []

    def start(**answers: Any) -> Sink:
        sink = Sink(**answers)
        controller = AnyPort(sink, hostname="127.0.0.1", port=0)
        controller.start()
        running.append(controller)
        settings.EMAIL_BACKEND = "cases.outbox.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
        settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 1
        return sink

    yield start
    for controller in running:
        controller.stop()


def _send() -> OutgoingMail:
    mail = queue(a_case())
    assert mail is not None
    sending.send_one(mail.pk, NOW)
    mail.refresh_from_db()
    return mail


@pytest.mark.parametrize("backend", ["cases.outbox.smtp", "django.core.mail.backends.smtp"])
def test_mail_arrives_whole_when_the_server_takes_it(serve: Any, backend: str, settings: Settings) -> None:
    sink = serve()
    settings.EMAIL_BACKEND = f"{backend}.EmailBackend"
    mail = _send()
    assert (mail.status, mail.problem) == (Status.SENT, "")
    (envelope,) = sink.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("warranty@positron.example", ["owner@example.com"])
    assert f"Message-ID: {mail.rfc_message_id}".encode() in envelope.content
    assert b"[[" not in envelope.content, "every place is filled in"


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({"rcpt": "421 Too busy"}, Status.QUEUED),
        ({"rcpt": "450 Greylisted"}, Status.QUEUED),
        ({"rcpt": "550 No such user"}, Status.FAILED),
        ({"data": "421 Closing"}, Status.QUEUED),
        ({"data": "451 Try again"}, Status.QUEUED),
        ({"data": "550 Spam"}, Status.FAILED),
        ({"data": "554 Refused"}, Status.FAILED),
        ({"hang_up": "MAIL"}, Status.QUEUED),
        ({"hang_up": "RCPT"}, Status.QUEUED),
        ({"hang_up": "DATA"}, Status.UNCERTAIN),
        ({"hang": True}, Status.UNCERTAIN),
    ],
    ids=lambda value: (
        "-".join(f"{k}_{v}" for k, v in value.items()).replace(" ", "_") if isinstance(value, dict) else ""
    ),
)
def test_mail_ends_where_it_should_when_the_server_makes_trouble(serve: Any, answers: dict, status: str) -> None:
    serve(**answers)
    mail = _send()
    assert mail.status == status
    assert mail.problem
    noted = {Status.QUEUED: [], Status.FAILED: ["failed"], Status.UNCERTAIN: ["uncertain"]}[status]
    assert list(CaseEvent.objects.filter(kind="mail").values_list("name", flat=True)) == noted
    assert CaseLink.objects.exists() == (status == Status.UNCERTAIN), "tokens live only where somebody may hold them"
    if status == Status.QUEUED:
        assert mail.not_before == NOW + dt.timedelta(minutes=1)


def test_mail_arrives_once_when_the_server_was_busy_at_first(serve: Any) -> None:
    serve(data="451 Try again")
    mail = _send()
    sink = serve()
    assert sending.send_due(NOW) == 0, "not before its time"
    assert sending.send_due(NOW + dt.timedelta(minutes=2)) == 1
    assert len(sink.taken) == 1
    assert CaseLink.objects.filter(mail=mail).count() == 2


def test_mail_may_have_left_when_a_plain_backend_loses_the_server(serve: Any, settings: Settings) -> None:
    serve(hang_up="RCPT")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert _send().status == Status.UNCERTAIN


def test_sending_stops_at_the_first_mail_when_the_server_is_unreachable(serve: Any, settings: Settings) -> None:
    serve()
    settings.EMAIL_PORT = 1
    case = a_case()
    for n in range(3):
        a_mail(case, key=f"k{n}")
    assert sending.send_due(NOW) == 0
    assert sorted(OutgoingMail.objects.values_list("status", "attempts")) == [
        (Status.QUEUED, 0),
        (Status.QUEUED, 0),
        (Status.QUEUED, 1),
    ]
    assert not CaseEvent.objects.filter(kind="mail").exists()


def test_mails_of_one_round_leave_over_one_line_and_a_broken_one_is_not_held_against_the_next(serve: Any) -> None:
    sink, case = serve(), a_case()
    for n in range(3):
        a_mail(case, key=f"k{n}")
    assert sending.send_due(NOW, limit=2) == 2
    assert len(sink.lines) == 1
    sink.hang_up = "MAIL"  # the words of the mail before have left over such a line; of this one none has
    assert sending.send_due(NOW) == 0
    assert OutgoingMail.objects.get(key="k2").status == Status.QUEUED
