""" "Send me my link again": only ever a mail, only ever to the address the case knows, and the same answer always.

Whoever asks leaves a row and gets the answer; only then, and elsewhere, somebody looks whether there is such a case. So
neither the words of the answer nor the time it takes can tell.
"""

import logging
from datetime import datetime
from hmac import compare_digest

from django.db import transaction
from django.http import HttpRequest

from cases import notifications
from cases.actors import Actor
from cases.links import hash_of, outlived_link
from cases.models import Case
from cases.outbox.caps import fold_address
from cases.reference import parse_reference
from cases.waking import wake
from warrantydesk.faces.limits import network_of, take, wide_network_of
from warrantydesk.portal.models import LinkRequest

log = logging.getLogger(__name__)
MOST_AT_ONCE = 200


def ask_for_link(reference: str, address: str, now: datetime) -> None:
    """For the case of that number, should that address be its customer's."""
    _leave(LinkRequest(reference=reference[:60], address=address[:254], asked_at=now))


def ask_for_renewal(token: str, now: datetime) -> None:
    """For the case of a link that has grown too old, to the address that one was sent to."""
    _leave(LinkRequest(token_hash=hash_of(token), asked_at=now))


def _leave(asked: LinkRequest) -> None:
    from warrantydesk.portal import tasks  # it runs what is below

    asked.save()
    wake(tasks.answer_link_requests)


def answer_link_requests(now: datetime) -> int:
    """Mail a fresh link wherever case and address belong together, within the caps on automatic mail; how many were
    answered, so or with silence."""
    waiting = LinkRequest.objects.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    return sum(_answer(pk, now) for pk in list(waiting))


def _answer(request_id: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            asked = LinkRequest.objects.select_for_update().filter(pk=request_id).first()
            if asked is None:
                return False  # somebody else was quicker
            case = _case_for(asked, now)
            if case is not None:
                notifications.send_link(case, actor=Actor.customer(), now=now)
            asked.delete()
    except Exception:  # one must not hold up the others; the next sweep tries it again
        log.exception("could not answer link request %s", request_id)
        return False
    return True


def _case_for(asked: LinkRequest, now: datetime) -> Case | None:
    if asked.token_hash:
        old = outlived_link(asked.token_hash, now)
        return old.case if old else None
    reference = parse_reference(asked.reference) or asked.reference
    case = Case.objects.select_related("customer").filter(reference=reference).first()
    return case if case and _same_address(case.customer.email, asked.address) else None


def may_ask(request: HttpRequest, now: datetime, address: str = "") -> bool:
    """Whether this address of the network, the network around it, this browser, and whoever reads mail at `address`
    may ask once more. The same for an address we know and one we do not: it tells nothing."""
    keys = {
        "portal_link": network_of(request),
        "portal_link_network": wide_network_of(request),
        "portal_link_browser": request.session.session_key or "",
        "portal_link_address": fold_address(address) if address else "",
    }
    return all(take(name, key, now=now) for name, key in keys.items() if key)


def _same_address(known: str, written: str) -> bool:
    return bool(known) and compare_digest(known.casefold().encode(), written.strip().casefold().encode())
