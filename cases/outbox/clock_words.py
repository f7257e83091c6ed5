"""The warranty clock as a mail says it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from products.coverage import Pause, clock
from products.models import CoveredPart, WarrantyTerms
from products.queries import clock_of


@dataclass(frozen=True)
class Homecoming:
    """Parts that came home with the same clock. `days` it stood still for this trip, None where nobody can tell yet;
    `through` is None while it still stands."""

    labels: tuple[str, ...]
    days: int | None
    through: date | None
    sentence: str


def clock_sentence(part: CoveredPart, on: date) -> str:
    """The whole clock in one sentence. Outside English the last covered day alone, in the reader's words."""
    answer = clock_of(part, on)
    if (get_language() or "en").startswith("en"):
        return answer.sentence(_start_word(part))
    if answer.covered_through is None:
        since = {"date": _written(answer.paused_since or on)}
        return _("The warranty of this part has been paused since %(date)s.") % since
    return _("Covered through %(date)s.") % {"date": _written(answer.covered_through)}


def homecomings(claimed: Sequence[CoveredPart], on: date) -> list[Homecoming]:
    """What a return means for the parts claimed, and for the other parts of the product that travelled with them.

    A void part is not among them: its cover is over, whatever its clock says.
    """
    groups: dict[tuple[int | None, date | None, str], list[str]] = {}
    for part in [*claimed, *_companions(claimed)]:
        if part.is_voided:
            continue
        known = (days_of_last_trip(part, on), clock_of(part, on).covered_through, clock_sentence(part, on))
        groups.setdefault(known, []).append(part.label)
    return [Homecoming(tuple(labels), *known) for known, labels in groups.items()]


def _companions(claimed: Sequence[CoveredPart]) -> list[CoveredPart]:
    """Parts of the same product that came home on the same day."""
    back = [window.back_on for part in claimed for window in part.pauses.all() if window.back_on]
    if not back:
        return []
    others = CoveredPart.objects.filter(unit__in={part.unit_id for part in claimed}, pauses__back_on=max(back))
    others = others.exclude(pk__in=[part.pk for part in claimed]).distinct()
    return list(others.select_related("product").prefetch_related("pauses").order_by("position"))


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


def _start_word(part: CoveredPart) -> str:
    return "Delivered" if part.started_by == WarrantyTerms.StartsFrom.DELIVERY else "Bought"


def _written(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
