"""When a scan happened, and on which day of the place it happened at (policy 2.4).

An explicit offset says it first; then the carrier's GMT fields, where it has some; then the zone of the facility. Never
the server's zone. A local time whose zone nobody knows keeps its day and has no instant.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

DAY_ALONE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
BASIC_TIME = re.compile(r"\d{1,6}")
ZULU = re.compile(r"[zZ]$")
# Carriers write their empty dates as the years 1, 1900 or 9999.
EARLIEST, LATEST = 1970, 2200
QUARTER = timedelta(minutes=15)
WIDEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Moment:
    """`on` is the local day at the place of the scan; `at` the instant with its offset, None where it is unknown."""

    on: date
    at: datetime | None = None


def read_moment(written: str, zone: tzinfo | None = None) -> Moment:
    """A date or a time in ISO 8601, `zone` being that of the facility where it is known. ValueError otherwise.

    An offset written out is the place's. `Z` is an instant whose place is elsewhere: the facility's zone turns it into
    the local day; where that is not known, the day stands as written.
    """
    written = written.strip()
    if DAY_ALONE.fullmatch(written):
        return Moment(_plausible(datetime.fromisoformat(written)).date())
    read = _plausible(datetime.fromisoformat(written))
    if read.tzinfo is None:
        return _local(read, zone)
    if ZULU.search(written) and zone is not None:
        read = read.astimezone(zone)
    fixed = _fixed(read)
    return Moment(fixed.date(), fixed)


def read_local(local: datetime, *, offset: str = "", instant: datetime | None = None, zone: tzinfo | None) -> Moment:
    """A wall clock time with whatever the carrier says of its offset: the offset itself, or the same instant in GMT.

    ValueError for a date no carrier can mean.
    """
    known = _offset(offset) or _offset_between(_plausible(local), instant)
    if known is None:
        return _local(local, zone)
    return Moment(local.date(), local.replace(tzinfo=known))


def read_basic(day: str, time: str = "") -> datetime:
    """A wall clock time: `20240315` and `74700` (a leading zero may be missing) or `07:47:00`. ValueError otherwise."""
    clock = time.replace(":", "")
    if not DAY_ALONE.fullmatch(day) or (clock and not BASIC_TIME.fullmatch(clock)):
        raise ValueError(f"{day} {time}: no date and time")
    return datetime.strptime(f"{day.replace('-', '')}{clock.zfill(6)}", "%Y%m%d%H%M%S")  # noqa: DTZ007 - a wall clock


def _local(wall: datetime, zone: tzinfo | None) -> Moment:
    _plausible(wall)
    return Moment(wall.date(), None if zone is None else _fixed(wall.replace(tzinfo=zone)))


def _fixed(at: datetime) -> datetime:
    # A fixed offset, as most carriers send it: arithmetic on a zone's own time stumbles where clocks change.
    return at.replace(tzinfo=timezone(at.utcoffset() or timedelta(0)))


def _offset(written: str) -> timezone | None:
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", written.strip())
    if not match:
        return UTC if written.strip() in ("Z", "z") else None
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(ahead if match[1] == "+" else -ahead) if ahead <= WIDEST else None


def _offset_between(wall: datetime, instant: datetime | None) -> timezone | None:
    """The offset that makes both the same instant, to the quarter of an hour; None where they cannot be."""
    if instant is None:
        return None
    apart = wall.replace(tzinfo=UTC) - instant
    rounded = round(apart / QUARTER) * QUARTER
    return timezone(rounded) if abs(rounded) <= WIDEST and abs(apart - rounded) < timedelta(minutes=2) else None


def _plausible(read: datetime) -> datetime:
    if not EARLIEST <= read.year <= LATEST:
        raise ValueError(f"{read.date()}: no date a scan can have")
    return read
