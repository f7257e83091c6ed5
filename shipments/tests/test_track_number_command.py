"""`manage.py track_number --stdin` as scripts use it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def ask(monkeypatch, settings):
    settings.SIMULATED_CARRIER = False

    def asked(text: bytes) -> list[dict]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
        out = io.StringIO()
        call_command("track_number", stdin=True, stdout=out, stderr=io.StringIO())
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return asked


def test_track_number_answers_as_the_contract_says(ask):
    assert ask(b"1z 999 aa1 01 2345 6784\n") == [
        {
            "number": "1z 999 aa1 01 2345 6784",
            "normalised": "1Z999AA10123456784",
            "valid": True,
            "candidates": [{"carrier": "ups", "service": "ups", "check": "ok"}],
        }
    ]


def test_track_number_says_what_is_wrong_when_it_is_no_number(ask):
    (answer,) = ask(b"1Z999AA10123456785")
    assert (answer["valid"], answer["problem_code"]) == (False, "check_digit")
    assert "check digit" in answer["problem"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"\n\n986578788855\n", id="blank-lines"),
        pytest.param(b"\xff\xfe\nRB123456785GB\r\n\x00", id="no-utf8"),
        pytest.param(b"\xef\xbb\xbf986578788855\n1\n2\n", id="byte-order-mark"),
    ],
)
def test_track_number_gives_one_line_out_for_each_line_in(ask, text):
    assert len(ask(text)) == len(text.splitlines())


def test_track_number_asks_for_stdin_when_it_is_not_named():
    with pytest.raises(CommandError):
        call_command("track_number")
