"""How much automatic mail may leave: so many a day to one address, an hour to one domain, an hour in all.

An acknowledgement can be aimed at somebody who never wrote to us (a forged sender), so the caps count what was written
into the outbox, whatever became of it. Mail a person of the staff caused is not counted and never held back.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from cases.models import OutgoingMail
from products.one_at_a_time import waiting_for_turn

CAPS = ("hour", "domain", "address")
_DOTS_MEAN_NOTHING = {"gmail.com"}
_SAME_DOMAIN = {"googlemail.com": "gmail.com"}
# Clocks of two machines differ a little; a mail dated further ahead than this belongs to another time (imported data).
_CLOCK_SKEW = timedelta(minutes=5)
_TURN = 0x57445F4F  # any number all our processes agree on


def fold_address(address: str) -> str:
    """The mailbox an address leads to, as far as can be told: any case, `+tag` and Gmail's dots taken away, a domain in
    letters of its own and in their ASCII spelling the same."""
    local, _, domain = unicodedata.normalize("NFKC", address).strip().casefold().rpartition("@")
    domain = _folded_domain(domain)
    local = local.partition("+")[0] or local
    if domain in _DOTS_MEAN_NOTHING:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def _folded_domain(domain: str) -> str:
    with suppress(UnicodeError):  # no domain a mail could reach stands for itself
        domain = domain.encode("idna").decode("ascii")
    return _SAME_DOMAIN.get(domain, domain)


# By hand, because Django needs longer to write it than the database to count, and every automatic mail asks.
_COUNTED = """
SELECT COUNT(*) FILTER (WHERE created_at > %s), COUNT(*) FILTER (WHERE created_at > %s AND (AT_DOMAIN)),
    COUNT(*) FILTER (WHERE AT_DOMAIN)
FROM "cases_outgoingmail" WHERE automatic AND created_at <= %s AND created_at > %s"""
_AT_DOMAIN = "UPPER(to_address) LIKE UPPER(%s) ESCAPE '\\'"


def _counted_alone(domains: Sequence[str], now: datetime) -> tuple[int, int, int]:
    """Automatic mails of the last hour; of those the ones to these domains; the ones to them in the last day. Nobody
    else counts until the caller's transaction ends."""
    moment = connection.ops.adapt_datetimefield_value
    hour_ago, day_ago = moment(now - timedelta(hours=1)), moment(now - timedelta(days=1))
    at_domain = [f"%@{connection.ops.prep_for_like_query(one)}" for one in domains]
    given = [hour_ago, hour_ago, *at_domain, *at_domain, moment(now + _CLOCK_SKEW), day_ago]
    alone = waiting_for_turn(_TURN)  # in one message with the count: every automatic mail asks
    with connection.cursor() as cursor:
        cursor.execute(alone + _COUNTED.replace("AT_DOMAIN", " OR ".join([_AT_DOMAIN] * len(domains))), given)
        if alone:
            cursor.nextset()
        hour, domain, day = cursor.fetchone()
    return hour, domain, day


def _spellings_of_domain(address: str) -> list[str]:
    """Every spelling of the domain, as far as SQL can compare it."""
    written = address.rpartition("@")[2]
    folded = fold_address(address).rpartition("@")[2]
    spellings = {written, folded, *(other for other, same in _SAME_DOMAIN.items() if same == folded)}
    with suppress(UnicodeError):  # an ASCII spelling of nothing stands for itself
        spellings.add(folded.encode("ascii").decode("idna"))
    return sorted(spellings)


def reached_cap(address: str, now: datetime) -> str:
    """Which cap one more automatic mail to `address` would break: one of CAPS, or "" for none.

    Counted under a lock held until the caller's transaction ends, so that two of them cannot both take the last place.
    """
    domains = _spellings_of_domain(address)
    hour, domain, day = _counted_alone(domains, now)
    if hour >= settings.MAIL_CAP_PER_HOUR:
        return "hour"
    if domain >= settings.MAIL_CAP_PER_DOMAIN_HOUR:
        return "domain"
    if day < settings.MAIL_CAP_PER_ADDRESS_DAY:
        return ""  # fewer to the whole domain than one address of it may have
    return "address" if _count_same(address, domains, now) >= settings.MAIL_CAP_PER_ADDRESS_DAY else ""


def automatic_mail_now(now: datetime) -> dict[str, tuple[int, int]]:
    """What the caps hold at this moment: cap → (used by whoever uses most of it, the cap itself)."""
    written = OutgoingMail.objects.filter(automatic=True, created_at__lte=now + _CLOCK_SKEW)
    hour = [fold_address(one) for one in _addresses(written, now - timedelta(hours=1))]
    day = [fold_address(one) for one in _addresses(written, now - timedelta(days=1))]
    domains = Counter(address.rpartition("@")[2] for address in hour)
    return {
        "hour": (len(hour), settings.MAIL_CAP_PER_HOUR),
        "domain": (_most(domains), settings.MAIL_CAP_PER_DOMAIN_HOUR),
        "address": (_most(Counter(day)), settings.MAIL_CAP_PER_ADDRESS_DAY),
    }


def _addresses(written: QuerySet[OutgoingMail], since: datetime) -> QuerySet[OutgoingMail, str]:
    return written.filter(created_at__gt=since).values_list("to_address", flat=True)


def _most(counted: Counter[str]) -> int:
    return max(counted.values(), default=0)


def _count_same(address: str, domains: Sequence[str], now: datetime) -> int:
    # Folding is ours, not SQL's. The cap on the domain bounds what is read here: at most a day full of its hours.
    at_domain = Q.create([("to_address__iendswith", f"@{one}") for one in domains], connector=Q.OR)
    written = OutgoingMail.objects.filter(at_domain, automatic=True, created_at__lte=now + _CLOCK_SKEW)
    fold = fold_address(address)
    return sum(fold_address(other) == fold for other in _addresses(written, now - timedelta(days=1)))
