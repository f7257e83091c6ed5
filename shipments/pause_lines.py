"""One line of `pauses --stdin`: the legs of one part in, its windows out (contracts: Commands). Pure."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from products.fields import FieldError, as_date, as_instant, as_list, as_object, as_text, required
from shipments.pauses import Event, Leg, Window, windows


def answer_pauses(record: dict[str, object]) -> dict[str, object]:
    """FieldError names the first wrong field by its path (`legs[0].events[2].kind`); unknown ones are ignored."""
    booked_at = _instant_or_none(record, "booked_at", "")
    now = as_instant(required(record, "now"), "now")
    legs = [_as_leg(leg, f"legs[{i}]") for i, leg in enumerate(as_list(required(record, "legs"), "legs"))]
    pauses = windows(legs, booked_at, now)
    return {
        "windows": [_as_json(window) for window in pauses.windows],
        "needs_review": pauses.needs_review,
        "reasons": list(pauses.reasons),
    }


def _as_leg(value: object, path: str) -> Leg:
    leg, where = as_object(value, path), f"{path}."
    direction = as_text(required(leg, "direction", where), f"{where}direction")
    booked_at = _instant_or_none(leg, "booked_at", where)
    events = as_list(required(leg, "events", where), f"{where}events")
    with _under(where):
        return Leg(direction, [_as_event(event, f"events[{i}]") for i, event in enumerate(events)], booked_at)


def _as_event(value: object, path: str) -> Event:
    event, where = as_object(value, path), f"{path}."
    kind = as_text(required(event, "kind", where), f"{where}kind")
    code, voids = as_text(event.get("code"), f"{where}code"), as_text(event.get("voids"), f"{where}voids")
    occurred_at = _instant_or_none(event, "occurred_at", where)
    occurred_on = _date_or_none(event, "occurred_on", where)
    with _under(where):
        return Event(kind, code, occurred_at, occurred_on, voids)


def _instant_or_none(record: dict[str, object], name: str, where: str) -> datetime | None:
    value = record.get(name)
    return None if value is None else as_instant(value, f"{where}{name}")


def _date_or_none(record: dict[str, object], name: str, where: str) -> date | None:
    value = record.get(name)
    return None if value is None else as_date(value, f"{where}{name}")


@contextmanager
def _under(where: str) -> Iterator[None]:
    """Put the path in front of the field that what is made in here refuses."""
    try:
        yield
    except FieldError as error:
        raise FieldError(f"{where}{error.field}", error.what) from None


def _as_json(window: Window) -> dict[str, object]:
    return {
        "left_on": window.left_on.isoformat(),
        "back_on": window.back_on.isoformat() if window.back_on else None,
        "certainty": window.certainty,
    }
