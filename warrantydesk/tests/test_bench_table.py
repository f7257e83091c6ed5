"""What the benches tell becomes one table, and a page of it that keeps the rows of earlier runs."""

from types import SimpleNamespace

import pytest

from bench import table
from bench.judging import row_of
from bench.table import Row


def run(**times: list[float]) -> SimpleNamespace:
    floors = {"floor: 25 rows": [0.01] * 3, "floor: one select": [0.002] * 3}
    return SimpleNamespace(
        times={**floors, **times},
        cpu={name: [1.0] for name in times},
        queries=dict.fromkeys(times, 8),
        raw={"report: money": [0.5, 0.5]},
        broken={},
        size=1_000_000,
        asked=SimpleNamespace(requests=3),
    )


def page(name: str, floor: str, times: float, queries: int | None = None, **more: object) -> SimpleNamespace:
    return SimpleNamespace(name=name, floor=floor, times=times, queries=queries, **{"plus": 0, "first": "", **more})


@pytest.mark.parametrize(
    ("asked", "took", "met"),
    [
        (page("queue", "25 rows", 2, 8), 0.020, True),
        (page("queue", "25 rows", 2, 8), 0.021, False),
        (page("queue", "25 rows", 2, 7), 0.010, False),
        (page("search", "25 rows", 3, plus=2), 0.034, True),
        (page("search", "25 rows", 3, plus=2), 0.035, False),
        (page("report: money", "raw SQL", 1.5), 0.74, True),
        (page("report: money", "raw SQL", 1.5), 0.76, False),
        (page("report: overview", "raw SQL", 1.5), 0.051, False),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_page_is_held_against_its_floor_and_its_queries(asked, took, met):
    assert row_of(asked, run(**{asked.name: [took] * 3})).met is met


def test_page_that_did_not_answer_is_not_met():
    measured = run(queue=[0.01] * 3)
    measured.broken = {"queue": "answered 500"}
    row = row_of(page("queue", "25 rows", 2), measured)
    assert (row.figure, row.met) == ("answered 500", False)


def test_results_keep_rows_of_other_sizes_and_show_how_the_queue_grows(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "KEPT", tmp_path / "results.json")
    monkeypatch.setattr(table, "PAGE", tmp_path / "RESULTS.md")
    monkeypatch.setattr(table, "machine", lambda: "2 cores")
    for size, ratio in ((10_000, 1.0), (1_000_000, 1.4), (1_000_000, 1.2)):
        table.keep([Row("Pages", "queue: all", size, "9 ms", ratio, "≤ 2 × 25 rows", "8", met=True)], "load 0.1")
    written = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert written.count("| queue: all |") == 3
    assert "| queue: all | 1,000,000 | from 1.00 at 10,000 to 1.20 | 1.20 | ≤ 1.3 × |  |  | yes |" in written
    assert "Machine: 2 cores; load 0.1." in written
