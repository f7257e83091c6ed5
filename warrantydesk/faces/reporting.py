"""Reports for machines. The face that counts them says here what there is and how to ask; the API only passes it on.

So neither face knows the other (docs/decisions/0005).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from django.http import QueryDict


class Offered(NamedTuple):
    """One report there is; `filters` are the parameters it reads."""

    name: str
    title: str
    answers: str
    filters: tuple[str, ...]


class AskedError(Exception):
    """What was asked cannot be answered: each parameter with what is wrong with it."""

    def __init__(self, problems: Mapping[str, list[str]]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


class Source(Protocol):
    """`answer` counts the report `name` for the parameters of an address. AskedError where they are wrong."""

    def offered(self) -> list[Offered]: ...

    def answer(self, name: str, query: QueryDict) -> dict[str, Any]: ...


_sources: list[Source] = []


def register(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def offered() -> list[Offered]:
    return [one for source in _sources for one in source.offered()]


def answer(name: str, query: QueryDict) -> dict[str, Any] | None:
    """The report as plain values; None where there is none of this name."""
    for source in _sources:
        if any(one.name == name for one in source.offered()):
            return source.answer(name, query)
    return None
