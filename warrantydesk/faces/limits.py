"""How often one may: every limit on portal, log-in and API in one table, counted in the database.

    if not take("portal_link", network_of(request), now=now): …429

A window begins with the first use and lasts `seconds`. The place is taken by one conditional UPDATE, so two processes
never both take the last one, on SQLite and on PostgreSQL alike; a cache made of files could not promise that. Keys
(network addresses, e-mail addresses) are kept only as keyed hashes. Automatic mail has caps of its own, counted in the
outbox itself (cases/outbox/caps.py).
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Case, F, PositiveIntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from products.auditing import put_on_record
from warrantydesk.faces.models import LimitCount

MINUTE, QUARTER, HOUR, DAY = 60, 900, 3600, 24 * 3600


@dataclass(frozen=True)
class Limit:
    """`most` uses within `seconds` for one key; `says` tells whom it holds back from what."""

    most: int
    seconds: int
    says: Promise


# Every limit of the desk. `LIMITS` in the environment changes the numbers (docs/settings.md).
DEFAULTS: dict[str, Limit] = {
    "portal_link": Limit(6, HOUR, _("Private links asked for, from one network address")),
    "portal_link_browser": Limit(6, HOUR, _("Private links asked for, from one browser")),
    "portal_link_network": Limit(30, HOUR, _("Private links asked for, from one wider network")),
    "portal_link_address": Limit(6, HOUR, _("Private links asked for, for one e-mail address")),
    "portal_check": Limit(20, HOUR, _("Warranties looked up, from one network address")),
    "portal_request": Limit(10, HOUR, _("New requests sent on the portal, from one network address")),
    "portal_request_address": Limit(5, DAY, _("New requests sent on the portal, for one e-mail address")),
    "portal_open": Limit(60, HOUR, _("Private links tried, from one network address")),
    "portal_write": Limit(60, HOUR, _("Messages and files sent on the portal, for one case")),
    "api": Limit(600, MINUTE, _("Calls of the API, with one token")),
    "api_stranger": Limit(60, MINUTE, _("Calls of the API without a valid token, from one network address")),
    "login_here": Limit(8, QUARTER, _("Log-ins that failed, to one account from one network address")),
    "login_account": Limit(50, HOUR, _("Log-ins that failed, to one account from anywhere")),
    "login_network": Limit(60, HOUR, _("Log-ins that failed, from one network address")),
    "login_code": Limit(8, QUARTER, _("Wrong codes of a second factor, for one account")),
    "csp_report": Limit(60, HOUR, _("Reports of blocked content, from one network address")),
    "export": Limit(30, HOUR, _("Exports and downloads of lists, by one person")),
}


def limits() -> dict[str, Limit]:
    """Every limit with the numbers in force."""
    changed: dict[str, tuple[int, int]] = settings.LIMITS
    return {name: Limit(*changed[name], limit.says) if name in changed else limit for name, limit in DEFAULTS.items()}


def refuse_unknown_limits() -> None:
    """ImproperlyConfigured where the environment changes a limit there is not."""
    unknown = sorted(set(settings.LIMITS) - set(DEFAULTS))
    if unknown:
        raise ImproperlyConfigured(f"LIMITS: there is no limit {unknown[0]!r}. There are: {', '.join(DEFAULTS)}.")


def take(name: str, key: str, *, now: datetime) -> bool:
    """Take one use of limit `name` for `key`; False where none is left in this window. KeyError for no such limit."""
    limit, hashed = limits()[name], _hash(name, key)
    if _took(name, hashed, limit, now):
        return True
    if not LimitCount.objects.filter(limit=name, key=hashed).exists():
        # Two who come first at once: one row is kept, and both go on to take their place in it.
        LimitCount.objects.bulk_create([LimitCount(limit=name, key=hashed, ends_at=now)], ignore_conflicts=True)
        if _took(name, hashed, limit, now):
            return True
    LimitCount.objects.filter(limit=name, key=hashed).update(refused=F("refused") + 1)
    return False


def give_back(name: str, key: str) -> None:
    """Give one use back: what was taken in advance turned out not to count."""
    LimitCount.objects.filter(limit=name, key=_hash(name, key), used__gt=0).update(used=F("used") - 1)


def forget(name: str, key: str) -> None:
    """Forget all that `key` has used of limit `name`: a log-in that worked in the end clears the slips before it."""
    LimitCount.objects.filter(limit=name, key=_hash(name, key)).delete()


def nearest(now: datetime, most: int) -> list[LimitCount]:
    """Running windows of those who were held back, or come nearest to it, the nearest first."""
    shares = [When(limit=name, then=F("used") * 100 / max(limit.most, 1)) for name, limit in limits().items()]
    share = Case(*shares, default=0, output_field=PositiveIntegerField())
    running = LimitCount.objects.filter(ends_at__gt=now, used__gt=0).annotate(share=share)
    return list(running.order_by("-share", "-refused", "-pk")[:most])


def lift(count_id: int) -> bool:
    """End one window now: whoever it held back begins anew. False where there is none (any more)."""
    with transaction.atomic():
        found = LimitCount.objects.select_for_update().filter(pk=count_id).first()
        if found is not None:
            LimitCount.objects.filter(pk=count_id).delete()
            put_on_record("limit.lifted", "limit", count_id, facts={"what": found.limit})
    return found is not None


def old_counts(now: datetime) -> QuerySet[LimitCount]:
    """Windows that ended LIMITS_KEEP_DAYS ago. Until then administrators see what was refused."""
    return LimitCount.objects.filter(ends_at__lt=now - timedelta(days=settings.LIMITS_KEEP_DAYS)).order_by("pk")


def network_of(request: HttpRequest) -> str:
    """The network a request comes from: the address, of IPv6 the /64 that one household has.

    Behind our own proxy it is whom the proxy saw (the last address of X-Forwarded-For, which nobody but the proxy
    wrote); otherwise that header is anybody's to invent and is not looked at.
    """
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.BEHIND_PROXY and forwarded:
        address = forwarded.rpartition(",")[2].strip()
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def wide_network_of(request: HttpRequest) -> str:
    """The /24 an address of IPv4 lies in, the /64 of one of IPv6: who rents a handful of addresses is still one."""
    address = network_of(request)
    try:
        return str(ipaddress.ip_network((address, 24), strict=False)) if "." in address else address
    except ValueError:
        return address


def _took(name: str, hashed: str, limit: Limit, now: datetime) -> bool:
    over = Q(ends_at__lte=now)
    free = LimitCount.objects.filter(over | Q(used__lt=limit.most), limit=name, key=hashed)
    if limit.most < 1:
        return False
    with transaction.atomic():
        return bool(
            free.update(
                used=Case(When(over, then=1), default=F("used") + 1, output_field=PositiveIntegerField()),
                refused=Case(When(over, then=0), default=F("refused"), output_field=PositiveIntegerField()),
                ends_at=Case(When(over, then=Value(now + timedelta(seconds=limit.seconds))), default=F("ends_at")),
            )
        )


def _hash(name: str, key: str) -> str:
    return salted_hmac(f"warrantydesk.limits.{name}", key, algorithm="sha256").hexdigest()
