"""Reading as this desk is set up: its own addresses, and what numbers look like at this maker."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from warrantydesk.intake.reading import DEFAULT_PATTERNS, Patterns, ReadMail
from warrantydesk.intake.reading.bounded import Reading, begin_reading

SETTINGS = {
    "invoices": "INVOICE_NUMBER_PATTERNS",
    "serials": "SERIAL_NUMBER_PATTERNS",
    "trackings": "TRACKING_NUMBER_PATTERNS",
}


def read_as_configured(raw: bytes) -> ReadMail:
    """A message read behind the fence. Unreadable where it cannot be."""
    return begin_reading_as_configured(raw).result()


def begin_reading_as_configured(raw: bytes) -> Reading:
    """The same, begun: the result is asked for later."""
    return begin_reading(raw, own_addresses=settings.OWN_ADDRESSES, patterns=configured_patterns())


def configured_patterns() -> Patterns:
    """The shapes of the settings; of a kind for which none is set, those the desk comes with."""
    return _patterns(*(tuple(getattr(settings, name)) for name in SETTINGS.values()))


@lru_cache(maxsize=8)
def _patterns(*written: tuple[str, ...]) -> Patterns:
    known = {kind: getattr(DEFAULT_PATTERNS, kind) for kind in SETTINGS}
    given = {kind: tuple(_compiled(one) for one in shapes) for kind, shapes in zip(SETTINGS, written, strict=True)}
    return Patterns(**{kind: given[kind] or known[kind] for kind in SETTINGS})


def _compiled(shape: str) -> re.Pattern[str]:
    """A shape is the number itself: inside a longer word or number it is none."""
    return re.compile(rf"(?<![A-Z0-9-])(?:{shape})(?![A-Z0-9])", re.IGNORECASE)


@register
def check_patterns(**_options: Any) -> Iterable[CheckMessage]:
    """Each shape is a regular expression that can be compiled and does not fit the empty text."""
    for name in SETTINGS.values():
        for shape in getattr(settings, name):
            problem = _problem(shape)
            if problem:
                yield Error(f"{name}: {shape!r} {problem}.", hint="One regular expression a number; blanks part them.")


def _problem(shape: str) -> str:
    try:
        fits_nothing = re.compile(shape, re.IGNORECASE).fullmatch("") is not None
    except re.error as error:
        return f"is no regular expression ({error})"
    return "fits the empty text" if fits_nothing else ""
