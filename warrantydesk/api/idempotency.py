"""`Idempotency-Key`: the same request under the same key is done once, and answered alike ever after."""

import datetime as dt
import hashlib
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from warrantydesk.api.models import IdempotentRequest
from warrantydesk.api.problems import Conflict, Unprocessable

HEADER = "Idempotency-Key"
GIVEN_UP_AFTER = dt.timedelta(minutes=10)  # a request that died on its way may be tried again
LONGEST_KEY = 255


def begin(request: Any) -> IdempotentRequest | None:
    """The row of this request; with a status where it was answered before. None without a key.

    Unprocessable where the key was used for another request, Conflict while the first is on its way.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        return None
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Unprocessable(f"{HEADER}: at most {LONGEST_KEY} printable characters.")
    now, fingerprint = timezone.now(), _fingerprint(request)
    row = IdempotentRequest(token=request.auth, key=key, fingerprint=fingerprint, created_at=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return _known(IdempotentRequest.objects.get(token=request.auth, key=key), fingerprint, now)
    return row


def _known(row: IdempotentRequest, fingerprint: str, now: dt.datetime) -> IdempotentRequest:
    if row.fingerprint != fingerprint:
        raise Unprocessable(f"{HEADER}: this key was used for another request.", code="key_reused")
    if row.status is None and now - row.created_at < GIVEN_UP_AFTER:
        raise Conflict("The first request with this key is still on its way.", code="in_progress")
    return row


def end(row: IdempotentRequest, response: Any) -> None:
    """Keep the answer. A refusal is forgotten instead: what was wrong may be put right under the same key."""
    if response.status_code >= 400:
        row.delete()
        return
    row.status, row.body, row.location = response.status_code, response.data, response.get("Location", "")
    row.save(update_fields=["status", "body", "location"])


def old_requests(now: dt.datetime) -> QuerySet[IdempotentRequest]:
    """Requests that will not come again under their key."""
    oldest = now - dt.timedelta(days=settings.API_ANSWERS_KEEP_DAYS)
    return IdempotentRequest.objects.filter(created_at__lt=oldest).order_by("pk")


def _fingerprint(request: Any) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    # The body itself may be a stream of files: what was read from it is what counts.
    for name in sorted(request.data) if hasattr(request.data, "keys") else ():
        digest.update(f"{name}={request.data.get(name)!r}\n".encode(errors="surrogatepass"))
    for file in request.FILES.values():
        digest.update(f"{file.name} {file.size}\n".encode(errors="surrogatepass"))
    return digest.hexdigest()
