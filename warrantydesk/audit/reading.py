"""Entries as people read them: names beside numbers, each kind of name fetched once a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case
from warrantydesk.audit.models import AuditEntry
from warrantydesk.audit.verbs import words_of

PAGE_SIZE = 50
# Where one looks at an object of this kind: a page of the admin, by the name of its model.
PAGES = {
    "part": "products_coveredpart", "invoice": "products_invoice", "user": "accounts_user", "token": "api_apitoken",
    "customer": "products_customer", "pause": "products_pausewindow", "mail": "intake_incomingmail",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`facts` as (name, value) in words of one line."""

    entry: AuditEntry
    who: str
    what: str
    about: str
    url: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """`before` is where the next page begins; empty on the last one."""

    rows: list[Row]
    before: str
    is_first: bool


def page_of(entries: QuerySet[AuditEntry], before: str) -> Page:
    """Fifty entries below the place `before`. Four queries, however many rows."""
    place = _place(before)
    if place:
        at, key = place
        entries = entries.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=key))
    found = list(entries[: PAGE_SIZE + 1])
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    return Page(told(found[:PAGE_SIZE]), f"{last.at.isoformat()}~{last.pk}" if last else "", place is None)


def _place(written: str) -> tuple[dt.datetime, int] | None:
    at, mark, key = written.partition("~")
    try:
        place = dt.datetime.fromisoformat(at), int(key)
    except ValueError:
        return None
    return place if mark and place[0].utcoffset() is not None and 0 < place[1] < 2**63 else None


def told(entries: Sequence[AuditEntry]) -> list[Row]:
    people, cases = _names(entries), _references(entries)
    return [
        Row(entry, _who(entry, people), words_of(entry.verb), *_about(entry, people, cases), list(_facts(entry.facts)))
        for entry in entries
    ]


def in_chunks(entries: QuerySet[AuditEntry], size: int = 1000) -> Iterator[Row]:
    """All of them, in constant memory."""
    chunk: list[AuditEntry] = []
    for entry in entries.iterator(chunk_size=size):
        chunk.append(entry)
        if len(chunk) == size:
            yield from told(chunk)
            chunk = []
    yield from told(chunk)


def _names(entries: Iterable[AuditEntry]) -> dict[int, str]:
    wanted = {one.person for one in entries} | {one.object_id for one in entries if one.kind == "user"}
    people: Any = get_user_model()
    return {one.pk: str(one) for one in people.objects.filter(pk__in=wanted - {None})}


def _references(entries: Iterable[AuditEntry]) -> dict[int, str]:
    wanted = {one.object_id for one in entries if one.kind == "case" and one.object_id is not None}
    return dict(Case.objects.filter(pk__in=wanted).values_list("pk", "reference"))


def _who(entry: AuditEntry, people: Mapping[int, str]) -> str:
    if entry.who == AuditEntry.Who.CUSTOMER:
        return _("The customer")
    if entry.person is not None:
        return people.get(entry.person, _("account %(n)d") % {"n": entry.person})
    return _("Nobody we know") if entry.who == AuditEntry.Who.NOBODY else _("The desk itself")


def _about(entry: AuditEntry, people: Mapping[int, str], cases: Mapping[int, str]) -> tuple[str, str]:
    """Its name and its page; of what is gone, and of what has no page, the kind and the number."""
    kind, key = entry.kind, entry.object_id
    if key is None:  # of many, or of nobody we know
        return ("" if kind == "user" else kind), ""
    if kind == "case" and key in cases:
        return cases[key], reverse("staff:case", args=[cases[key]])
    words = f"{kind} {key}"
    if kind == "user" and key in people:
        words = people[key]
    return words, reverse(f"admin:{PAGES[kind]}_change", args=[key]) if kind in PAGES else ""


def may_open(user: Any) -> set[str]:
    """The kinds whose pages in the admin this person may look at."""

    def permitted(name: str) -> bool:
        app, model = name.split("_")
        return bool(user.has_perm(f"{app}.view_{apps.get_model(app, model)._meta.model_name}"))

    return {kind for kind, name in PAGES.items() if permitted(name)}


def _facts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was and what is side by side, the rest as it is; what says nothing is left out."""
    pairs = {"before": "after", "from": "to"}
    seconds = {second for first, second in pairs.items() if first in facts}
    for name, value in facts.items():
        second = pairs.get(name)
        if second is not None and second in facts:
            yield from _moved(value, facts[second], _("state") if name == "from" else _("day"))
        elif name not in seconds and value is not None and value not in ("", [], {}):
            yield _readable(name), _value(value)


def _moved(before: Any, after: Any, what: str) -> Iterator[tuple[str, str]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            yield _readable(name), f"{_value(before.get(name))} → {_value(after.get(name))}"
    else:
        yield what, f"{_value(before)} → {_value(after)}"


def _readable(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {words}" for name, words in _facts(value))
    if isinstance(value, list):
        return (
            "; ".join(map(_value, value))
            if any(isinstance(one, Mapping) for one in value)
            else ", ".join(map(_value, value))
        )
    return str(value)
