""" "Send me my link again": only ever a mail, only ever to the address the case knows, and the same answer always."""

from datetime import datetime
from hmac import compare_digest

from django.db import transaction
from django.http import HttpRequest

from cases import notifications
from cases.actors import Actor
from cases.models import Case
from cases.reference import parse_reference
from warrantydesk.faces.limits import network_of, take


def send_link_if_known(reference: str, address: str, now: datetime) -> None:
    """Mail a fresh link where case and address belong together, within the caps on automatic mail.

    Where they do not, the same work is done on a case at hand and taken back, so that the time an answer takes tells
    as little as its words.
    """
    found = Case.objects.select_related("customer").filter(reference=parse_reference(reference) or reference).first()
    is_known = found is not None and _same_address(found.customer.email, address)
    case = found or Case.objects.select_related("customer").order_by("pk").last()
    if case is None:
        return
    with transaction.atomic():
        notifications.send_link(case, actor=Actor.customer(), now=now)
        if not is_known:
            transaction.set_rollback(True)


def may_ask(request: HttpRequest, now: datetime) -> bool:
    """Whether this address of the network, and this browser, may ask once more within the hour."""
    browser = request.session.session_key
    return take("portal_link", network_of(request), now=now) and (
        not browser or take("portal_link_browser", browser, now=now)
    )


def _same_address(known: str, written: str) -> bool:
    return bool(known) and compare_digest(known.casefold().encode(), written.strip().casefold().encode())
