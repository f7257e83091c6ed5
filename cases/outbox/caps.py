"""How much automatic mail may leave: so many a day to one address, an hour to one domain, an hour in all.

An acknowledgement can be aimed at somebody who never wrote to us (a forged sender), so the caps count what was written
into the outbox, whatever became of it. Mail a person of the staff caused is not counted and never held back.
"""

import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from cases.models import OutgoingMail

CAPS = ("hour", "domain", "address")
_DOTS_MEAN_NOTHING = {"gmail.com"}
_SAME_DOMAIN = {"googlemail.com": "gmail.com"}
# Clocks of two machines differ a little; a mail dated further ahead than this belongs to another time (imported data).
_CLOCK_SKEW = timedelta(minutes=5)
_LOCK_NUMBER = 0x57445F4F  # any number all our processes agree on


def fold_address(address: str) -> str:
    """The mailbox an address leads to, as far as can be told: any case, `+tag` and Gmail's dots taken away."""
    local, _, domain = unicodedata.normalize("NFKC", address).strip().casefold().rpartition("@")
    domain = _SAME_DOMAIN.get(domain, domain)
    local = local.partition("+")[0] or local
    if domain in _DOTS_MEAN_NOTHING:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def reached_cap(address: str, now: datetime) -> str:
    """Which cap one more automatic mail to `address` would break: one of CAPS, or "" for none.

    Counted under a lock held until the caller's transaction ends, so that two of them cannot both take the last place.
    """
    _count_alone()
    written = OutgoingMail.objects.filter(automatic=True, created_at__lte=now + _CLOCK_SKEW)
    lately = written.filter(created_at__gt=now - timedelta(hours=1))
    if lately.count() >= settings.MAIL_CAP_PER_HOUR:
        return "hour"
    at_domain = f"@{address.rpartition('@')[2]}"
    if lately.filter(to_address__iendswith=at_domain).count() >= settings.MAIL_CAP_PER_DOMAIN_HOUR:
        return "domain"
    today = written.filter(created_at__gt=now - timedelta(days=1), to_address__iendswith=at_domain)
    return "address" if _count_same(address, today) >= settings.MAIL_CAP_PER_ADDRESS_DAY else ""


def _count_same(address: str, mails: QuerySet[OutgoingMail]) -> int:
    # Folding is ours, not SQL's. The cap on the domain bounds what is read here: at most a day full of its hours.
    fold = fold_address(address)
    return sum(fold_address(other) == fold for other in mails.values_list("to_address", flat=True))


def _count_alone() -> None:
    # SQLite writes one transaction at a time anyway (IMMEDIATE); PostgreSQL needs to be told.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_NUMBER])
