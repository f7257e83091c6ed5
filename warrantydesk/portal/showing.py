"""A page of the portal as an answer. Every one of them may name the maker and the mailbox one can write to instead."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

NOT_FOUND, UNPROCESSABLE, TOO_MANY = 404, 422, 429


def show(request: HttpRequest, page: str, known: Mapping[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """`templates/portal/<page>.html` with what is `known` of it."""
    everywhere = {"maker": settings.MAKER_NAME, "mailbox": settings.WARRANTY_ADDRESS}
    return render(request, f"portal/{page}.html", {**everywhere, **(known or {})}, status=status)
