"""Keyset paging: a page costs the same however far down it lies, and new rows never shift it."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from rest_framework import serializers

MOST = 200
LARGEST_KEY = 2**63 - 1


class PageQuery(serializers.Serializer):
    """`after` is the `id` of the last row of the page before; `next` of a page holds the whole address."""

    after = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_KEY)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST, default=50)


def page_of(request: Any, rows: QuerySet[Any], query: dict[str, Any]) -> tuple[list[Any], str | None]:
    """The rows of this page, oldest first, and the address of the next one. One query."""
    if "after" in query:
        rows = rows.filter(pk__gt=query["after"])
    limit = query["limit"]
    found = list(rows.order_by("pk")[: limit + 1])
    if len(found) <= limit:
        return found, None
    given = {name: value for name, value in request.query_params.items() if name not in ("after", "limit")}
    address = f"{request.path}?{urlencode({**given, 'after': found[limit - 1].pk, 'limit': limit})}"
    return found[:limit], request.build_absolute_uri(address)
