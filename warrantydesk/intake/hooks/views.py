"""The one address where providers post mail. What became of it they are never told: only that we have it.

Anything but 2xx makes a provider post again for hours, so that is said exactly where posting again would help, or
where somebody has to put the provider's settings right.
"""

import logging

from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cases.evidence.storage import storage_failures
from warrantydesk.intake.hooks.posting import Malformed, TooLarge, read_body, read_form
from warrantydesk.intake.hooks.providers import (
    Post,
    PostedMail,
    Provider,
    check_password,
    open_provider,
    plausible,
)
from warrantydesk.intake.services import receive

log = logging.getLogger(__name__)


@csrf_exempt  # machines post here: a secret or a signature proves who they are, and no cookie is ever looked at
@require_POST
def take_mail(request: HttpRequest, provider: str) -> HttpResponse:
    """Receive what `provider` posted. 2xx only once the bytes are committed; 404 where it is not switched on."""
    opened = open_provider(provider)
    if opened is None:
        raise Http404
    kind, view = opened
    try:
        check_password(view, request)
        body = read_body(request, settings.MAIL_WEBHOOK_MB * 1024 * 1024)
        fields = read_form(request, body)
        view.run_validators(request)
    except AnymailWebhookValidationFailure as failure:
        log.warning("a post to /hooks/mail/%s/ proved nothing: %s", provider, failure)
        return _not_proved(request)
    except TooLarge:
        return _said(413, f"larger than {settings.MAIL_WEBHOOK_MB} MB (MAIL_WEBHOOK_MB)")
    except (Malformed, AnymailError) as problem:
        return _said(400, str(problem))
    return _kept(provider, kind, Post(request, body, fields, view))


def _kept(provider: str, kind: Provider, post: Post) -> HttpResponse:
    try:
        mails = _mails(provider, kind, post)
        for mail in mails:
            now = timezone.now()
            receive(mail.raw, source=f"hook:{provider}", now=now, received_at=plausible(mail.received_at, now))
    except TooLarge:
        return _said(413, f"larger than {settings.MAIL_WEBHOOK_MB} MB (MAIL_WEBHOOK_MB)")
    except AnymailConfigurationError as problem:
        return _said(400, str(problem))
    except storage_failures(DatabaseError, AnymailError):
        # Kept or not, posting again is right: a message that was kept is known by its identity.
        log.exception("a mail posted by %s could not be stored", provider)
        return _said(503, "not stored, post it again")
    return HttpResponse("kept\n", content_type="text/plain")


def _mails(provider: str, kind: Provider, post: Post) -> list[PostedMail]:
    """The messages of a post. What nobody can take apart is kept as it came, and a person sees it in quarantine."""
    try:
        return list(kind.mails(post))
    except (Malformed, KeyError, TypeError, ValueError, LookupError, AttributeError) as problem:
        log.warning("a post of %s is not of its usual shape (%s): kept as it came", provider, problem)
        return [PostedMail(post.body)]


def _not_proved(request: HttpRequest) -> HttpResponse:
    if request.headers.get("authorization"):
        return _said(403, "the secret or the signature is wrong")
    # Amazon's SNS asks first and shows its password only to a proper challenge.
    response = _said(401, "the secret or the signature is missing")
    response["WWW-Authenticate"] = 'Basic realm="mail"'
    return response


def _said(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
