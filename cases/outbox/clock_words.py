"""The warranty clock as a mail says it: the words of every other face, for whoever sent the case."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from cases.models import Case, CaseEvent
from products.coverage import Pause, clock
from products.explaining import Explained, audience_of, explainable, explained
from products.models import CoveredPart
from products.written_once import WrittenOnce


@dataclass(frozen=True)
class Homecoming:
    """Parts that came home with the same clock. `days` it stood still for this trip, None where nobody can tell yet;
    `through` is None while it still stands."""

    labels: tuple[str, ...]
    days: int | None
    through: date | None
    sentence: str


@dataclass(frozen=True)
class ClockTeller:
    """Tells the clocks of a case's parts to its sender, as of a day: all of what they bought, and of anybody else's
    purchase the cover alone. `own_parcels` are those of the case, whose numbers may be named. No query."""

    case: Case
    on: date
    own_parcels: Collection[int]

    def explained(self, part: CoveredPart) -> Explained:
        return explained(
            part,
            self.on,
            received_on=self.case.submitted_on,
            audience=audience_of(part, self.case.customer_id),
            own_parcels=self.own_parcels,
        )

    def sentence(self, part: CoveredPart) -> str:
        """Nothing for a part that is void: it keeps its dates (1.8), but to name them would promise what is over."""
        return "" if part.is_voided else self.explained(part).sentence

    def steps(self, part: CoveredPart) -> list[str]:
        """How its last day was counted, a line a step."""
        return [] if part.is_voided else [step.text for step in self.explained(part).steps]


def clock_teller(case: Case, on: date) -> ClockTeller:
    """One query."""
    return ClockTeller(case, on, frozenset(key for (key,) in _SHIPMENTS.ask(case=case.pk).rows()))


def _shipments(case: int) -> QuerySet[CaseEvent, Any]:
    told = CaseEvent.objects.filter(case=case, kind=CaseEvent.Kind.SHIPMENT, data__has_key="shipment")
    return told.order_by().values_list("data__shipment")


_SHIPMENTS = WrittenOnce(_shipments, case=int)


def homecomings(teller: ClockTeller, claimed: Sequence[CoveredPart]) -> list[Homecoming]:
    """What a return means for the parts claimed, and for the other parts of the product that travelled with them.

    A void part is not among them: its cover is over, whatever its clock says.
    """
    groups: dict[tuple[int | None, date | None, str], list[str]] = {}
    for part in [*claimed, *_companions(claimed)]:
        if part.is_voided:
            continue
        told = teller.explained(part)
        known = (days_of_last_trip(part, teller.on), told.clock.covered_through, told.sentence)
        groups.setdefault(known, []).append(part.label)
    return [Homecoming(tuple(labels), *known) for known, labels in groups.items()]


def _companions(claimed: Sequence[CoveredPart]) -> list[CoveredPart]:
    """Parts of the same product that came home on the same day."""
    back = [window.back_on for part in claimed for window in part.pauses.all() if window.back_on]
    if not back:
        return []
    others = CoveredPart.objects.filter(unit__in={part.unit_id for part in claimed}, pauses__back_on=max(back))
    others = others.exclude(pk__in=[part.pk for part in claimed]).distinct()
    return list(explainable(others).order_by("position"))


def days_of_last_trip(part: CoveredPart, on: date) -> int | None:
    """Days the latest absence won for the part; 0 where it was never away, None while it still is."""
    windows = sorted((Pause(one.left_on, one.back_on) for one in part.pauses.all()), key=lambda one: one.left_on)
    if not windows:
        return 0
    won = [clock(part.starts_on, part.term_months, some, on).extended_days for some in (windows, windows[:-1])]
    return None if won[0] is None or won[1] is None else won[0] - won[1]


def dates_digest(groups: Sequence[Homecoming]) -> str:
    """Tells one set of last days from another."""
    text = ";".join(f"{','.join(group.labels)}={group.through}" for group in groups)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
