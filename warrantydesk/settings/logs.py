"""The log on standard error, and where errors are reported."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from warrantydesk import env, logs, sentry
from warrantydesk.settings.place import DEBUG, SITE_URL

LOG_LEVEL = env.text("LOG_LEVEL", "INFO", "Level of the log on standard error.").upper()
LOG_FORMAT = env.text(
    "LOG_FORMAT",
    "line" if DEBUG else "json",
    "How the log is written: `json` for machines, `line` for people. Neither says who: no address, no token.",
    shown_default="json with DEBUG off, else line",
).lower()
if LOG_FORMAT not in ("json", "line"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}: say json or line.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": logs.formatters(),
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # A sweep that finds nothing is no news, nor is that its task began and ended.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat", "django_structlog.celery")
    },
}
logs.configure()
DJANGO_STRUCTLOG_CELERY_ENABLED = True  # a task's lines carry the id of the request that asked for it
SENTRY_DSN = env.text("SENTRY_DSN", "", "Where errors are reported (Sentry), without anything about a person.")
if SENTRY_DSN:
    sentry.begin(SENTRY_DSN, urlsplit(SITE_URL).hostname or "")
