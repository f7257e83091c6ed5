"""The orders of the queue. Each is one index read in either direction, whatever the filters."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.case import due_first

DUE = "due_key"


@dataclass(frozen=True)
class Order:
    """`key` is a column of the case, or `due_key` for what is due; rows of the same key follow each other by id."""

    code: str
    label: Promise
    key: str
    descending: bool

    @property
    def columns(self) -> tuple[str, str]:
        return (f"-{self.key}", "-pk") if self.descending else (self.key, "pk")

    @property
    def backwards(self) -> tuple[str, str]:
        return (self.key, "pk") if self.descending else (f"-{self.key}", "-pk")

    def named(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """The cases with the key by that name, where it is no column of theirs."""
        return cases.annotate(due_key=due_first()) if self.key == DUE else cases


ORDERS = {
    order.code: order
    for order in (
        Order("changed", _("Newest change first"), "changed_at", descending=True),
        Order("unchanged", _("Longest unchanged first"), "changed_at", descending=False),
        Order("due", _("Due first"), DUE, descending=False),
        Order("oldest", _("Oldest request first"), "received_at", descending=False),
        Order("newest", _("Newest request first"), "received_at", descending=True),
    )
}
