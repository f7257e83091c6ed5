"""Optional: errors to Sentry, or to what speaks its language (SENTRY_DSN; `pip install -r requirements-sentry.txt`).

Nothing about a person goes along: no addresses, cookies, bodies, or variables of the frames, and words are made
impersonal like those of the logs.
"""

from collections.abc import MutableMapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from warrantydesk.logs import impersonal

KEPT_OF_REQUEST = ("method", "url")


def begin(dsn: str, environment: str) -> None:
    """Report errors from here on. ImproperlyConfigured where the library is not installed."""
    try:
        import sentry_sdk
    except ImportError:
        raise ImproperlyConfigured("SENTRY_DSN is set, and requirements-sentry.txt is not installed.") from None
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=without_people,
    )


def without_people(event: MutableMapping[str, Any], _hint: Any) -> MutableMapping[str, Any]:
    """The event as it may leave the house."""
    for name in ("user", "extra", "breadcrumbs", "server_name"):
        event.pop(name, None)
    if "request" in event:
        event["request"] = {name: value for name, value in event["request"].items() if name in KEPT_OF_REQUEST}
    return _impersonal(event)


def _impersonal(told: Any) -> Any:
    if isinstance(told, str):
        return impersonal(told)
    if isinstance(told, MutableMapping):
        return {name: _impersonal(value) for name, value in told.items() if name != "vars"}
    return [_impersonal(one) for one in told] if isinstance(told, list | tuple) else told
