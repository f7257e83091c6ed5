"""Counting response clocks anew, after the desk's calendar changed or rows came in by another door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from cases.models import Case
from cases.models.case import OPEN_STATES
from cases.services._response import response_clock_of, write_response_clock
from cases.services._transition import locked_case

__all__ = ["Recounted", "recount_response_clocks", "response_clock_of"]


@dataclass(frozen=True, slots=True)
class Recounted:
    """A case looked at, and whether what was stored was something else."""

    reference: str
    changed: bool


def recount_response_clocks(*, keep: bool = True) -> Iterator[Recounted]:
    """Every case whose response clock may run or be read, counted anew. Without `keep` nothing is written.

    Each by itself, under its lock: the desk works on meanwhile, and may be stopped at any moment and run again.
    """
    living = Case.objects.filter(Q(state__in=OPEN_STATES) | Q(due_at__isnull=False) | Q(waiting_since__isnull=False))
    for case_id in living.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000):
        yield _recount(case_id, keep=keep)


@transaction.atomic
def _recount(case_id: int, *, keep: bool) -> Recounted:
    case = locked_case(case_id)
    changed = write_response_clock(case)
    if not keep:
        transaction.set_rollback(True)
    return Recounted(case.reference, changed)
