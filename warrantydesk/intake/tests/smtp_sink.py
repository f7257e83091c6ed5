"""A real SMTP server that takes every mail of the desk and keeps it."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from cases.tests.test_mail_smtp import AnyPort, Sink


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    sink = Sink()
    controller: Controller = AnyPort(sink, hostname="127.0.0.1", port=0)
    controller.start()
    settings.EMAIL_BACKEND = "cases.outbox.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = controller.hostname, controller.port, False
    yield sink
    controller.stop()
