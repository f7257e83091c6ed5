"""The one address Shopify posts to. 2xx only once the bytes are committed."""

import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cases.waking import wake
from shipments.carriers.signatures import signature_fits
from warrantydesk.api.shop.keeping import keep_hook

log = logging.getLogger(__name__)
MOST_BYTES = 5 * 1024 * 1024


@csrf_exempt  # machines post here: a signature proves who they are, and no cookie is ever looked at
@require_POST
def take_shop_hook(request: HttpRequest) -> HttpResponse:
    """Keep what the shop posted, once. 404 where no secret is set, 401 where nothing proves it is the shop."""
    if not any(settings.SHOPIFY_WEBHOOK_SECRETS):
        raise Http404
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _said(413, f"larger than {MOST_BYTES // 1024 // 1024} MB")
    if not signature_fits(settings.SHOPIFY_WEBHOOK_SECRETS, body, request.headers.get("X-Shopify-Hmac-Sha256", "")):
        log.warning("a post to /hooks/shopify/ proved nothing")
        return _said(401, "not proved")
    topic, delivery = (request.headers.get(f"X-Shopify-{name}", "") for name in ("Topic", "Webhook-Id"))
    try:
        is_new = keep_hook(topic, body, delivery=delivery, now=timezone.now())
    except DatabaseError:
        log.exception("a call of the shop could not be stored")
        return _said(503, "not stored, post it again")
    if is_new:
        _wake_reader()
    return _said(200, "kept")


def _wake_reader() -> None:
    """Should the message get lost, the sweep finds the row (house, law 2)."""
    from warrantydesk.api.tasks import read_shop_hooks  # the tasks call the services

    wake(read_shop_hooks)


def _said(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain")
