"""Tracking events become pause windows, and the clocks follow (policy 2). Staff may overrule a window, with a reason.

A window of staff's own counts like a tracked one. Where it overrules tracked windows (a lost parcel closed by hand, a
wrong scan), it names in its proof the parcels of that absence, and those prove nothing more for this part: a later
absence is then not swallowed by one that tracking never saw end. So an overruling window may also shorten what tracking
has. The scans stay, and the days tracking has stay beside those of staff, in the proof of their window.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actors import Actor
from cases.services import repairing
from cases.services._transition import locked_case
from products.auditing import by_person, put_on_record
from products.errors import Refused
from products.models import ClockChange, CoveredPart, PauseWindow
from products.services import WindowData, set_pauses
from products.services.clocks import locked_parts
from shipments.parcels import EASTERNMOST, read_parcel
from shipments.pauses import Window, windows
from shipments.scans import Leg
from shipments.services.legs import carried, legs_by_part
from shipments.services.staying import restate_stays

OVERRULES = "overrules_parcels"
OVERRULED = "overruled"  # the days tracking has for those parcels, kept beside what staff say
CONFIRM = "products.confirm_pause"


def rebuild_pauses(
    part_ids: Iterable[int], *, cause: str, now: datetime, actor: AbstractBaseUser | None = None
) -> list[ClockChange]:
    """Make the tracked windows of these parts what their parcels prove at `now`; returns the clocks that moved.

    A fixed number of queries however many parts and parcels there are.
    """
    wanted = sorted(set(part_ids))
    if not wanted:
        return []
    with transaction.atomic():
        # Before the scans are read: of two cases that share a part the second then sees what the first has recorded.
        parts = locked_parts(wanted)
        proved, source = proved_windows(wanted, now), PauseWindow.Source.TRACKING
        return set_pauses(proved, source=source, cause=cause, now=now, actor=actor, locked=parts)


def proved_windows(part_ids: Iterable[int], now: datetime) -> dict[int, list[WindowData]]:
    """What the tracked windows of each part should be. Three queries."""
    legs, words = carried(part_ids)
    overruled = _overruled_parcels(legs.keys())
    # Parts of one kit travel together: their windows are worked out once.
    worked_out: dict[tuple[str, ...], tuple[Window, ...]] = {}
    proved: dict[int, list[WindowData]] = {}
    for part_id, carried_by in legs.items():
        standing = [leg for leg in carried_by if leg.key not in overruled.get(part_id, ())]
        together = tuple(leg.key for leg in standing)
        if together not in worked_out:
            worked_out[together] = windows(standing, None, now).windows
        proved[part_id] = _stored_as(worked_out[together], words)
    return proved


def confirm_pause(
    part_ids: Sequence[int],
    *,
    left_on: date,
    back_on: date | None,
    reason: str,
    proof: Mapping[str, Any],
    proof_file: str = "",
    overrules: Sequence[date] = (),
    case_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> list[ClockChange]:
    """Staff say when parts were away, and how they know (policy 2.9). `overrules`: days on which the tracked windows
    left that this one stands instead of. The case, where named, is told which clocks moved, and its customer that
    they run again. Refused without a reason and without proof."""
    actor.require(CONFIRM)
    if not reason.strip():
        raise Refused(_("Pause: say why these are the days."), field="reason", code="reason")
    if not proof and not proof_file:
        raise Refused(_("Pause: attach what proves the days."), field="proof", code="proof")
    for name, day in (("left_on", left_on), ("back_on", back_on)):
        if day is not None and day > (now + EASTERNMOST).astimezone(UTC).date():
            raise Refused(_("Pause: this day lies in the future."), field=name, code="future")
    stated = WindowData(
        left_on=left_on,
        back_on=back_on,
        certainty=PauseWindow.Certainty.CONFIRMED if back_on else PauseWindow.Certainty.PROVISIONAL,
        proof=proof,
        reason=reason,
        confirmed_by=actor.user,
        proof_file=proof_file,
    )
    said = _Statement(left_on, reason.strip(), stated, tuple(overrules))
    return _restate_staff(part_ids, said, case_id=case_id, actor=actor, now=now)


def withdraw_pause(
    part_ids: Sequence[int], *, left_on: date, reason: str, case_id: int | None = None, actor: Actor, now: datetime
) -> list[ClockChange]:
    """Take back a window that staff stated; what it overruled counts again. Refused without a reason, and where no
    such window stands."""
    actor.require(CONFIRM)
    if not reason.strip():
        raise Refused(_("Pause: say why it is taken back."), field="reason", code="reason")
    return _restate_staff(part_ids, _Statement(left_on, reason.strip()), case_id=case_id, actor=actor, now=now)


@dataclass(frozen=True, slots=True)
class _Statement:
    """What staff say of the absence that began on a day; without a window they take back what they had said."""

    left_on: date
    reason: str
    window: WindowData | None = None
    overrules: tuple[date, ...] = ()

    @property
    def cause(self) -> str:
        words = _("pause confirmed: %(reason)s") if self.window else _("pause withdrawn: %(reason)s")
        return words % {"reason": self.reason}


def _restate_staff(
    part_ids: Sequence[int], said: _Statement, *, case_id: int | None, actor: Actor, now: datetime
) -> list[ClockChange]:
    """Replace the staff window that left on that day (or add it, or take it away), then the tracked ones."""
    wanted, cause = sorted(set(part_ids)), said.cause
    with transaction.atomic():
        if case_id is not None:
            locked_case(case_id)  # before the parts, as everywhere
        _lock_parts(wanted)
        new = _restated(said, _staff_windows(wanted), _overruled(wanted, said, now))
        source = PauseWindow.Source.STAFF
        changes = set_pauses(new, source=source, cause=cause, now=now, actor=actor.user)
        changes += rebuild_pauses(wanted, cause=cause, now=now, actor=actor.user)
        restate_stays(wanted)
        if case_id is not None:
            _note(case_id, said, wanted, actor=actor, now=now)
        _audit(said, wanted, changes, actor)
        if case_id is not None and changes:
            # Taken back, the absence never was: nothing came home that its customer should be told of.
            ended = said.window is not None and any(_runs_again(one) for one in changes)
            repairing.tell_clock(case_id, changes=changes, returned=ended, actor=actor, now=now)
    return changes


def _audit(said: _Statement, part_ids: Sequence[int], changes: Sequence[ClockChange], actor: Actor) -> None:
    """An override of the tracked days: what was said, and what became of the clocks."""
    verb = "pause.confirmed" if said.window else "pause.withdrawn"
    back_on = said.window.back_on if said.window else None
    for part_id in part_ids:
        moved = [{"before": one.before, "after": one.after} for one in changes if one.part_id == part_id]
        facts = {"left_on": said.left_on, "back_on": back_on, "changes": moved}
        put_on_record(verb, "part", part_id, facts=facts, **by_person(actor.user))


def _note(case_id: int, said: _Statement, part_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """One row of the timeline for what was said, whether or not a clock moved (law 7)."""
    back_on = said.window.back_on.isoformat() if said.window and said.window.back_on else None
    data = {"parts": list(part_ids), "on": said.left_on.isoformat(), "back_on": back_on}
    name = "pause_stated" if said.window else "pause_withdrawn"
    repairing.note_shipment(case_id, name=name, data=data, why=said.reason, actor=actor, now=now)


def _runs_again(change: ClockChange) -> bool:
    return change.before["covered_through"] is None and bool(change.after["covered_through"])


def _restated(
    said: _Statement, standing: Mapping[int, list[WindowData]], overruled: Mapping[int, dict[str, Any]]
) -> dict[int, list[WindowData]]:
    if said.window is None and not any(one.left_on == said.left_on for rows in standing.values() for one in rows):
        raise Refused(_("Pause: none of staff's own left on this day."), field="left_on", code="pause_unknown")
    if said.overrules and not any(known[OVERRULES] for known in overruled.values()):
        raise Refused(
            _("Pause: no parcel left on the day it should overrule."), field="overrules", code="nothing_to_overrule"
        )
    new = {}
    for part_id, rows in standing.items():
        new[part_id] = [one for one in rows if one.left_on != said.left_on]
        if said.window is not None:
            new[part_id].append(replace(said.window, proof={**said.window.proof, **overruled[part_id]}))
    return new


def _overruled(part_ids: Sequence[int], said: _Statement, now: datetime) -> dict[int, dict[str, Any]]:
    """For each part the parcels of the overruled absence, set out from its first day to the day staff say it ended;
    and the days tracking has for it, which stay beside those of staff (policy 2.9)."""
    if not said.overrules:
        return {part_id: {OVERRULES: []} for part_id in part_ids}
    first = min(said.overrules)
    last = said.window.back_on if said.window and said.window.back_on else date.max
    return {
        part_id: {
            OVERRULES: [int(leg.key) for leg in legs if _set_out_within(leg, first, last, now)],
            OVERRULED: [_days(one) for one in windows(legs, None, now).windows if one.left_on in said.overrules],
        }
        for part_id, legs in legs_by_part(part_ids).items()
    }


def _days(window: Window) -> dict[str, str | None]:
    back_on = window.back_on.isoformat() if window.back_on else None
    return {"left_on": window.left_on.isoformat(), "back_on": back_on, "certainty": window.certainty}


def _set_out_within(leg: Leg, first: date, last: date, now: datetime) -> bool:
    parcel = read_parcel(leg, None, now)
    scan = parcel.first_physical if parcel else None
    if scan is None:
        return False
    # Handed over on the very day the absence ended, it begins the next one (policy 2.3).
    begins_the_next = leg.direction == "to_workshop" and scan.day == last != first
    return first <= scan.day <= last and not begins_the_next


def _staff_windows(part_ids: Sequence[int]) -> dict[int, list[WindowData]]:
    found: dict[int, list[WindowData]] = {part_id: [] for part_id in part_ids}
    rows = PauseWindow.objects.filter(part__in=part_ids, source=PauseWindow.Source.STAFF)
    for row in rows.select_related("confirmed_by").order_by("part_id", "left_on"):
        found[row.part_id].append(
            WindowData(
                left_on=row.left_on,
                back_on=row.back_on,
                certainty=row.certainty,
                review_reasons=row.review_reasons,
                proof=row.proof,
                reason=row.reason,
                confirmed_by=row.confirmed_by,
                proof_file=row.proof_file.name or "",
            )
        )
    return found


def _overruled_parcels(part_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    rows = PauseWindow.objects.filter(part__in=list(part_ids), source=PauseWindow.Source.STAFF).order_by()
    keys: dict[int, frozenset[str]] = {}
    for part_id, proof in rows.values_list("part_id", "proof"):
        keys[part_id] = keys.get(part_id, frozenset()) | {str(pk) for pk in proof.get(OVERRULES, ())}
    return keys


def _stored_as(found: Iterable[Window], words: Mapping[int, str]) -> list[WindowData]:
    return [
        WindowData(
            left_on=window.left_on,
            back_on=window.back_on,
            certainty=window.certainty,
            review_reasons=window.reasons,
            proof=_proof(window, words),
        )
        for window in found
    ]


def _proof(window: Window, words: Mapping[int, str]) -> dict[str, Any]:
    """The parcels that prove its ends: by key, and in words, because the storey below knows no parcels."""
    ends = {"left": window.opened_by, "back": window.closed_by}
    proof: dict[str, Any] = {end: int(key) if key else None for end, key in ends.items()}
    return proof | {f"{end}_by": words.get(int(key), "") for end, key in ends.items() if key}


def _lock_parts(part_ids: Sequence[int]) -> None:
    """Before the scans are read: of two cases that share a part the second then sees what the first has recorded."""
    list(CoveredPart.objects.select_for_update(of=("self",)).filter(pk__in=part_ids).order_by("pk").values_list("pk"))
