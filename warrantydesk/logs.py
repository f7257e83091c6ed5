"""What a log line may say: which request and which case, never who. One JSON object a line, or a plain line.

Both kinds of loggers end in `formatters`: structlog's (the requests) and the standard library's (everything else).
"""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

from warrantydesk.portal.redaction import hide_tokens

Event = MutableMapping[str, Any]
PERSONAL = ("ip", "user_agent")
HIDDEN_ADDRESS = "[address]"
_ADDRESS = re.compile(r"[\w.+%'-]+(?:@|%40|=40)[\w-]+(?:\.[\w-]+)+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}|\bwd_[\w-]{12,}")
_QUESTION = re.compile(r"\?\w[^\s'\"<>]*")  # what somebody searched for is often a name


def impersonal(text: str) -> str:
    """The text without tokens, keys, addresses, and what was asked for behind a `?`."""
    return _QUESTION.sub("?…", _BEARER.sub("[key]", _ADDRESS.sub(HIDDEN_ADDRESS, hide_tokens(text))))


def without_people(_logger: Any, _name: str, event: Event) -> Event:
    """structlog's processor: no address, no name of a browser, no token leaves in a line."""
    for name in PERSONAL:
        event.pop(name, None)
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = impersonal(value)
    return event


BEFORE: list[Any] = [
    structlog.contextvars.merge_contextvars,  # request_id, case, and in a worker the task
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatters() -> dict[str, Any]:
    """For settings.LOGGING: `line` for people, `json` for machines."""

    def of(renderer: Any) -> dict[str, Any]:
        # The traceback becomes words before people are taken out of them; a renderer's own would show variables.
        steps = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info]
        processors = [*steps, without_people, renderer]
        return {"()": structlog.stdlib.ProcessorFormatter, "processors": processors, "foreign_pre_chain": BEFORE}

    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    return {"line": of(plain), "json": of(structlog.processors.JSONRenderer(ensure_ascii=False))}


def configure() -> None:
    """structlog hands everything to the standard library, whose one handler writes it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *BEFORE,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def about_case(reference: str) -> None:
    """Whatever is logged from here to the end of the request or task is about this case."""
    structlog.contextvars.bind_contextvars(case=reference)
