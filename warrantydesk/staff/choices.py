"""What stands beside a page of the queue: the parts and tags of its cases, and the names of everything that can be
chosen. One query, however many kinds of things; one more for the products, where those can be chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, CharField, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from cases.models import Case, ClaimedPart, QueueView, Tag
from products.models import Product
from products.written_once import WrittenOnce

AT_ONCE = 25  # cases that one query reads what stands beside them for: as many as a page has
NO_CASE = 0  # no case has this key


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


def beside(user: Any, case_ids: Sequence[int], products: Q | None = None) -> Beside:
    """`products` says which of them are to be named, None that none is: one query more where some are."""
    found = Beside()
    for ids in _batches(case_ids) or [[]]:
        _take(found, _BESIDE.ask(user=user.pk, **_padded(ids)).rows())
    if products is not None:
        named = Product.objects.filter(products).order_by("name", "pk")
        found.choices.products = dict(named.values_list("pk", "name"))
    return found


def _take(found: Beside, rows: Iterable[tuple[Any, ...]]) -> None:
    choices, chosen = found.choices, []
    for kind, case_id, pk, label, note, product_id in sorted(rows, key=lambda row: row[1:3]):
        if kind == "part":
            place = f"{note}: " if note else ""
            found.parts.setdefault(case_id, []).append((product_id, f"{place}{label}"))
        elif kind == "tagged":
            found.tags.setdefault(case_id, []).append(label)
        else:
            chosen.append((label.casefold(), kind, pk, label, note))
    for _folded, kind, pk, label, note in sorted(chosen):
        if kind == "view":
            choices.views[pk] = (label, note)
        else:
            (choices.people if kind == "person" else choices.tags)[pk] = label


def _batches(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]


def _padded(ids: Sequence[int]) -> dict[str, int]:
    return {f"case_{place}": pk for place, pk in enumerate([*ids, *[NO_CASE] * (AT_ONCE - len(ids))])}


def _written(user: int, **case_ids: int) -> Any:
    ids = list(case_ids.values())
    parts = ClaimedPart.objects.filter(case__in=ids)
    tagged: Any = Case.tags.through._default_manager.filter(case__in=ids)
    name = Coalesce(NullIf("name", Value("")), "email")
    first, *others = (
        _rows("part", parts, "part__product__name", "part__place", of=("case_id", "part__product_id")),
        _rows("tagged", tagged, "tag__name", of=("case_id", "tag_id")),
        _rows("person", colleagues(), name),
        _rows("tag", Tag.objects.all(), "name"),
        _rows("view", QueueView.objects.filter(owner=user), "name", "asked"),
    )
    return first.union(*others, all=True)


def _rows(kind: str, rows: Any, label: Any, note: str = "", *, of: tuple[str, str] | None = None) -> Any:
    """(kind, case, id, label, note, product): `of` names the columns of case and product, where there are any."""
    none = Value(NO_CASE, output_field=BigIntegerField())
    case, product = of or (none, none)
    labels = (_text(label), _text(note) if note else Value("", output_field=CharField()))
    return rows.order_by().values_list(Value(kind, output_field=CharField()), case, "pk", *labels, product)


def _text(column: Any) -> Any:
    return Coalesce(column, Value(""), output_field=CharField())


_BESIDE = WrittenOnce(_written, user=int, **{f"case_{place}": int for place in range(AT_ONCE)})
