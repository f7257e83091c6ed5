"""The door to the audit trail, for every storey: who did what to which object, written in the same transaction.

The trail itself belongs to the topmost storey (warrantydesk/audit), which nothing below may import:
`settings.AUDIT_RECORDER` names what writes it, as AUTH_USER_MODEL names the accounts (docs/decisions/0020).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, cast

from django.conf import settings
from django.utils.module_loading import import_string

# `asking` is whoever sent the request under way; without a request it is the desk itself.
Who = Literal["asking", "staff", "customer", "system", "nobody"]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done. `facts` are ids, codes, states, days and numbers: never a person's words or data."""

    verb: str
    kind: str
    object_id: int | None
    who: Who
    person: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def put_on_record(
    verb: str,
    kind: str,
    object_id: int | None,
    *,
    who: Who = "asking",
    person: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry of the audit trail: undone with the transaction it is called in, and kept with it for good."""
    _recorder()(Deed(verb, kind, object_id, who, person, facts or {}))


def by_person(person: Any) -> dict[str, Any]:
    """`who` and `person` for a service that was handed somebody of the staff; the desk itself where it was nobody."""
    key = getattr(person, "pk", None)
    return {"who": "staff" if key else "system", "person": key}


@cache
def _recorder() -> Callable[[Deed], None]:
    return cast("Callable[[Deed], None]", import_string(settings.AUDIT_RECORDER))
