"""`manage.py clock`: answers on stdout, people's words on stderr, and an exit status that can be trusted."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
LINE = b'{"id":"a","starts_on":"2025-03-15","term_months":12,"pauses":[],"on":"2025-09-01"}\n'
ANSWER = (
    '{"id":"a","base_covered_through":"2026-03-15","covered_through":"2026-03-15",'
    '"extended_days":0,"state":"covered"}\n'
)


@pytest.fixture
def run_clock(monkeypatch: pytest.MonkeyPatch):
    def run(stdin: bytes) -> tuple[str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        out, err = io.StringIO(), io.StringIO()
        call_command("clock", "--stdin", stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    return run


def test_clock_command_keeps_answers_and_words_apart(run_clock):
    out, err = run_clock(LINE * 2)
    assert out == ANSWER * 2
    assert err.strip() == "2 lines answered."


def test_clock_command_answers_nothing_when_asked_nothing(run_clock):
    assert run_clock(b"") == ("", "0 lines answered.\n")


def test_clock_command_goes_on_past_a_bad_line_and_fails_at_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINE + b"x\n" + LINE)))
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"1 of 3 lines could not be answered\.") as failure:
        call_command("clock", "--stdin", stdout=out, stderr=io.StringIO())
    assert failure.value.returncode == 1
    assert out.getvalue() == ANSWER + '{"id":null,"line":2,"error":"not JSON"}\n' + ANSWER


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "stdout"),
    [
        pytest.param(["--stdin"], LINE, 0, ANSWER, id="all well"),
        pytest.param(["--stdin"], b"\xff\n", 1, '{"id":null,"line":1,"error":"not JSON"}\n', id="a bad line"),
        pytest.param([], LINE, 2, "", id="nothing asked for"),
        pytest.param(["--nonsense"], LINE, 2, "", id="an option that does not exist"),
    ],
)
def test_clock_process_exits_as_the_contract_says(arguments: list[str], stdin: bytes, status: int, stdout: str):
    done = subprocess.run(
        [sys.executable, MANAGE, "clock", *arguments], input=stdin, capture_output=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout.decode()) == (status, stdout)
    assert done.stderr


@pytest.mark.processes
def test_clock_process_answers_while_it_is_being_asked():
    command = [sys.executable, MANAGE, "clock", "--stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as talk:
        for name in ("first", "second"):
            talk.stdin.write(LINE.replace(b'"a"', f'"{name}"'.encode()))
            talk.stdin.flush()
            assert json.loads(talk.stdout.readline())["id"] == name
        talk.stdin.close()
        assert talk.wait(timeout=60) == 0
