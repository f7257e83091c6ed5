"""The expected refusals of the claim: each one a sentence a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cases.rules.lifecycle import Unmet
from products.errors import Refused

__all__ = ["NotAllowed", "NotPossible", "Refused", "Stale"]


class NotAllowed(Refused):
    """This person may not do this, whatever the state of the case."""


class NotPossible(Refused):
    """Not now: `unmet` holds everything that stands in the way, each with its sentence."""

    def __init__(
        self, message: Any = "", *, field: str = "", code: str = "not_possible", unmet: Sequence[Unmet] = ()
    ) -> None:
        self.unmet = tuple(unmet)
        super().__init__(message or " ".join(f"{one.message}." for one in self.unmet), field=field, code=code)


class Stale(NotPossible):
    """Somebody was quicker, or the same form came twice: what was asked for has already happened."""
