"""Every address there is, read from the URLconf: its name, its route, and the parts it wants filled in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from cases.rules.lifecycle import TRANSITIONS


@dataclass(frozen=True)
class Address:
    """`name` is what a row of the table calls it; `route` is the whole pattern; `fixed` parts the name stands for."""

    name: str
    route: str
    fixed: tuple[tuple[str, str], ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(re.findall(r"<(?:\w+:)?(\w+)>", self.route))

    def url(self, known: dict[str, object]) -> str:
        """The address with its parts filled in. What a pattern asks for beyond its parts is left away."""
        values = {**known, **dict(self.fixed)}
        filled = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda part: str(values[part[1]]), self.route)
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(values[part[1]]), filled)
        return "/" + re.sub(r"[\^$]|/\?", "", filled)


def every_address() -> list[Address]:
    found = [one for address in _walk(get_resolver()) for one in _verbs_of(address)]
    return [*found, *_actions()]


def _walk(resolver: URLResolver, names: tuple[str, ...] = (), route: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        whole = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, (*names, pattern.namespace) if pattern.namespace else names, whole)
        elif isinstance(pattern, URLPattern):
            yield Address(":".join((*names, pattern.name)) if pattern.name else f"/{whole}", whole)


def _verbs_of(address: Address) -> Iterator[Address]:
    """An address that takes the name of a verb is one address for each of them."""
    if not address.name.startswith("admin:") or "name" not in address.parts:
        yield address
        return
    model = address.name.removeprefix("admin:").rpartition("_")[0]
    known = next(one for one in admin.site._registry.values() if one.opts.label_lower.replace(".", "_") == model)
    verbs: Any = [verb.name for verb in getattr(known, "verbs", ())] or list(TRANSITIONS)
    for name in verbs:
        yield Address(f"{address.name}[{name}]", address.route, (("name", name),))


def _actions() -> Iterator[Address]:
    for model, known in admin.site._registry.items():
        names = known._get_base_actions()
        for _function, name, _words in names:
            yield Address(f"admin:{model._meta.app_label}_{model._meta.model_name}!{name}", "")
