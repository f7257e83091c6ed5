"""On which day a request was made: the customer's calendar date when it reached us (policy 1.10).      [pure]"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# The last place on earth where a day ends.
NOWHERE = "UTC-12"
_LAST_ON_EARTH = timezone(timedelta(hours=-12), NOWHERE)


@dataclass(frozen=True, slots=True)
class SubmissionDay:
    """The day `on`, the `zone` it was read in, and where that zone was `found`: customer, country or nowhere."""

    on: date
    zone: str
    found: Literal["customer", "country", "nowhere"]


def submission_day(received_at: datetime, customer_zone: str, country: str) -> SubmissionDay:
    """The customer's calendar date at `received_at` (an aware instant; ValueError otherwise).

    The zone is the customer's if known, else the westernmost of `country` (ISO 3166 alpha-2, the invoice's), else
    UTC-12: doubt favours the customer. A zone or country nobody knows counts as not given.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at: an instant with its offset is needed")
    own = _zone(customer_zone)
    if own is not None:
        return SubmissionDay(received_at.astimezone(own).date(), own.key, "customer")
    western = westernmost_zone(country, received_at)
    if western is not None:
        return SubmissionDay(received_at.astimezone(western).date(), western.key, "country")
    return SubmissionDay(received_at.astimezone(_LAST_ON_EARTH).date(), NOWHERE, "nowhere")


def westernmost_zone(country: str, at: datetime) -> ZoneInfo | None:
    """The zone of `country` with the smallest offset from UTC at that instant, summer time and all; None if none."""
    zones = [zone for name in zones_by_country().get(country.strip().upper(), ()) if (zone := _zone(name)) is not None]
    return min(zones, key=lambda zone: (at.astimezone(zone).utcoffset() or timedelta(0), zone.key), default=None)


@cache
def zones_by_country() -> Mapping[str, tuple[str, ...]]:
    """Country code → its zones, from the time zone database's own table; read once a process."""
    table: dict[str, list[str]] = {}
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, _coordinates, name, *_comment = line.split("\t")
            table.setdefault(code, []).append(name)
    return {code: tuple(names) for code, names in table.items()}


@cache
def _zone(name: str) -> ZoneInfo | None:
    """The zone of that name, None for an empty or unknown one (customers' data is written by other systems)."""
    if not name.strip():
        return None
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a path, a directory or nonsense: no zone
        return None
