"""What of a deed may stand in the trail: ids, codes, states, days and numbers.                              [pure]

Two sieves. A key that is not listed here does not get in, and of what gets in a value that is more than a code is
left out: no blank, no @, no letter beyond ASCII, so no name, address or sentence. An erasure then finds nothing to
erase, and the chain stays whole.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

KEPT = frozenset({
    "from", "to", "before", "after", "on", "back_on", "left_on", "reason", "cause", "verdict", "resolution",
    "goodwill", "defect_found", "missing",
    "claim", "claims", "part", "parts", "voided", "lifted", "cleared", "dropped", "confirmed", "serial_change",
    "void", "case", "correction",
    "proof", "kind", "shipment", "shipments", "direction", "move", "unmet", "duplicate_of", "follows", "acknowledge",
    "beyond_repair",
    "message", "messages", "received", "sent", "mail", "language",
    "was", "links", "user", "tag", "invoice", "unit", "submitted_on",
    "evidence", "refused", "file", "files", "which", "rotation", "trouble",
    "quote", "total", "currency", "answer", "report", "test", "used", "product", "quantity",
    "changes", "paused_days", "covered_through", "extended_days", "base_covered_through", "starts_on", "started_by",
    "term_months", "paused_since",
    "issued_on", "delivered_on", "refunded_on", "what",
    "roles", "scopes", "fields", "is_active", "is_staff", "is_superuser", "factor",
    "rows", "cases", "format", "table", "key", "first", "last",
})  # fmt: skip

_CODE = re.compile(r"[A-Za-z0-9_.:+\-]{0,60}", re.ASCII)
MOST = 200  # of a list: a deed about more says how many


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that may be kept, as JSON keeps them."""
    kept = {key: _plain(value) for key, value in facts.items() if key in KEPT}
    return {key: value for key, value in kept.items() if value is not _LEFT_OUT}


_LEFT_OUT = object()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dt.date):  # a moment is one too
        return value.isoformat()
    if isinstance(value, str):
        return str(value) if _CODE.fullmatch(value) else _LEFT_OUT
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, Sequence | set | frozenset):
        return _list(sorted(value) if isinstance(value, set | frozenset) else value)
    return _LEFT_OUT


def _list(values: Sequence[Any]) -> Any:
    if len(values) > MOST:
        return len(values)
    return [one for one in map(_plain, values) if one is not _LEFT_OUT]
