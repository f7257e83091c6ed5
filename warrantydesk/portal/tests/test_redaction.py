"""No private link is ever written to a log."""

import logging

import pytest
from django.conf import settings
from django.test import Client
from structlog.testing import capture_logs

from warrantydesk.portal.redaction import LOGGERS, HideTokens, hide_tokens

TOKEN = "Zk3-9qTfX_v1M2bN4cR5sT6uW7xY8zA0"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f"GET /status/{TOKEN}/", "GET /status/[private]/"),
        (f"GET /status/{TOKEN}", "GET /status/[private]"),
        (f"Not Found: /status/{TOKEN}/", "Not Found: /status/[private]/"),
        (f'"GET /status/{TOKEN}/?utm=1 HTTP/1.1" 200', '"GET /status/[private]/?utm=1 HTTP/1.1" 200'),
        (f"/status/=3D{TOKEN}/", "/status/[private]/"),
        (f"/status//{TOKEN}/", "/status//[private]/"),
        (f"/STATUS/{TOKEN}/", "/STATUS/[private]/"),
        (f"http://desk.example/status/{TOKEN}/ twice /status/{TOKEN}/", None),
        ("POST /status/description/", "POST /status/description/"),
        ("GET /status/files/12/thumbnail/", "GET /status/files/12/thumbnail/"),
        ("GET /desk/cases/WD-7F3K-2/", "GET /desk/cases/WD-7F3K-2/"),
    ],
)
def test_hide_tokens_takes_out_the_token_and_nothing_else(written, read):
    hidden = hide_tokens(written)
    assert TOKEN not in hidden
    assert read is None or hidden == read


def test_filter_hides_a_token_among_the_arguments_of_a_record():
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s: %s", ("Not Found", f"/status/{TOKEN}/"), None)
    assert HideTokens().filter(record)
    assert record.getMessage() == "Not Found: /status/[private]/"


def test_every_logger_that_writes_addresses_has_the_filter():
    for name in LOGGERS:
        assert any(isinstance(one, HideTokens) for one in logging.getLogger(name).filters), name
    handler = settings.LOGGING["handlers"]["stderr"]
    for name, formatter in settings.LOGGING["formatters"].items():
        assert handler["formatter"] in settings.LOGGING["formatters"]
        made = formatter["()"](**{key: value for key, value in formatter.items() if key != "()"})
        record = logging.LogRecord("x", logging.INFO, "", 1, "%s: %s", ("Not Found", f"/status/{TOKEN}/"), None)
        assert TOKEN not in made.format(record), name


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_request_log_holds_no_token(method, caplog):
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        response = getattr(Client(), method)(f"/status/{TOKEN}/")
    assert response.status_code == (200 if method == "get" else 404)
    assert [entry["event"] for entry in logs] == ["request_started", "request_finished"]
    assert TOKEN not in repr(logs)
    assert TOKEN not in caplog.text


@pytest.mark.django_db
def test_refused_form_on_a_private_link_is_logged_without_its_token(caplog):
    Client(enforce_csrf_checks=True).post(f"/status/{TOKEN}/more/")
    assert TOKEN not in caplog.text
