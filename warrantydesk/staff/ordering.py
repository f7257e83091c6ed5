"""The orders of the queue. Each is one index read in either direction, whatever the filters."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case


@dataclass(frozen=True)
class Order:
    """`key` is a column of the case, or its alias `due_key`; rows of the same key follow each other by id."""

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

    def key_of(self, case: Case) -> datetime:
        return getattr(case, self.key)


ORDERS = {
    order.code: order
    for order in (
        Order("changed", _("Newest change first"), "changed_at", descending=True),
        Order("unchanged", _("Longest unchanged first"), "changed_at", descending=False),
        Order("due", _("Due first"), "due_key", descending=False),
        Order("oldest", _("Oldest request first"), "received_at", descending=False),
        Order("newest", _("Newest request first"), "received_at", descending=True),
    )
}
