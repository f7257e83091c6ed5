"""Of ledger rows that are alike one is made, with their sum: every change adds rows, and only this takes them away.

Nothing that is asked of a ledger changes by it. Without it a page would read every change there ever was of its days.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min, Sum, Window

from warrantydesk.reports.counting.ledgers import AT_ONCE, LEDGERS, Ledger
from warrantydesk.reports.counting.turns import take_turn


def fold_ledgers() -> int:
    """Every ledger, each in a turn of its own; how many rows went."""
    return sum(map(fold, LEDGERS))


def fold(ledger: Ledger) -> int:
    """How many rows of this ledger went. What adds up to nothing goes whole."""
    rows: Any = ledger.model._default_manager.order_by()
    with transaction.atomic():
        take_turn()
        first = Window(Min("pk"), partition_by=[F(name) for name in ledger.keys])
        doomed = list(rows.annotate(first=first).filter(pk__gt=F("first")).values_list("pk", flat=True))
        sums = {f"s_{name}": Sum(name) for name in ledger.sums}
        alike = rows.values_list(*ledger.keys).annotate(first=Min("pk"), n=Count("pk"), **sums).filter(n__gt=1)
        kept = {row[-len(sums) - 2]: tuple(map(int, row[-len(sums) :])) for row in alike}
        doomed += [key for key, numbers in kept.items() if not any(numbers)]
        made = [ledger.model(pk=key, **dict(zip(ledger.sums, numbers, strict=True))) for key, numbers in kept.items()]
        rows.bulk_update(made, ledger.sums, batch_size=AT_ONCE)
        _delete(rows, doomed)
    return len(doomed)


def _delete(rows: Any, keys: Sequence[int]) -> None:
    for place in range(0, len(keys), AT_ONCE):
        rows.filter(pk__in=keys[place : place + AT_ONCE]).delete()
