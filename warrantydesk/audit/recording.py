"""What writes the trail (`settings.AUDIT_RECORDER`): one insert, in the transaction of the deed itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from products.auditing import Deed
from products.storing import insert
from warrantydesk.audit.facts import plain
from warrantydesk.audit.models import AuditEntry
from warrantydesk.audit.where import request_under_way
from warrantydesk.faces.limits import network_of

Who = AuditEntry.Who


@dataclass(frozen=True, slots=True)
class Doer:
    """`network` is told of staff alone: where a customer was is nobody's business, and would have to be erased."""

    who: str
    person: int | None = None
    token: int | None = None
    network: str = ""


def record(deed: Deed) -> None:
    doer = doer_of(deed, request_under_way())
    entry = AuditEntry(
        at=timezone.now(),
        who=doer.who,
        person=doer.person,
        token=doer.token,
        network=doer.network[:64],
        verb=deed.verb,
        kind=deed.kind,
        object_id=deed.object_id,
        facts=plain(deed.facts),
    )
    insert([entry])


def doer_of(deed: Deed, request: HttpRequest | None) -> Doer:
    if deed.who in ("customer", "system"):
        return Doer(deed.who)
    token, owner = getattr(request, "audit_token", (None, None))
    person = deed.person or owner or (_signed_in(request) if deed.who == "asking" else None)
    if person is None:
        return Doer(Who.NOBODY if request is not None else Who.SYSTEM)
    who = Who.NOBODY if deed.who == "nobody" else Who.TOKEN if token else Who.STAFF
    return Doer(who, person, token, network_of(request) if request is not None else "")


def _signed_in(request: HttpRequest | None) -> int | None:
    user = getattr(request, "user", None)
    return user.pk if user is not None and user.is_authenticated else None
