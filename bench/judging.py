"""From the times of a page and of its floor to a row that says whether what was asked for is met."""

import statistics
from typing import TYPE_CHECKING

from bench.table import Row

if TYPE_CHECKING:
    from bench.pages import Run
    from bench.subjects import Subject

SMALL, REPORT_MS, OVERVIEW_MS, REPORT_SECONDS, DEPTH = 10_000, 10, 50, 1.0, 1.2


def row_of(page: "Subject", run: "Run") -> Row:
    times = run.times[page.name]
    if page.name in run.broken or len(times) < 2:
        return Row("Pages", page.name, run.size, run.broken.get(page.name, "not measured"), met=False)
    middle = statistics.median(times)
    figure = f"{1000 * middle:.1f} ms, p95 {1000 * _p95(times):.1f}, cpu {statistics.median(run.cpu[page.name]):.1f}"
    if len(times) < run.asked.requests:
        figure += f" ({len(times)} times)"
    queries = run.queries[page.name]
    asked, ratio, met = _judged(page, run, middle)
    if page.queries is not None:
        asked, met = f"{asked}, ≤ {page.queries} queries", bool(met) and queries <= page.queries
    return Row("Pages", page.name, run.size, figure, ratio, asked, str(queries), None, met)


def _judged(page: "Subject", run: "Run", middle: float) -> tuple[str, float | None, bool | None]:
    if not page.floor:
        return "", None, None
    if page.floor == "raw SQL":
        return _report(page, run, middle)
    floor = _middle(run, page.floor)
    most, words = page.times * floor, f"≤ {page.times:g} × {page.floor}"
    if page.plus:
        most, words = most + page.plus * _middle(run, "one select"), f"{words} + {page.plus:g} × one select"
    met = middle <= most
    if page.first and run.times.get(page.first):
        met = met and middle <= DEPTH * statistics.median(run.times[page.first])
        words += f", ≤ {DEPTH} × first page"
    return words, middle / floor, met


def _report(page: "Subject", run: "Run", middle: float) -> tuple[str, float | None, bool]:
    raw = statistics.median(run.raw[page.name]) if run.raw.get(page.name) else 0.0
    ratio = middle / raw if raw else None
    said = f"raw SQL {1000 * raw:.1f} ms"
    if page.name == "report: overview":
        return f"≤ {OVERVIEW_MS} ms; {said}", ratio, 1000 * middle <= OVERVIEW_MS
    if run.size <= SMALL:
        return f"≤ {said} + {REPORT_MS}", ratio, 1000 * (middle - raw) <= REPORT_MS
    return f"≤ {page.times:g} × {said}, ≤ 1 s", ratio, middle <= page.times * raw and middle <= REPORT_SECONDS


def _middle(run: "Run", floor: str) -> float:
    return statistics.median(run.times[f"floor: {floor}"])


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
