"""What stands beside a page of the queue: the parts and tags of its cases, and the names of everything that can be
chosen. One query, however many kinds of things; one more for the products, where all of them can be chosen."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from cases.models import Case, QueueView, Tag
from products.models import Product
from products.written_once import WrittenOnce
from warrantydesk.staff.filters import Filters

AT_ONCE = 25  # cases that one query reads what stands beside them for: as many as a page has
CASE_IDS = {f"case_{place}": int for place in range(AT_ONCE)}  # how such a query is told of them
NOTHING = 0  # no row has this key


@dataclass
class Choices:
    """Each by id, in the order of their names. `views` are the person's own: name and address."""

    people: dict[int, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    products: dict[int, str] = field(default_factory=dict)
    views: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Beside:
    """By the case: its claimed parts as (id of the product, label), and its tags, each in the order they came."""

    parts: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    tags: dict[int, list[str]] = field(default_factory=dict)
    choices: Choices = field(default_factory=Choices)


def colleagues() -> QuerySet[Any]:
    """Everybody a case can be given to."""
    return get_user_model().objects.filter(is_active=True, is_staff=True).order_by("name")


def beside(user: Any, case_ids: Sequence[int], filters: Filters, *, choosing: bool) -> Beside:
    """`choosing`: every product is named, one query more; or else those of the filters."""
    found, named = Beside(), {"product": int(filters.product or NOTHING), "part": int(filters.part or NOTHING)}
    for ids in at_once(case_ids or [NOTHING]):
        _take(found, _BESIDE.ask(user=user.pk, **named, **ids).rows())
    if choosing:
        found.choices.products = dict(Product.objects.order_by("name", "pk").values_list("pk", "name"))
    return found


def at_once(ids: Sequence[int]) -> Iterator[dict[str, int]]:
    """Ids for queries that take CASE_IDS, as many as such a query takes."""
    for start in range(0, len(ids), AT_ONCE):
        some = [*ids[start : start + AT_ONCE], *[NOTHING] * AT_ONCE][:AT_ONCE]
        yield dict(zip(CASE_IDS, some, strict=True))


def _take(found: Beside, rows: Iterable[tuple[Any, ...]]) -> None:
    """A case comes with each of its parts beside each of its tags: every part and every tag counts once."""
    choices, chosen, seen = found.choices, [], set()
    for kind, pk, part, label, note, product, tag, tag_name in sorted(rows, key=_in_order):
        if kind != "case":
            chosen.append((label.casefold(), kind, pk, label, note))
            continue
        if part and ("part", part) not in seen:
            found.parts.setdefault(pk, []).append((product, f"{note}: {label}" if note else label))
        if tag and (pk, tag) not in seen:
            found.tags.setdefault(pk, []).append(tag_name)
        seen |= {("part", part), (pk, tag)}
    for _folded, kind, pk, label, note in sorted(chosen):
        if kind == "view":
            choices.views[pk] = (label, note)
        else:
            {"person": choices.people, "tag": choices.tags, "product": choices.products}[kind][pk] = label


def _in_order(row: tuple[Any, ...]) -> tuple[int, int, int]:
    """Cases by their ids, their parts as they were claimed, their tags as they were made."""
    _kind, pk, part, _label, _note, _product, tag, _tag_name = row
    return pk, part or 0, tag or 0


def _written(user: int, product: int, part: int, **case_ids: int) -> Any:
    """(kind, id, part, label, note, product, tag, name of the tag). The ids of the cases stand in it once: what psycopg
    has read of a query it keeps for the next time only up to 50 parameters, and to read it anew takes longer than all
    the rest. So what has no part and no tag repeats what it has."""
    claims = "claimed_parts__part__"
    cases: Any = Case.objects.filter(pk__in=list(case_ids.values())).order_by()
    name = Coalesce(NullIf("name", Value("")), "email", output_field=CharField())
    return cases.values_list(
        _kind("case"), "pk", "claimed_parts__pk", f"{claims}product__name", f"{claims}place", f"{claims}product_id",
        "tags__pk", "tags__name",
    ).union(
        _named("person", colleagues(), name, name),
        _named("tag", Tag.objects.all(), "name", "name"),
        _named("view", QueueView.objects.filter(owner=user), "name", "asked"),
        _named("product", Product.objects.filter(pk__in=[product, part]), "name", "name"),
        all=True,
    )  # fmt: skip


def _named(kind: str, rows: Any, label: Any, note: Any) -> Any:
    return rows.order_by().values_list(_kind(kind), "pk", "pk", label, note, "pk", "pk", label)


def _kind(kind: str) -> Any:
    return Value(kind, output_field=CharField())


_BESIDE = WrittenOnce(_written, keep_plan=True, user=int, product=int, part=int, **CASE_IDS)
