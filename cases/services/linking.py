"""Ending the private ways to a case: when a mail went astray, or a telephone was lost."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases import links
from cases.actors import Actor
from cases.errors import Stale
from cases.models import CaseEvent
from cases.services._transition import allow, locked_case, record


@transaction.atomic
def revoke_links(case_id: int, *, actor: Actor, now: datetime) -> int:
    """End every private link and reply token of a case, in whatever state it is; how many there were.

    Every browser that was let in is out with its link. A new one goes by mail, and only to the address of the case.
    """
    allow(actor, customer=True)
    case = locked_case(case_id)
    ended = links.revoke_links(case, now)
    if not ended:
        raise Stale(_("No private link works any more."), code="unchanged")
    record(case, CaseEvent.Kind.MAIL, "links_revoked", actor=actor, now=now, data={"links": ended})
    return ended
