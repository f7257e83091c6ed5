"""Rows of a case that were fetched with it: what a page has read once, no rule reads again.

A verb works on a case it has locked and read afresh, which carries no rows: there everything is asked of the database.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from cases.models import Case, CaseEvent


def known(case: Case, relation: str) -> Any | None:
    """The rows of `case.<relation>` where they were prefetched, None where they were not."""
    return getattr(case, relation).all() if relation in getattr(case, "_prefetched_objects_cache", {}) else None


def fits(event: CaseEvent, wanted: Q) -> bool:
    """Whether a row of the timeline fits a condition on its own columns, as the database would say."""
    conditions: list[Any] = wanted.children
    answers = (fits(event, one) if isinstance(one, Q) else _holds(event, *one) for one in conditions)
    found = all(answers) if wanted.connector == Q.AND else any(answers)
    return found is not wanted.negated


def _holds(event: CaseEvent, lookup: str, value: Any) -> bool:
    name, _mark, rest = lookup.partition("__")
    stored = getattr(event, name)
    if rest == "in":
        return bool(stored in value)
    return bool(stored.get(rest) == value) if rest else bool(stored == value)
