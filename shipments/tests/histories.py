"""Tracking histories in one line of text, as docs/policy.md writes them, and what the pauses make of them."""

from datetime import UTC, date, datetime

from shipments.pauses import Event, Leg, Pauses, windows

BOOKED = datetime(2025, 3, 2, 12, tzinfo=UTC)
NOW = datetime(2025, 12, 1, tzinfo=UTC)
HANDED_OVER = "picked_up 2025-03-03 10:15"
CAME_BACK = "delivered 2025-03-14 16:40"


def as_event(text: str) -> Event:
    """ "picked_up 2025-03-03 10:15" with its own name for a code; "correction of delivered 2025-03-03 12:00"."""
    voids = ""
    if text.startswith("correction of "):
        voids, text = text.split()[2], text.replace(f" of {text.split()[2]}", "")
    kind, day, *clock_time = text.split()
    if clock_time:
        return Event(kind, kind, datetime.fromisoformat(f"{day}T{clock_time[0]}+00:00"), voids=voids)
    return Event(kind, kind, occurred_on=date.fromisoformat(day), voids=voids)


def leg(direction: str, text: str, **more) -> Leg:
    return Leg(direction, [as_event(scan.strip()) for scan in text.split(",") if scan.strip()], **more)


def found(to_workshop: str, to_customer: str = "") -> Pauses:
    """Windows of histories written as the policy page writes them: commas part scans, semicolons parcels."""
    legs = [leg("to_workshop", parcel) for parcel in to_workshop.split(";")]
    legs += [leg("to_customer", parcel) for parcel in to_customer.split(";")]
    return windows(legs, BOOKED, NOW)


def spans(pauses: Pauses) -> list[tuple[date, date | None]]:
    return [(window.left_on, window.back_on) for window in pauses.windows]
