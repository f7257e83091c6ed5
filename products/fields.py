"""Reading one field of foreign JSON, and the one error that says which field was wrong and what about it. Pure.

Every reader takes the value as `json.loads` gave it and the path a person would recognise (`pauses[1].left_on`).
"""

import re
from collections.abc import Mapping
from datetime import date, datetime

DATE_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.,]+\s?(?:[Zz]|[+-][0-9:]+)?")
SHOWN_LENGTH = 40
MISSING = object()


class FieldError(ValueError):
    """What was wrong and where: `str()` reads "field: what"."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}")
        self.field = field
        self.what = what


def required(record: Mapping[str, object], name: str, where: str = "") -> object:
    """The field's value, or FieldError "missing". `where` is the path of the record, with its dot."""
    value = record.get(name, MISSING)
    if value is MISSING:
        raise FieldError(f"{where}{name}", "missing")
    return value


def as_object(value: object, field: str) -> dict[str, object]:
    """A JSON object; FieldError for anything else."""
    if not isinstance(value, dict):
        raise FieldError(field, "not an object")
    return value


def as_list(value: object, field: str) -> list[object]:
    """A JSON array; FieldError for anything else."""
    if not isinstance(value, list):
        raise FieldError(field, "not a list")
    return value


def as_text(value: object, field: str) -> str:
    """A string; null counts as the empty string, because carriers write both for "no code"."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FieldError(field, "not text")
    return value


def as_whole_number(value: object, field: str) -> int:
    """A whole number; 12.0 is one, true is none (Python would count it as 1)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise FieldError(field, "not a whole number")
    return int(value)


def as_date(value: object, field: str) -> date:
    """A calendar date written YYYY-MM-DD, and no other of the many shapes ISO 8601 allows."""
    if not isinstance(value, str) or not DATE_SHAPE.fullmatch(value):
        raise FieldError(field, f"not a date (YYYY-MM-DD){_shown(value)}")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise FieldError(field, f"no such date {value}") from None


def as_instant(value: object, field: str) -> datetime:
    """A moment with its UTC offset. Without one it is refused: guessing a zone moves days (policy 2.4)."""
    if not isinstance(value, str) or not INSTANT_SHAPE.fullmatch(value):
        raise FieldError(field, f"not a date and time{_shown(value)}")
    try:
        instant = datetime.fromisoformat(value.upper())
    except ValueError:
        raise FieldError(field, f"no such date and time {value[:SHOWN_LENGTH]}") from None
    if instant.utcoffset() is None:
        raise FieldError(field, f"no UTC offset in {value[:SHOWN_LENGTH]}")
    return instant


def _shown(value: object) -> str:
    return f": {value[:SHOWN_LENGTH]}" if isinstance(value, str) else ""
