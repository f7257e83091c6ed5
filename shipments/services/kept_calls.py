"""Calls that other systems made by themselves, of whatever table: kept once as they came, and claimed to be read.

A row has `sha256`, `times_seen`, `outcome` ("" is work to be done), `claimed_at` and `attempts`. Carriers and the shop
both speak to us so; what their calls mean is theirs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Model, Q

STALE_AFTER = timedelta(seconds=settings.CLAIM_SECONDS)
MOST_ATTEMPTS = 5
Call = TypeVar("Call", bound=Model)


def keep_once(row: Model, **same: Any) -> bool:
    """Keep a new call; whether it is one. `same` finds it where it was kept before: then it is only counted."""
    if _seen_again(type(row), same):
        return False
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if not _seen_again(type(row), same):
            raise
        return False
    return True


def claim(calls: type[Call], now: datetime, limit: int) -> list[Call]:
    """Up to `limit` calls nobody is at, the oldest first, claimed by the caller."""
    rows: Any = calls._default_manager
    nobody = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - STALE_AFTER)
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        free = rows.filter(nobody, outcome="").select_for_update(skip_locked=skip)
        # What stopped its reader before is read alone, so that it takes no others with it.
        found = list(free.filter(attempts=0).order_by("pk")[:limit]) or list(free.order_by("attempts", "pk")[:1])
        rows.filter(pk__in=[one.pk for one in found]).update(claimed_at=now, attempts=F("attempts") + 1)
    return found


def printable(text: str, most: int) -> str:
    """A header of a call, without what a page could not show, cut to `most` characters."""
    return "".join(char for char in text if char.isprintable())[:most]


def _seen_again(calls: type[Model], same: dict[str, Any]) -> bool:
    return bool(calls._default_manager.filter(**same).update(times_seen=F("times_seen") + 1))
