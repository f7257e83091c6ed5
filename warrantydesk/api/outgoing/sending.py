"""Deliveries that are due, sent many at once: to public https addresses only, without following anybody anywhere."""

import asyncio
import datetime as dt
import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from products.errors import Refused
from shipments.carriers.addresses import is_address, is_public
from warrantydesk.api.models import HookDelivery, HookEndpoint
from warrantydesk.api.outgoing.signing import headers

if TYPE_CHECKING:  # loaded where somebody is called, as in shipments.carriers.http
    import aiohttp

log = logging.getLogger(__name__)
SECONDS, MINUTES, HOURS = (dt.timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours"))
# After each failure so much later: three days in all.
BACK_OFF = (
    5 * SECONDS,
    5 * MINUTES,
    30 * MINUTES,
    2 * HOURS,
    5 * HOURS,
    10 * HOURS,
    14 * HOURS,
    20 * HOURS,
    24 * HOURS,
)
DISABLED_AFTER = dt.timedelta(days=5)  # without a single success
SECONDS_A_CALL, SECONDS_TO_CONNECT = 15, 5
AT_ONCE = 50
STALE_AFTER = dt.timedelta(seconds=settings.CLAIM_SECONDS)


class Answer(NamedTuple):
    """What came of one call: a status, or the reason why there is none."""

    status: int | None
    problem: str = ""

    @property
    def is_well(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send_due(now: dt.datetime) -> int:
    """Send up to so many deliveries whose time has come; how many were tried."""
    due = _claim(now)
    if due:
        answers = asyncio.run(_send_all(due, now))
        for delivery, answer in zip(due, answers, strict=True):
            _note(delivery, answer, now)
    return len(due)


def send_again(delivery_id: int, now: dt.datetime) -> None:
    """Once more from the beginning, whatever came of it before; to a system that hears again, too."""
    HookDelivery.objects.filter(pk=delivery_id).update(
        next_try_at=now, attempts=0, delivered_at=None, claimed_at=None, given_up=False
    )


def checked_address(url: str) -> str:
    """The address as it may be called. Refused where it is no https, names a password, or is private."""
    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    private = settings.WEBHOOK_PRIVATE_ADDRESSES
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise Refused(_("url: give an https address."), field="url", code="invalid")
    if not host or parts.username or parts.password:
        raise Refused(_("url: give an address without a user name or password in it."), field="url", code="invalid")
    if not private and (host == "localhost" or (is_address(host) and not is_public(host))):
        raise Refused(_("url: this address is not in the open internet."), field="url", code="invalid")
    return url.strip()


def _claim(now: dt.datetime) -> list[HookDelivery]:
    nobody = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - STALE_AFTER)
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        waiting = HookDelivery.objects.filter(
            nobody, next_try_at__lte=now, delivered_at__isnull=True, given_up=False, endpoint__disabled_at__isnull=True
        )
        rows = waiting.select_for_update(skip_locked=skip, of=("self",)).select_related("endpoint", "event")
        due = list(rows.order_by("next_try_at", "pk")[:AT_ONCE])
        HookDelivery.objects.filter(pk__in=[one.pk for one in due]).update(claimed_at=now, attempts=F("attempts") + 1)
    return due


async def _send_all(due: Sequence[HookDelivery], now: dt.datetime) -> list[Answer]:
    import aiohttp

    from shipments.carriers.resolving import PublicResolver

    resolver = None if settings.WEBHOOK_PRIVATE_ADDRESSES else PublicResolver()
    connector = aiohttp.TCPConnector(limit=20, limit_per_host=5, resolver=resolver)
    jar = aiohttp.DummyCookieJar()
    timeout = aiohttp.ClientTimeout(total=SECONDS_A_CALL, sock_connect=SECONDS_TO_CONNECT)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=jar) as session:
        return list(await asyncio.gather(*(_send(session, one, now) for one in due)))


async def _send(session: "aiohttp.ClientSession", delivery: HookDelivery, now: dt.datetime) -> Answer:
    import aiohttp

    event, endpoint = delivery.event, delivery.endpoint
    said = {"type": event.topic, "timestamp": event.at.isoformat(), "data": event.data}
    body = json.dumps(said, separators=(",", ":")).encode()
    signed = headers(f"evt_{event.pk}", int(now.timestamp()), body, [endpoint.secret, endpoint.old_secret])
    more = {"Content-Type": "application/json", "User-Agent": "Warrantydesk"}
    try:
        url = checked_address(endpoint.url)
        async with session.post(url, data=body, headers={**signed, **more}, allow_redirects=False) as response:
            await response.content.read(1024)
            return Answer(response.status)
    except Refused as refusal:
        return Answer(None, str(refusal))
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        return Answer(None, f"{type(error).__name__}: {error}"[:250])


def _note(delivery: HookDelivery, answer: Answer, now: dt.datetime) -> None:
    tried = delivery.attempts + 1
    delivery.attempts, delivery.claimed_at = tried, None
    delivery.last_status, delivery.last_problem, delivery.tried_at = answer.status, answer.problem[:250], now
    if answer.is_well:
        delivery.delivered_at = now
        HookEndpoint.objects.filter(pk=delivery.endpoint_id).update(failing_since=None)
    else:
        delivery.given_up = tried > len(BACK_OFF)
        delivery.next_try_at = now + BACK_OFF[min(tried, len(BACK_OFF)) - 1]
        _note_failing(delivery.endpoint, answer, now)
    delivery.save(
        update_fields=["attempts", "claimed_at", "last_status", "last_problem", "tried_at", "delivered_at", "given_up",
                       "next_try_at"]
    )  # fmt: skip


def _note_failing(endpoint: HookEndpoint, answer: Answer, now: dt.datetime) -> None:
    """A system that is gone (410), or has failed for days, is not called any more."""
    failing = HookEndpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=True)
    failing.filter(failing_since__isnull=True).update(failing_since=now)
    long_ago = Q(failing_since__lt=now - DISABLED_AFTER)
    (failing if answer.status == 410 else failing.filter(long_ago)).update(disabled_at=now)


def tell_disabled(now: dt.datetime) -> int:
    """Write to whoever set a system up that it is not called any more; how many mails.

    Noted before it is sent: it must not come twice every half minute. Where the mail server does not take it the note
    is taken back, and it is tried again.
    """
    silent = HookEndpoint.objects.filter(disabled_at__isnull=False, told_at__isnull=True)
    return sum(_tell(endpoint, now) for endpoint in silent.select_related("created_by"))


def _tell(endpoint: HookEndpoint, now: dt.datetime) -> bool:
    this = HookEndpoint.objects.filter(pk=endpoint.pk)
    if not this.filter(told_at__isnull=True).update(told_at=now):
        return False
    if not (endpoint.created_by and endpoint.created_by.email):
        return False
    about = {"url": endpoint.url, "since": endpoint.failing_since or endpoint.disabled_at}
    words = _(
        "%(url)s has not taken a webhook since %(since)s and is not called any more.\n"
        "Put it right and enable it again in the administration: what was missed can be sent again there."
    )
    try:
        send_mail(_("Webhook disabled: %(url)s") % about, words % about, None, [endpoint.created_by.email])
    except Exception:  # whatever a mail server or a provider says: the others are told all the same
        log.exception("nobody could be told that webhook %s is disabled", endpoint.pk)
        this.update(told_at=None)
        return False
    return True
