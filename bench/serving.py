"""What gunicorn serves while pages are measured: the desk itself, and beside it the floors it is held against.

The desk keeps its whole stack of middleware; in front of it stands only what counts queries and processor time. The
floors have Django's own sessions and log-in and nothing of ours, so that whatever our stack costs is seen in the ratio.
"""

import bench.production  # noqa: I001 - before anything is loaded

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse

import bench.django_ready  # noqa: F401 - sets Django up

FLOOR = "/bench-floor/"
# Whoever is logged in is asked after on every page; it is no figure of a report.
NO_FIGURE = re.compile(r'"(django_session|accounts_\w+|auth_\w+|mfa_\w+)"')


class Counting:
    """Says in headers how many queries an answer took and how long its thread worked; writes down the SQL if asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked: list[str] = []
        wants_sql = request.headers.get("X-Bench-Sql", "")

        def count(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
            answer = execute(sql, parameters, many, context)
            asked.append(_whole(context["cursor"], sql, parameters) if wants_sql else "")
            return answer

        began = time.thread_time()
        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response["X-Bench-Queries"] = str(len(asked))
        response["X-Bench-Cpu"] = f"{1000 * (time.thread_time() - began):.3f}"
        if wants_sql:
            figures = json.dumps([sql for sql in asked if _is_figure(sql)])
            Path(os.environ["BENCH_SQL"]).write_text(figures, encoding="utf-8")
        return response


def _whole(cursor: Any, sql: str, parameters: Any) -> str:
    return connection.ops.last_executed_query(cursor, sql, parameters) or ""


def _is_figure(sql: str) -> bool:
    reads = sql.lstrip("( \n").upper().startswith(("SELECT", "WITH")) and "FOR UPDATE" not in sql
    return reads and not NO_FIGURE.search(sql.partition("WHERE")[0])


def _handler(*middleware: str, sessions: str = settings.SESSION_ENGINE) -> WSGIHandler:
    before = settings.MIDDLEWARE, settings.SESSION_ENGINE
    settings.MIDDLEWARE, settings.SESSION_ENGINE = ["bench.serving.Counting", *middleware], sessions
    try:  # not with Django's test tools: they would stay in the process whose memory is measured
        return WSGIHandler()
    finally:
        settings.MIDDLEWARE, settings.SESSION_ENGINE = before


class Floors:
    """Django with sessions and log-in alone; its addresses are those of bench.floors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = "bench.floors"
        return self.get_response(request)


desk = _handler(*settings.MIDDLEWARE)
floors = _handler(
    "bench.serving.Floors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    sessions="django.contrib.sessions.backends.db",
)


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """The floors below their own address, the desk at every other."""
    return (floors if environ["PATH_INFO"].startswith(FLOOR) else desk)(environ, start_response)
