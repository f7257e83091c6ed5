"""The names behind everything that can be chosen in the queue: one query, however many kinds of things."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from cases.models import QueueView, Tag
from products.models import Product
from products.written_once import WrittenOnce
from warrantydesk.staff.filters import Filters


@dataclass
class Choices:
    """Each by id, in the order of their names. `views` are the person's own; a view's `note` is its address."""

    people: dict[int, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    products: dict[int, str] = field(default_factory=dict)
    views: dict[int, tuple[str, str]] = field(default_factory=dict)


def colleagues() -> QuerySet[Any]:
    """Everybody a case can be given to."""
    return get_user_model().objects.filter(is_active=True, is_staff=True).order_by("name")


def choices_for(user: Any, filters: Filters, *, all_products: bool) -> Choices:
    """Colleagues, tags, the person's own views; of the products those filtered by, or with `all_products` all."""
    wanted = _wanted(filters, all_products)
    rows = _WITHOUT_PRODUCTS.ask(user=user.pk).rows() if wanted is None else _everything(user.pk, wanted)
    found = Choices()
    for kind, pk, label, note in sorted(rows, key=lambda row: (row[2].casefold(), row[1])):
        if kind == "view":
            found.views[pk] = (label, note)
        else:
            {"person": found.people, "tag": found.tags, "product": found.products}[kind][pk] = label
    return found


def _wanted(filters: Filters, everything: bool) -> Q | None:
    """Which products; None for none."""
    chosen = [pk for pk in (filters.product, filters.part) if pk]
    return Q() if everything else Q(pk__in=chosen) if chosen else None


def _everything(user: int, products: Q | None = None) -> Any:
    kinds = [
        _rows("tag", Tag.objects.all(), "name"),
        _rows("view", QueueView.objects.filter(owner=user), "name", "asked"),
    ]
    if products is not None:
        kinds.append(_rows("product", Product.objects.filter(products), "name"))
    people = _rows("person", colleagues(), Coalesce(NullIf("name", Value("")), "email"))
    return people.union(*kinds, all=True)


def _rows(kind: str, rows: QuerySet[Any], label: Any, note: Any = None) -> Any:
    columns = {
        "row_kind": Value(kind, output_field=CharField()),
        "row_label": _text(label),
        "row_note": _text(note) if note else Value("", output_field=CharField()),
    }
    return rows.order_by().annotate(**columns).values_list("row_kind", "pk", "row_label", "row_note")


def _text(column: Any) -> Any:
    return Coalesce(column, Value(""), output_field=CharField())


_WITHOUT_PRODUCTS = WrittenOnce(_everything, user=int)
