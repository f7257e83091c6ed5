""" "Send me my link again": only ever a mail, only ever to the address the case knows, and the same answer always."""

from datetime import datetime
from hmac import compare_digest

from django.db import transaction
from django.http import HttpRequest

from cases import notifications
from cases.actors import Actor
from cases.links import outlived_link
from cases.models import Case
from cases.outbox.caps import fold_address
from cases.reference import parse_reference
from warrantydesk.faces.limits import network_of, take, wide_network_of


def send_link_if_known(reference: str, address: str, now: datetime) -> None:
    """Mail a fresh link where case and address belong together, within the caps on automatic mail.

    Where they do not, the same work is done on a case at hand and taken back, so that the time an answer takes tells
    as little as its words.
    """
    found = Case.objects.select_related("customer").filter(reference=parse_reference(reference) or reference).first()
    _send(found, now, is_known=found is not None and _same_address(found.customer.email, address))


def renew_link(token: str, now: datetime) -> None:
    """A fresh link for whoever holds one that has grown too old, by mail to the address that one was sent to.

    For a token that never was, was revoked, or belongs to an address the case has left, the same work and no mail.
    """
    old = outlived_link(token, now)
    _send(old.case if old else None, now, is_known=old is not None)


def _send(found: Case | None, now: datetime, *, is_known: bool) -> None:
    case = found or Case.objects.select_related("customer").order_by("pk").last()
    if case is None:
        return
    with transaction.atomic():
        notifications.send_link(case, actor=Actor.customer(), now=now)
        if not is_known:
            transaction.set_rollback(True)


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
