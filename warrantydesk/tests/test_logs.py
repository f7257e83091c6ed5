"""A log line says which request and which case, and never who."""

import json
import logging

import pytest
from django.conf import settings
from django.test import Client
from structlog.contextvars import bind_contextvars, clear_contextvars

from cases.tests.factories import staff
from warrantydesk import logs, sentry
from warrantydesk.logs import impersonal

TOKEN = "Zk3-9qTfX_v1M2bN4cR5sT6uW7xY8zA0"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f"GET /status/{TOKEN}/", "GET /status/[private]/"),
        ("GET /desk/?q=Ingrid+S%C3%B8rensen&view=all", "GET /desk/?…"),
        ("mail 7: SMTPRecipientsRefused: {'ann@mail.example': (550, b'no')}", None),
        ("Key (email)=(Ann.Berg+x@mail.example) already exists", "Key (email)=([address]) already exists"),
        ("Authorization: Bearer wd_0123456789abcdefgh", "Authorization: [key]"),
        ("refused: case=WD-7F3K-2 doing=approve codes=state", "refused: case=WD-7F3K-2 doing=approve codes=state"),
    ],
)
def test_line_loses_what_is_about_a_person_and_nothing_else(written, read):
    told = impersonal(written)
    assert not {"ann", "Ann", "Ingrid", TOKEN, "wd_0123456789abcdefgh"} & set(told.replace("'", " ").split())
    assert "@" not in told
    assert read is None or told == read


@pytest.fixture
def lines():
    """Every line of the JSON log, read back."""
    written: list[str] = []
    formatter = settings.LOGGING["formatters"]["json"]

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    keep = Keep()
    keep.setFormatter(formatter["()"](**{name: value for name, value in formatter.items() if name != "()"}))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(keep)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written]
    root.removeHandler(keep)
    root.setLevel(level)
    clear_contextvars()


@pytest.mark.django_db
def test_request_and_case_stand_in_the_json_log_and_nobody_in_it(lines):
    client = Client(HTTP_USER_AGENT="A browser of Ingrid's")
    client.force_login(staff().user)
    client.get("/desk/cases/WD-7F3K-2/?q=ann@mail.example")
    told = lines()
    finished = next(line for line in told if line["event"] == "request_finished")
    assert finished["request"] == "GET /desk/cases/WD-7F3K-2/?…"
    assert finished["request_id"]
    assert finished["code"] == 404
    assert finished["level"] == "warning"
    whole = json.dumps(told)
    assert "127.0.0.1" not in whole
    assert "ann@" not in whole
    assert "Ingrid" not in whole
    assert any(line.get("case") == "WD-7F3K-2" for line in told)


def test_lines_of_the_standard_library_carry_the_request_and_their_error(lines):
    bind_contextvars(request_id="r-1")
    logs.about_case("WD-7F3K-2")
    try:
        raise ValueError("ann@mail.example is no address")
    except ValueError:
        logging.getLogger("cases.outbox").exception("mail %s failed", 7)
    line = lines()[-1]
    assert (line["request_id"], line["case"], line["level"]) == ("r-1", "WD-7F3K-2", "error")
    assert "ValueError: [address] is no address" in line["exception"]


def test_event_for_sentry_keeps_the_error_and_loses_the_people():
    frame = {"vars": {"email": "ann"}, "lineno": 3}
    event = {
        "user": {"id": 7, "email": "ann@mail.example", "ip_address": "127.0.0.1"},
        "request": {"method": "GET", "url": f"https://desk.example/status/{TOKEN}/", "cookies": "x", "data": "Ann"},
        "extra": {"sys.argv": ["ann@mail.example"]},
        "exception": {"values": [{"value": "ann@mail.example", "stacktrace": {"frames": [frame]}}]},
    }
    told = sentry.without_people(event, None)
    assert told["request"] == {"method": "GET", "url": "https://desk.example/status/[private]/"}
    assert told["exception"]["values"][0]["stacktrace"]["frames"] == [{"lineno": 3}]
    assert "ann" not in json.dumps(told).lower()
