"""Figures that are up to date where that is quick: what changed since the last round is counted before it is shown."""

from __future__ import annotations

from warrantydesk.reports.counting.rounds import CHUNK, count_changed, waiting_cases


def bring_up_to_date() -> int:
    """Count what changed, as far as a reader can wait for it; how many cases are still to be counted by the worker."""
    counted = sum(step.number for step in count_changed(limit=CHUNK) if step.what == "cases")
    return waiting_cases() if counted >= CHUNK else 0
