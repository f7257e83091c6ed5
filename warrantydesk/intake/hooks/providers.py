"""The providers whose posts we take, each through its view of django-anymail, and where the raw message stands.

The library proves who posted (secret, signature; compared in constant time) and takes the provider's dialect apart.
The message is taken raw wherever the provider gives it raw; the library's own reading is not used.
"""

import json
import logging
import warnings
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from anymail.exceptions import AnymailNotSupportedWarning
from anymail.webhooks.base import AnymailBasicAuthMixin
from django.conf import settings
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string

from warrantydesk.intake.hooks.posting import Malformed, TooLarge
from warrantydesk.intake.hooks.rebuilding import rebuilt, with_envelope_sender

log = logging.getLogger(__name__)
OLDEST_RECEIPT = timedelta(days=7)  # no provider tries for longer; an older one is no time of receipt


@dataclass(frozen=True)
class Post:
    """One authenticated post: its body, its form fields as bytes, and the view that checked it."""

    request: HttpRequest
    body: bytes
    fields: Mapping[str, bytes]
    view: Any

    def rebuilt_mail(self) -> bytes:
        """The message the library makes of what the provider took apart."""
        (event,) = self.view.parse_events(self.request)
        return with_envelope_sender(rebuilt(event.message), event.message.envelope_sender)


@dataclass(frozen=True)
class PostedMail:
    """`received_at` is when the provider's server had it, None where it does not say."""

    raw: bytes
    received_at: datetime | None = None


@dataclass(frozen=True)
class Provider:
    """`view` names its class, loaded by its first post: Amazon's brings 6 MB along. `options` gives what it is made
    with, or None while the secret it needs is not set."""

    view: str
    options: Callable[[], dict[str, Any] | None]
    mails: Callable[[Post], Sequence[PostedMail]]

    def open(self) -> Any | None:
        """The view that checks its posts; None where nothing it could check against is set."""
        options = self.options()
        if options is None:
            return None
        with warnings.catch_warnings():
            # The library no longer has a SendGrid account to test with; its shape of posts is tested here.
            warnings.simplefilter("ignore", AnymailNotSupportedWarning)
            return import_string(self.view)(**options)


def open_provider(name: str) -> tuple[Provider, Any] | None:
    """The provider and its view; None unless it is in MAIL_WEBHOOKS and its secret is set."""
    provider = PROVIDERS.get(name) if name in settings.MAIL_WEBHOOKS else None
    view = provider.open() if provider else None
    return (provider, view) if provider and view is not None else None


def check_password(view: Any, request: HttpRequest) -> None:
    """The door that needs no body: raises AnymailWebhookValidationFailure for a wrong or missing secret."""
    AnymailBasicAuthMixin.validate_request(view, request)


def plausible(received_at: datetime | None, now: datetime) -> datetime:
    """The instant the provider had the mail, where it can be true; else now."""
    if received_at is None or received_at.utcoffset() is None or not now - OLDEST_RECEIPT <= received_at <= now:
        return now
    return received_at


def _secret() -> dict[str, Any] | None:
    return {"webhook_secret": settings.MAIL_WEBHOOK_SECRETS} if settings.MAIL_WEBHOOK_SECRETS else None


def _mailgun_options() -> dict[str, Any] | None:
    if not settings.MAILGUN_SIGNING_KEY:
        return None
    return {"webhook_signing_key": settings.MAILGUN_SIGNING_KEY, "webhook_secret": settings.MAIL_WEBHOOK_SECRETS}


def _ses_options() -> dict[str, Any] | None:
    # Confirming a subscription calls Amazon with our key; a person does it once, with the address in the log.
    secret = _secret()
    return secret | {"auto_confirm_sns_subscriptions": False} if secret else None


def _of_mailgun(post: Post) -> list[PostedMail]:
    at = _instant(post.fields.get("timestamp", b""))
    if "body-mime" not in post.fields:
        return [PostedMail(post.rebuilt_mail(), at)]
    return [PostedMail(with_envelope_sender(post.fields["body-mime"], _text(post.fields.get("sender"))), at)]


def _of_postmark(post: Post) -> list[PostedMail]:
    told = _json(post.body)
    raw = told.get("RawEmail")
    if not isinstance(raw, str):
        return [PostedMail(post.rebuilt_mail())]
    first: Any = next(iter(told.get("Headers") or []), {})
    named = isinstance(first, dict) and str(first.get("Name", "")).lower() == "return-path"
    sender = str(first.get("Value", "")).strip("<> ") if named else None
    return [PostedMail(with_envelope_sender(raw.encode("utf-8", "replace"), sender))]


def _of_sendgrid(post: Post) -> list[PostedMail]:
    if "email" not in post.fields:
        return [PostedMail(post.rebuilt_mail())]
    try:
        envelope = json.loads(post.fields.get("envelope", b"{}"))
    except ValueError:
        envelope = {}
    sender = envelope.get("from") if isinstance(envelope, dict) else None
    return [PostedMail(with_envelope_sender(post.fields["email"], sender if isinstance(sender, str) else None))]


def _of_ses(post: Post) -> list[PostedMail]:
    """What SNS posts: the message itself, or (mails beyond 150 kB) where in S3 it lies."""
    notice = _json(post.body)
    if notice.get("Type") == "SubscriptionConfirmation":
        log.warning("Amazon asks whether to post mail here. If that is meant, open %s", notice.get("SubscribeURL"))
    if notice.get("Type") != "Notification":
        return []
    event = _json(str(notice.get("Message", "")).encode())
    if event.get("notificationType") != "Received":
        raise Malformed("not a notice about a received mail")
    mail, receipt = event.get("mail") or {}, event.get("receipt") or {}
    raw = _ses_content(event, receipt.get("action") or {}, post.view)
    stamp = str(mail.get("timestamp", ""))
    sender = mail.get("source")
    return [PostedMail(with_envelope_sender(raw, sender if isinstance(sender, str) else None), _parsed(stamp))]


def _ses_content(event: dict[str, Any], action: dict[str, Any], view: Any) -> bytes:
    if action.get("type") == "S3":
        return _fetched(view.fetch_s3_chunks(str(action.get("bucketName")), str(action.get("objectKey"))))
    content = event.get("content")
    if action.get("type") != "SNS" or not isinstance(content, str):
        raise Malformed("neither the message nor where it lies: the receipt rule needs an SNS or S3 action")
    if action.get("encoding") != "BASE64":
        return content.encode("utf-8", "replace")
    try:
        return b64decode(content)
    except NotBase64 as error:
        raise Malformed(f"content: {error}") from error


def _fetched(chunks: Any) -> bytes:
    raw = bytearray()
    for chunk in chunks:
        raw += chunk
        if len(raw) > settings.MAIL_WEBHOOK_MB * 1024 * 1024:
            raise TooLarge
    return bytes(raw)


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from error
    if not isinstance(told, dict):
        raise Malformed("not a JSON object")
    return told


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


def _instant(seconds: bytes) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parsed(stamp: str) -> datetime | None:
    try:
        return parse_datetime(stamp)
    except ValueError:
        return None


PROVIDERS: dict[str, Provider] = {
    "mailgun": Provider("anymail.webhooks.mailgun.MailgunInboundWebhookView", _mailgun_options, _of_mailgun),
    "postmark": Provider("anymail.webhooks.postmark.PostmarkInboundWebhookView", _secret, _of_postmark),
    "sendgrid": Provider("anymail.webhooks.sendgrid.SendGridInboundWebhookView", _secret, _of_sendgrid),
    "amazon_ses": Provider("anymail.webhooks.amazon_ses.AmazonSESInboundWebhookView", _ses_options, _of_ses),
}
