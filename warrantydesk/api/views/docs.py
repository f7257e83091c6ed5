"""The schema, and a page made of it: no script, no request to anywhere else."""

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from warrantydesk.api.scopes import SCOPES

METHODS = ("get", "post")


@cache
def schema() -> dict[str, Any]:
    from warrantydesk.api.schema import Generator

    found: dict[str, Any] = Generator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # an untyped library
    # What is on the page must be JSON: the generator leaves lazy texts and the like.
    written: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return written


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The whole API as OpenAPI 3.1. Anybody may read how it is spoken to."""
    return HttpResponse(json.dumps(schema(), indent=1), content_type="application/json")


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    operations = [
        _operation(path, method, operation)
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    context = {"operations": operations, "scopes": [(name, says) for name, (_permission, says) in SCOPES.items()]}
    return render(request, "api/docs.html", context)


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method.upper(),
        "summary": operation.get("summary", ""),
        "parameters": [
            {**one, "type": one.get("schema", {}).get("type", "")} for one in operation.get("parameters", [])
        ],
        "bodies": [(media, list(_fields(one.get("schema", {})))) for media, one in body.items()],
        "answers": [
            (code, answer.get("description", ""), _shape(answer)) for code, answer in operation["responses"].items()
        ],
    }


def _shape(answer: dict[str, Any]) -> str:
    content: dict[str, Any] = next(iter(answer.get("content", {}).values()), {})
    return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]


def _fields(found: dict[str, Any]) -> Any:
    if "$ref" in found:
        found = schema()["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    needed = found.get("required", [])
    for name, one in found.get("properties", {}).items():
        inner = one.get("items", one)
        kind = one.get("type") or str(inner.get("$ref", "")).rpartition("/")[2]
        yield {"name": name, "type": kind, "needed": name in needed, "says": one.get("description", "")}
