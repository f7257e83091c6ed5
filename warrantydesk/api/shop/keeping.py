"""Calls of the shop as rows: kept once, read once, tried again before a person sees them.

The whole order is in every call about it, so it does not matter which comes first: the newest word counts, and an
older one that arrives later changes nothing. A call about a refund or a parcel alone names only the order; what it
says is laid over the newest order we were told.
"""

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from products.errors import Refused
from products.fields import FieldError, as_object
from products.importing.shopify import SHOP, order_of
from products.services import Registration, ShopsWord, register_invoices
from shipments.services.kept_calls import MOST_ATTEMPTS, claim, keep_once, printable
from warrantydesk.api.models import ShopHook

log = logging.getLogger(__name__)
Outcome = ShopHook.Outcome
ORDERS = ("orders/paid", "orders/updated", "orders/create", "orders/cancelled", "orders/fulfilled")
PARTIAL = ("refunds/create", "fulfillments/create", "fulfillments/update")


def keep_hook(topic: str, body: bytes, *, delivery: str, now: dt.datetime) -> bool:
    """Keep a call as it came; whether it is new. The same bytes again are counted, and kept only once."""
    sha256 = hashlib.sha256(topic.encode(errors="replace") + b"\n" + body).hexdigest()
    row = ShopHook(sha256=sha256, body=body, received_at=now)
    row.topic, row.delivery = printable(topic, 60), printable(delivery, 100)
    row.order_key, row.said_at = _order_of(topic, body)
    return keep_once(row, sha256=sha256)


def read_hooks(now: dt.datetime, limit: int = 100) -> int:
    """Read up to `limit` calls nobody is at, the oldest first; how many."""
    hooks = claim(ShopHook, now, limit)
    by = Registration.begin(ShopsWord("Shopify"), now) if hooks else None
    for hook in hooks:
        if by is not None:
            _read(hook, by)
    return len(hooks)


def old_hooks(now: dt.datetime) -> QuerySet[ShopHook]:
    """What was taken in long ago; what failed stays.

    Nor is the newest word on an order among them, or what was told about that order since: an old call that is sent
    again would count as the newest, and undo what came after it.
    """
    oldest = now - dt.timedelta(days=settings.SHOP_CALLS_KEEP_DAYS)
    newer = Q(said_at__gt=OuterRef("said_at")) | Q(said_at=OuterRef("said_at"), pk__gt=OuterRef("pk"))
    overtaken = Exists(ShopHook.objects.filter(newer, order_key=OuterRef("order_key"), topic__in=ORDERS))
    done = ShopHook.objects.filter(outcome__in=(Outcome.TAKEN, Outcome.NOTHING), received_at__lt=oldest)
    says_nothing = Q(order_key="") | ~Q(topic__in=(*ORDERS, *PARTIAL))
    return done.filter(says_nothing | overtaken).order_by("pk")


def _read(hook: ShopHook, by: Registration) -> None:
    problem: str = ""
    outcome: str = Outcome.NOTHING
    try:
        outcome = _taken(hook, by)
    except (Refused, FieldError, ValueError, RecursionError) as error:
        outcome, problem = Outcome.FAILED, str(error) or type(error).__name__
    except Exception as error:  # this call alone is tried again; the others go on
        log.exception("a call of the shop (%s) could not be taken in", hook.pk)
        problem = f"{type(error).__name__}: {error}"
        outcome = Outcome.FAILED if hook.attempts + 1 >= MOST_ATTEMPTS else Outcome.WAITING
    read_at = by.now if outcome else None
    claimed_at = None if outcome else by.now  # it comes free again by itself, after a while
    ShopHook.objects.filter(pk=hook.pk).update(
        outcome=outcome, problem=problem[:500], read_at=read_at, claimed_at=claimed_at
    )


def _taken(hook: ShopHook, by: Registration) -> str:
    if hook.topic not in (*ORDERS, *PARTIAL) or not hook.order_key:
        return Outcome.NOTHING
    payload = _newest_order(hook)
    if payload is None:
        return Outcome.NOTHING  # the order itself has not been told yet; its call carries all of this
    sale = order_of(payload, settings.SHOPIFY_SHOP or SHOP)
    if sale is None:
        return Outcome.NOTHING
    [answer] = register_invoices([sale], by)
    if answer.refusal is not None:
        raise answer.refusal
    return Outcome.TAKEN


def _newest_order(hook: ShopHook) -> dict[str, Any] | None:
    """The order as it was told last, with every refund and parcel told about it by itself."""
    told = ShopHook.objects.filter(order_key=hook.order_key)
    newest = told.filter(topic__in=ORDERS).order_by("-said_at", "-pk").first()
    if newest is None:
        return None
    payload = dict(as_object(json.loads(bytes(newest.body)), "order"))
    refunds = _by_id(payload.get("refunds"))
    parcels = _by_id(payload.get("fulfillments"))
    for other in told.filter(topic__in=PARTIAL).order_by("said_at", "pk"):
        said = as_object(json.loads(bytes(other.body)), other.topic)
        known = refunds if other.topic.startswith("refunds/") else parcels
        before = known.get(str(said.get("id")), {})
        if _at(said) >= _at(before):
            known[str(said.get("id"))] = said
    payload["refunds"], payload["fulfillments"] = list(refunds.values()), list(parcels.values())
    return payload


def _by_id(rows: Any) -> dict[str, dict[str, Any]]:
    return {str(row.get("id")): row for row in rows or () if isinstance(row, dict)}


def _order_of(topic: str, body: bytes) -> tuple[str, str]:
    """The order a call is about and the moment it speaks of, as far as that can be read; empty where it cannot."""
    try:
        said = as_object(json.loads(body), "body")
    except (ValueError, RecursionError):
        return "", ""
    number = said.get("order_id") if topic in PARTIAL else said.get("id")
    return printable(str(number or ""), 60), _at(said)


def _at(said: Mapping[str, Any]) -> str:
    """When this was so, in UTC and sortable; empty where it does not say."""
    written = str(said.get("updated_at") or said.get("processed_at") or said.get("created_at") or "")
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        return ""
    return moment.astimezone(dt.UTC).isoformat() if moment.tzinfo else ""
