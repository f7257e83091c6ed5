"""The one address where carriers post what happened to a parcel. 2xx only once the bytes are committed."""

import logging

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cases.waking import wake
from shipments.carriers.registry import find_carrier
from shipments.circuits import note_webhook
from shipments.services.hearing import keep_hook

log = logging.getLogger(__name__)

MOST_BYTES = 2 * 1024 * 1024


@csrf_exempt  # machines post here: a signature proves who they are, and no cookie is ever looked at
@require_POST
def take_hook(request: HttpRequest, carrier: str) -> HttpResponse:
    """Keep what `carrier` posted, once. 404 where its webhooks are not switched on, 401 where nothing proves it is
    the carrier; neither says more."""
    adapter = find_carrier(carrier)
    if adapter is None or not adapter.webhooks:
        raise Http404
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _said(413, f"larger than {MOST_BYTES // 1024 // 1024} MB")
    now = timezone.now()
    answer = adapter.parse_webhook(request.headers, body, now)
    if answer.trust == "refused":
        log.warning("a post to /hooks/tracking/%s/ proved nothing: %s", carrier, answer.reason)
        note_webhook(carrier, now, refused=True)
        return _said(401, "not proved")
    try:
        is_new = keep_hook(carrier, body, proved=answer.trust == "proved", delivery=answer.delivery, now=now)
    except DatabaseError:
        log.exception("a call of %s could not be stored", carrier)
        return _said(503, "not stored, post it again")
    if is_new:
        _wake_reader()
    return _said(200, "kept")


def _wake_reader() -> None:
    """Should the message get lost, the sweep finds the row (house, law 2)."""
    from shipments.tasks import read_tracking_hooks  # the tasks call the services

    wake(read_tracking_hooks)


def _said(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain")
