"""The opening hours of a day as people write them: "09:00-12:00, 13:00-17:00", or nothing for a day off.      [pure]"""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache
from itertools import pairwise

from cases.rules.working_hours import Shift

_SHIFT = re.compile(r"(\d{1,2})[:.](\d\d)\s*[-–—]\s*(\d{1,2})[:.](\d\d)")


@lru_cache(maxsize=256)  # a handful of texts, read for every case
def read_hours(written: str) -> tuple[Shift, ...]:
    """The shifts of one day, in order. ValueError, in words, for no time, an end before its beginning, an overlap."""
    shifts = tuple(_shift(one.strip()) for one in written.split(",") if one.strip())
    for (_begins, ends), (begins, _ends) in pairwise(shifts):
        if begins < ends:
            raise ValueError(f"{begins:%H:%M} lies before the end of the shift before it, {ends:%H:%M}")
    return shifts


def _shift(written: str) -> Shift:
    found = _SHIFT.fullmatch(written)
    if found is None:
        raise ValueError(f"“{written}” is no span like 09:00-17:00")
    hour, minute, last_hour, last_minute = (int(number) for number in found.groups())
    try:
        begins, ends = time(hour, minute), time(last_hour, last_minute)
    except ValueError:
        raise ValueError(f"“{written}”: there is no such time of day") from None
    if begins >= ends:
        raise ValueError(f"“{written}” ends before it begins")
    return begins, ends
