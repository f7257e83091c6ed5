"""The one writer of stored clocks: what `products.coverage` says is copied into the rows, and every move is noted."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from products.coverage import ClockError, Pause, clock
from products.errors import Refused
from products.models import ClockChange, CoveredPart, PauseWindow
from products.services.checking import Corrector

CLOCK_FIELDS = ("base_covered_through", "covered_through", "extended_days", "paused_since")
START_FIELDS = ("starts_on", "started_by")

StoredClock = dict[str, dt.date | int | str | None]


def recompute(
    part_ids: Iterable[int], *, cause: str, now: dt.datetime, actor: AbstractBaseUser | None = None
) -> list[ClockChange]:
    """Store again what the clock of each part says, and note the ones that moved. A fixed number of queries.

    Refused where a part does not exist or its cover would leave the calendar; then nothing is changed.
    """
    with transaction.atomic():
        return restate(locked_parts(part_ids), cause=cause, now=now, actor=actor)


def locked_parts(part_ids: Iterable[int]) -> list[CoveredPart]:
    """These parts, locked until the end of the transaction, always in the same order so that two writers cannot
    wait for each other. Refused where one does not exist."""
    wanted = set(part_ids)
    rows = CoveredPart.objects.select_for_update(of=("self",)).select_related("product")
    parts = list(rows.filter(pk__in=wanted).order_by("pk"))
    unknown = wanted - {part.pk for part in parts}
    if unknown:
        raise Refused(_("There is no covered part %(id)s.") % {"id": min(unknown)}, field="part", code="part_unknown")
    return parts


def locked_part(part_id: int) -> CoveredPart:
    """Locked until the transaction ends. Refused where there is none."""
    return locked_parts([part_id])[0]


def restate(
    parts: Sequence[CoveredPart],
    *,
    cause: str,
    now: dt.datetime,
    actor: Corrector | None = None,
    before: Mapping[int, StoredClock] | None = None,
    also: Sequence[str] = (),
) -> list[ClockChange]:
    """Recompute locked parts from their windows and write those whose clock moved, each with its ClockChange.

    `before` is what was stored where the caller has already changed a start in memory; then the start is written too
    (where it was taken from may change and the day stay), and with it the columns in `also`.
    """
    starts_anew = before is not None
    fields = (*CLOCK_FIELDS, *START_FIELDS, *also) if starts_anew else CLOCK_FIELDS
    before = before or {part.pk: stored_clock(part) for part in parts}
    windows = pauses_of(parts)
    for part in parts:
        set_clock(part, windows.get(part.pk, ()))
    moved = [part for part in parts if stored_clock(part) != before[part.pk]]
    if starts_anew or moved:
        CoveredPart.objects.bulk_update(parts if starts_anew else moved, fields)
    return ClockChange.objects.bulk_create(
        ClockChange(
            part=part,
            at=now,
            cause=cause[: ClockChange._meta.get_field("cause").max_length],
            before=as_json(before[part.pk]),
            after=as_json(stored_clock(part)),
            actor_id=actor.pk if actor else None,
        )
        for part in moved
    )


def pauses_of(parts: Iterable[CoveredPart]) -> dict[int, list[Pause]]:
    """The windows of both sources, by part. One query."""
    rows = PauseWindow.objects.filter(part__in=[part.pk for part in parts]).order_by()
    found: dict[int, list[Pause]] = defaultdict(list)
    for part_id, left_on, back_on in rows.values_list("part_id", "left_on", "back_on"):
        found[part_id].append(Pause(left_on, back_on))
    return found


def set_clock(part: CoveredPart, pauses: Iterable[Pause]) -> None:
    """Copy the clock into the part, in memory. Refused where the cover would run past the last year there is."""
    try:
        # The day only selects the state, which is not stored (policy 1.9): any day does.
        answer = clock(part.starts_on, part.term_months, pauses, on=part.starts_on)
    except ClockError as error:
        raise Refused(
            _("%(part)s: the clock cannot run (%(what)s). Correct the dates.") % {"part": part.label, "what": error},
            field=error.field,
            code="clock",
        ) from error
    for name in CLOCK_FIELDS:
        setattr(part, name, getattr(answer, name))


def stored_clock(part: CoveredPart) -> StoredClock:
    """The fields of the clock as they stand on the part: what is written down before and after a change."""
    return {name: getattr(part, name) for name in ("starts_on", *CLOCK_FIELDS)}


def as_json(stored: StoredClock) -> StoredClock:
    """Dates as YYYY-MM-DD; what is not known stays null."""
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in stored.items()}
