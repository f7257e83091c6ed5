""" "Send me my link again": only ever a mail, only ever to the address the case knows, and the same answer always."""

from datetime import datetime
from hmac import compare_digest

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest

from cases import notifications
from cases.actors import Actor
from cases.models import Case
from cases.reference import parse_reference

ASKS_AN_HOUR = 6
AN_HOUR = 60 * 60


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


def may_ask(request: HttpRequest) -> bool:
    """Whether this browser, and this address of the network, has asked less than ASKS_AN_HOUR times within the hour."""
    keys = [f"portal:link-asked:ip:{_network_address(request)}"]
    if request.session.session_key:
        keys.append(f"portal:link-asked:session:{request.session.session_key}")
    return max(_count(key) for key in keys) <= ASKS_AN_HOUR


def _count(key: str) -> int:
    cache.add(key, 0, AN_HOUR)
    try:
        return cache.incr(key)
    except ValueError:  # it ran out between the two
        return 1


def _network_address(request: HttpRequest) -> str:
    """Who asks; behind our own proxy, whom the proxy says it is."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")


def _same_address(known: str, written: str) -> bool:
    return bool(known) and compare_digest(known.casefold().encode(), written.strip().casefold().encode())
