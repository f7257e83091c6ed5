"""Taking a carrier's raw answer apart without trusting its shape: nothing here raises over a missing or odd field."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shipments.carriers.base import NotAnAnswer, Payload

LONGEST_TEXT = 2000


def decoded(payload: Payload) -> Any:
    """The payload as JSON read. NotAnAnswer where it is no JSON, and what it looks like instead."""
    if not isinstance(payload, bytes | str):
        return payload
    try:
        text = payload.decode("utf-8-sig") if isinstance(payload, bytes) else payload
        return json.loads(text)
    except UnicodeDecodeError:
        raise NotAnAnswer("It is no text in UTF-8.") from None
    except (ValueError, RecursionError):  # digits without end are a ValueError too
        raise NotAnAnswer(_instead_of_json(text)) from None


def _instead_of_json(text: str) -> str:
    start = text.lstrip()[:200].casefold()
    if not start:
        return "It is empty."
    if start.startswith(("<!doctype html", "<html")):
        return "It is an HTML page, not JSON."
    return "It is XML, not JSON." if start.startswith("<") else "It is no JSON."


def within(value: Any, *path: str | int) -> Any:
    """What stands at that path, None where the path ends early."""
    for step in path:
        # JSON was read into a dict: to ask whether it is any mapping takes longer than to look into it.
        if isinstance(step, str) and (type(value) is dict or isinstance(value, Mapping)):
            value = value.get(step)
        elif _is_list(value) and isinstance(step, int) and len(value) > step:
            value = value[step]
        else:
            return None
    return value


def records(value: Any, *path: str | int) -> list[Mapping[str, Any]]:
    """The objects of the list at that path; one object alone counts as a list of it; none where there is no list."""
    found = within(value, *path)
    if type(found) is dict or isinstance(found, Mapping):
        return [found]
    return [one for one in found if type(one) is dict or isinstance(one, Mapping)] if _is_list(found) else []


def text(value: Any, *path: str | int) -> str:
    """The text at that path, a whole number written out; empty where there is neither."""
    found = within(value, *path)
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        return ""
    return str(found)[:LONGEST_TEXT].strip()


def envelope(body: bytes, field: str) -> str:
    """One field of a body in JSON; empty where the body is none or has no such field."""
    try:
        return text(decoded(body), field)
    except NotAnAnswer:
        return ""


def place(*parts: str) -> str:
    """`Köln, 50667, DE` from what is known of it."""
    return ", ".join(part for part in parts if part)


def _is_list(value: Any) -> bool:
    return type(value) is list or (isinstance(value, Sequence) and not isinstance(value, str | bytes))
