"""The clock against the shared scenarios and month additions, which others worked out."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from products.coverage import add_months, clock


@pytest.mark.shared_data
def test_clock_agrees_with_every_shared_scenario(shared_data: Path):
    lines = (shared_data / "clock" / "scenarios.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) >= 400
    assert [row["id"] for row in rows if _answer_to(row) != row["expect"]] == []


def _answer_to(row: dict) -> dict:
    pauses = [(date.fromisoformat(left), date.fromisoformat(back) if back else None) for left, back in row["pauses"]]
    answer = clock(date.fromisoformat(row["starts_on"]), row["term_months"], pauses, date.fromisoformat(row["on"]))
    return {
        "base_covered_through": answer.base_covered_through.isoformat(),
        "covered_through": answer.covered_through.isoformat() if answer.covered_through else None,
        "extended_days": answer.extended_days,
        "state": answer.state,
    }


@pytest.mark.shared_data
def test_add_months_agrees_with_every_shared_addition(shared_data: Path):
    with (shared_data / "clock" / "months.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 2300
    wrong = [
        row
        for row in rows
        if add_months(date.fromisoformat(row["starts_on"]), int(row["months"])).isoformat() != row["covered_through"]
    ]
    assert wrong == []
