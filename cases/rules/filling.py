"""Places in ready-made words, such as {name}: found and filled. Pure.

A place is a name out of a short list and nothing else: no attribute, no index, no format. What stands in braces but is
no place stays as it is, and what is filled in is never looked at again, so that no customer's name can hold a place.
"""

import re
from collections.abc import Iterable, Mapping

PLACES = ("name", "reference", "product", "parts", "serial")
_PLACE = re.compile(r"\{ ?([A-Za-z_][\w.]*) ?\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every known place filled; a place without a value becomes nothing, and leaves no gap behind."""
    filled = _PLACE.sub(lambda found: _value(found, values), text)
    return re.sub(r"[ \t]+([,.;:!?])", r"\1", filled) if filled != text else text


def unknown_places(text: str) -> list[str]:
    """What looks like a place and is none, each once, in order."""
    return list(dict.fromkeys(name for name in _PLACE.findall(text) if name not in PLACES))


def listed(places: Iterable[str] = PLACES) -> str:
    """The places as they are written: {name} {reference} …"""
    return " ".join(f"{{{place}}}" for place in places)


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    name = found[1]
    return values.get(name, "") if name in PLACES else found[0]
