"""How an operation is described, so that no answer it gives is undocumented."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from warrantydesk.api.idempotency import HEADER
from warrantydesk.api.preconditions import HEADER as IF_MATCH
from warrantydesk.api.problems import CONTENT_TYPE
from warrantydesk.api.shapes.errors import Problem

ALWAYS = {
    401: "No token, or one that is not valid.",
    403: "The token lacks the scope, or its account the permission.",
    406: "JSON is the only answer there is.",
    429: "Too many calls: `Retry-After` says when to go on.",
}
READS = {**ALWAYS, 400: "A parameter is not as it must be.", 404: "There is no such thing for this token."}
WRITES = {
    **READS,
    409: "It contradicts what is stored, has happened already, or is on its way under this key.",
    413: "The request is too large.",
    415: "Send JSON, or a form where one is described.",
    422: "The rules do not allow it: `unmet` or `field` says what stands in the way.",
}
CHANGES = {
    412: "It has changed since the state `If-Match` names.",
    428: "`If-Match` is missing.",
}
KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="Done once under this key, and answered alike for two days."
)
SEEN = OpenApiParameter(
    IF_MATCH, str, OpenApiParameter.HEADER, required=True,
    description="The ETag of the state that was seen, or `*`.",
)  # fmt: skip

_WAITING: list[tuple[Any, dict[str, Any]]] = []
_describing = threading.Lock()


def describe_operations() -> None:
    """Hand what was said of every operation to drf-spectacular. Not before the schema is made: what the library loads
    for it (Django's test client among it) would stay in every process, and few are ever asked for a schema."""
    with _describing:
        for method, said in _WAITING:
            extend_schema(**said)(method)
        _WAITING.clear()


def _described(**said: Any) -> Callable[[Any], Any]:
    def keep(method: Any) -> Any:
        _WAITING.append((method, said))
        return method

    return keep


def reads(answer: Any, *, query: Any = None, summary: str) -> Callable[[Any], Any]:
    return _described(
        summary=summary,
        description=summary,
        parameters=[query] if query is not None else [],
        responses={
            200: answer,
            304: OpenApiResponse(description="As before (`If-None-Match`)."),
            **_problems(READS),
        },
    )


def writes(answers: Mapping[int, Any], *, request: Any, summary: str) -> Callable[[Any], Any]:
    """Something is added."""
    return _writes(answers, request, summary, [KEY], WRITES)


def changes(answers: Mapping[int, Any], *, request: Any, summary: str, tag_of: str) -> Callable[[Any], Any]:
    """Something that has an ETag becomes another: `If-Match` names the state of `tag_of` that was seen."""
    said = f"{summary}. `If-Match` takes the ETag of {tag_of}; the answer has its new one."
    return _writes(answers, request, summary, [KEY, SEEN], {**WRITES, **CHANGES}, said)


def _writes(
    answers: Mapping[int, Any],
    request: Any,
    summary: str,
    parameters: list[Any],
    problems: Mapping[int, str],
    description: str = "",
) -> Callable[[Any], Any]:
    return _described(
        summary=summary,
        description=description or summary,
        request=request,
        parameters=parameters,
        responses={**answers, **_problems(problems)},
    )


def _problems(said: Mapping[int, str]) -> dict[Any, Any]:
    return {(code, CONTENT_TYPE): OpenApiResponse(response=Problem, description=words) for code, words in said.items()}
