"""`manage.py pauses`: the shared histories through the real command, and its exit status."""

import io
import itertools
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shipments.pause_lines import answer_pauses

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
LINE = (
    b'{"id":"p","now":"2025-12-01T00:00:00Z","legs":[{"direction":"to_workshop","events":'
    b'[{"kind":"drop_off","occurred_at":"2025-03-03T10:15:00+01:00"}]}]}\n'
)
ANSWER = (
    '{"id":"p","windows":[{"left_on":"2025-03-03","back_on":null,"certainty":"provisional"}],'
    '"needs_review":false,"reasons":[]}\n'
)


def run_pauses(stdin: bytes, monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    out = io.StringIO()
    call_command("pauses", "--stdin", stdout=out, stderr=io.StringIO())
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.shared_data
def test_pauses_command_agrees_with_every_shared_history(shared_data: Path, monkeypatch: pytest.MonkeyPatch):
    raw = (shared_data / "pauses" / "scenarios.jsonl").read_bytes()
    asked = [json.loads(line) for line in raw.splitlines()]
    answered = run_pauses(raw, monkeypatch)
    assert len(asked) == len(answered) >= 29
    found = {row["id"]: (_spans(row), row["needs_review"]) for row in answered}
    assert found == {row["id"]: (_spans(row["expect"]), row["expect"]["needs_review"]) for row in asked}


@pytest.mark.shared_data
def test_every_shared_history_is_the_same_in_every_order_and_repetition(shared_data: Path):
    """Every order of the scans of a leg where there are few, a hundred shuffles otherwise, some scans told twice."""
    dice = random.Random(20251201)
    for line in (shared_data / "pauses" / "scenarios.jsonl").read_text().splitlines():
        row = json.loads(line)
        expected = answer_pauses(row)
        assert _spans(expected) == _spans(row["expect"]), row["id"]
        for order in _orders(row["legs"], dice):
            assert answer_pauses({**row, "legs": order}) == expected, row["id"]


def _orders(legs: list[dict], dice: random.Random) -> Iterator[list[dict]]:
    for place, leg in enumerate(legs):
        if len(leg["events"]) <= 5:
            for events in itertools.permutations(leg["events"]):
                yield [*legs[:place], {**leg, "events": list(events)}, *legs[place + 1 :]]
    for _ in range(100):
        shuffled = [{**leg, "events": leg["events"] + dice.choices(leg["events"] or [{}], k=2)} for leg in legs]
        shuffled = [{**leg, "events": [one for one in leg["events"] if one]} for leg in shuffled]
        for leg in shuffled:
            dice.shuffle(leg["events"])
        dice.shuffle(shuffled)
        yield shuffled


def _spans(row: dict) -> list[tuple[str, str | None]]:
    return [(window["left_on"], window["back_on"]) for window in row["windows"]]


def test_pauses_command_goes_on_past_a_bad_line_and_fails_at_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x\n" + LINE)))
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"1 of 2 lines could not be answered\.") as failure:
        call_command("pauses", "--stdin", stdout=out, stderr=io.StringIO())
    assert failure.value.returncode == 1
    assert out.getvalue() == '{"id":null,"line":1,"error":"not JSON"}\n' + ANSWER


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "stdout"),
    [
        pytest.param(["--stdin"], LINE, 0, ANSWER, id="all well"),
        pytest.param(["--stdin"], b"[]\n", 1, '{"id":null,"line":1,"error":"not a JSON object"}\n', id="a bad line"),
        pytest.param([], LINE, 2, "", id="nothing asked for"),
    ],
)
def test_pauses_process_exits_as_the_contract_says(arguments: list[str], stdin: bytes, status: int, stdout: str):
    done = subprocess.run(
        [sys.executable, MANAGE, "pauses", *arguments], input=stdin, capture_output=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout.decode()) == (status, stdout)
    assert done.stderr
