"""Private links never reach a log: whatever a log line says of /status/<token>/, the token is taken out of it.

A token is all it takes to open a case, logs are read by many and kept for long. The names of our own pages under
/status/ are shorter than any token and stay readable.
"""

import logging
import re

HIDDEN = "[private]"
_TOKEN = re.compile(r"""(/status/+)[^/?"'<>]{16,}""", re.IGNORECASE)
# Loggers whose handlers are not ours to configure: the development server's, gunicorn's, and Django's own for errors.
LOGGERS = ("django.request", "django.security.csrf", "django.server", "gunicorn.access", "gunicorn.error")


def hide_tokens(text: str) -> str:
    """The text with every private link in it made unusable."""
    return _TOKEN.sub(rf"\1{HIDDEN}", text)


class HideTokens(logging.Filter):
    """Takes the tokens out of a record; the record itself always passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = hide_tokens(said)
        if hidden != said:
            record.msg, record.args = hidden, None
        return True


def hide_tokens_in_logs() -> None:
    """Put the filter on the loggers whose handlers others set up. Asking twice adds it once."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, HideTokens) for one in logger.filters):
            logger.addFilter(HideTokens())
