"""Which ledger of runs knows all that narrows a report, and what it calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from products.written_once import WrittenOnce
from warrantydesk.reports.asked import PART, Asked
from warrantydesk.reports.counting.ledgers import NARROWED_BY, NARROWED_RUNS
from warrantydesk.reports.models import CountingMark
from warrantydesk.reports.tallies import NarrowedRunTally, RunTally, of_filter


@dataclass(frozen=True)
class Told:
    """Runs a ledger has by themselves: all of them, or those of one choice of one filter.

    `known` is what their rows of the ledger have in common, as SQL. Where it sums their lengths, too, the spreads of
    whole weeks are kept.
    """

    filter: str = ""
    value: Any = None
    is_kept: bool = True

    @property
    def of(self) -> str:
        return of_filter(self.filter, self.value) if self.filter else ""

    @property
    def ledger(self) -> Any:
        return NarrowedRunTally if self.filter and self.is_kept else RunTally

    @property
    def known(self) -> str:
        if self.ledger is NarrowedRunTally:
            return "tally.of = %(of)s"
        return "tally.part = %(value)s" if self.filter else "tally.part IS NULL"


EVERYTHING = Told()
_READY = WrittenOnce(lambda name: CountingMark.objects.filter(name=name).values_list("pk"), name=str)


def told_of(asked: Asked) -> Told | None:
    """None where no ledger knows it."""
    if not asked.filters:
        return EVERYTHING
    (name, value), *others = asked.filters.items()
    if others or name not in {*NARROWED_BY, PART}:
        return None
    if _READY.ask(name=NARROWED_RUNS.name).rows():
        return Told(name, value)
    return Told(name, value, is_kept=False) if name == PART else None
