"""Rows and the many rows beside each of them, in ONE query: a left join, taken apart again.

What `prefetch_related` asks one query more for each, this reads along: for the few rows of one case that is quicker.
A row read along has only the columns that are named; any other is fetched when somebody asks for it, as ever.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.db.models import F, Model, QuerySet
from django.db.models.constants import LOOKUP_SEP


@dataclass(frozen=True)
class Many:
    """The rows of `relation` of what `holder` leads to ("": the row itself), `columns` of each, the key always, in the
    order of some of them. `one` is a row that each of them leads to; `unread` are people nobody asks after."""

    model: type[Model]
    relation: str
    columns: Sequence[str]
    holder: str = ""
    order: Sequence[str] = ()
    one: tuple[str, Sequence[str]] = ("", ())
    unread: Sequence[str] = ()

    @property
    def path(self) -> str:
        return LOOKUP_SEP.join(filter(None, [*self.holder.split("."), self.relation]))

    @cached_property
    def read(self) -> list[str]:
        """Columns in the order of the model, as `from_db` wants them."""
        return _in_order(self.model, self.columns)

    @cached_property
    def one_read(self) -> list[str]:
        return _in_order(self.model._meta.get_field(self.one[0]).related_model, self.one[1]) if self.one[0] else []

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Name of the annotation → where it comes from."""
        names = [*self.read, *(f"{self.one[0]}{LOOKUP_SEP}{name}" for name in self.one_read)]
        return {self._alias(name): f"{self.path}{LOOKUP_SEP}{name}" for name in names}

    @property
    def ordered_by(self) -> list[str]:
        # By what is read anyhow: a path would be followed anew for each case.
        return [self._alias(name) for name in (*self.order, self.read[0])]

    def _alias(self, name: str) -> str:
        return f"{self.path}_{name}".replace(LOOKUP_SEP, "_to_")

    @cached_property
    def values_of(self) -> Any:
        return attrgetter(*self.aliases)

    def make(self, database: str, values: Sequence[Any]) -> Model:
        row = self.model.from_db(database, self.read, values[: len(self.read)])
        if self.one[0]:
            related: Any = self.model._meta.get_field(self.one[0]).related_model
            setattr(row, self.one[0], related.from_db(database, self.one_read, values[len(self.read) :]))
        for name in self.unread:
            setattr(row, name, None)
        return row


def joined(rows: QuerySet[Any], *many: Many) -> QuerySet[Any]:
    """These rows with all that `many` reads along, each as often as it has rows beside it: for `apart`."""
    aliases = {alias: F(source) for one in many for alias, source in one.aliases.items()}
    order = [alias for one in many for alias in one.ordered_by]
    return rows.annotate(**aliases).order_by(*rows.query.order_by, *order)


def apart(rows: Iterable[Any], *many: Many) -> list[Any]:
    """Each row once, with the rows beside it where `prefetch_related` would have put them."""
    found: dict[Any, Any] = {}
    beside: dict[tuple[Any, int], dict[Any, Model]] = {}
    for row in rows:
        found.setdefault(row.pk, row)
        for number, one in enumerate(many):
            kept = beside.setdefault((row.pk, number), {})
            values = one.values_of(row)
            if values[0] is not None and values[0] not in kept:
                kept[values[0]] = one.make(row._state.db, values)
    for (key, number), kept in beside.items():
        one = many[number]
        put_beside(attrgetter(one.holder)(found[key]) if one.holder else found[key], one.relation, kept.values())
    return list(found.values())


def put_beside(holder: Model, relation: str, rows: Iterable[Model]) -> None:
    """As Django's own prefetching does: `holder.relation.all()` asks no query, every other question is a fresh one.

    Each of the rows, which lead to their holder by a foreign key, knows this very one.
    """
    to_holder: Any = holder._meta.get_field(relation).remote_field
    read: Any = to_holder.model._default_manager.get_queryset()
    # What the manager of the relation asks, which Django too leaves unwritten until somebody asks; to have it made by
    # that manager, and copied, takes longer than to read the rows.
    read._deferred_filter = (False, (), {to_holder.name: holder})
    read._known_related_objects = {to_holder: {holder.pk: holder}}
    read._result_cache, read._prefetch_done = list(rows), True
    for row in read._result_cache:
        to_holder.set_cached_value(row, holder)
    holder.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = read


def _in_order(model: Any, columns: Sequence[str]) -> list[str]:
    wanted = {model._meta.pk.attname, *columns}
    return [field.attname for field in model._meta.concrete_fields if field.attname in wanted]
