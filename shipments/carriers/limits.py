"""How often one process may call one carrier: calls are spaced evenly, whichever thread or turn they come from."""

import threading
from collections import defaultdict
from time import monotonic

from shipments.carriers.base import CarrierError

LONGEST_WAIT = 30.0  # seconds a turn waits for its place in the row; beyond it the parcel is better asked about later

_next_call: dict[str, float] = defaultdict(float)
_lock = threading.Lock()


def take_place(code: str, per_second: float) -> float:
    """The seconds to wait before the next call to this carrier; 0 `per_second` is no limit.

    CarrierError, with `retry_after`, where the row is too long already; no place is taken then.
    """
    if per_second <= 0:
        return 0.0
    with _lock:
        present = monotonic()
        mine = max(_next_call[code], present)
        wait = mine - present
        if wait > LONGEST_WAIT:
            raise CarrierError(f"Enough calls are under way already: {per_second:g} a second.", retry_after=wait)
        _next_call[code] = mine + 1 / per_second
    return wait


def forget_places() -> None:
    """Nobody has called anybody (tests)."""
    with _lock:
        _next_call.clear()
