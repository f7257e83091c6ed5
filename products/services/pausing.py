"""When parts were away: windows from tracking and from staff, replaced as a set, the clocks following (policy 2)."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from products.errors import Refused
from products.models import ClockChange, CoveredPart, PauseWindow
from products.services.clocks import locked_parts, restate


@dataclass(frozen=True)
class WindowData:
    """Days out of the customer's hands, both ends included; `back_on` None is still away (policy 1.5, 1.6).

    `proof_file` is the name under which the file storage already keeps the attached proof; '' leaves it as it is.
    """

    left_on: dt.date
    back_on: dt.date | None
    certainty: str
    review_reasons: Sequence[str] = ()
    proof: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""
    confirmed_by: AbstractBaseUser | None = None
    proof_file: str = ""


@dataclass
class _Rewriting:
    """What has to happen to the rows of one source so that they say what is wanted."""

    now: dt.datetime
    obsolete: list[int] = field(default_factory=list)
    changed: list[PauseWindow] = field(default_factory=list)
    new: list[PauseWindow] = field(default_factory=list)


_WRITTEN_FIELDS = (
    "back_on", "certainty", "review_reasons", "proof", "proof_file", "reason", "confirmed_by", "confirmed_at",
)  # fmt: skip


def set_pauses(
    windows_by_part: Mapping[int, Sequence[WindowData]],
    *,
    source: str,
    cause: str,
    now: dt.datetime,
    actor: AbstractBaseUser | None = None,
    locked: Sequence[CoveredPart] | None = None,
) -> list[ClockChange]:
    """Make these the windows of this source for each part named; the other source's windows stay.

    Rows that already say so are kept, an empty sequence removes them all. Clocks follow in the same transaction; the
    changes returned are those of the parts whose stored clock moved. The number of queries does not depend on the
    number of parts. Refused, with nothing changed, where a window cannot be or a part does not exist. `locked`: the
    parts, where the caller has locked them in this transaction.
    """
    for windows in windows_by_part.values():
        _check(windows, source)
    if not windows_by_part:
        return []
    with transaction.atomic():
        parts = locked_parts(windows_by_part) if locked is None else locked
        _rewrite(windows_by_part, PauseWindow.Source(source), now)
        return restate(parts, cause=cause, now=now, actor=actor)


def _check(windows: Sequence[WindowData], source: str) -> None:
    if source not in PauseWindow.Source.values:
        raise ValueError(f"source: {source!r} is none of {PauseWindow.Source.values}")
    if sum(window.back_on is None for window in windows) > 1:
        raise _refused("back_on", _("a part cannot be away twice at the same time. Close one of the pauses."))
    for window in windows:
        _check_window(window, source)


def _check_window(window: WindowData, source: str) -> None:
    if window.back_on is not None and window.back_on < window.left_on:
        raise _refused("back_on", _("the day it came back is before the day it left."))
    if window.certainty not in PauseWindow.Certainty.values:
        raise ValueError(f"certainty: {window.certainty!r} is none of {PauseWindow.Certainty.values}")
    if window.back_on is None and window.certainty == PauseWindow.Certainty.VERIFIED:
        raise _refused("certainty", _("a pause that is still open cannot be verified yet."))
    if source == PauseWindow.Source.STAFF and not window.reason.strip():
        raise _refused("reason", _("a pause entered by staff needs a reason."))
    if source == PauseWindow.Source.STAFF and window.confirmed_by is None:
        raise _refused("confirmed_by", _("a pause entered by staff needs the person who confirms it."))


def _refused(name: str, what: str) -> Refused:
    return Refused(_("Pause, %(field)s: %(what)s") % {"field": name, "what": what}, field=name, code="pause")


def _rewrite(wanted: Mapping[int, Sequence[WindowData]], source: str, now: dt.datetime) -> None:
    rows_by_part: dict[int, list[PauseWindow]] = defaultdict(list)
    for row in PauseWindow.objects.filter(part__in=wanted.keys(), source=source).order_by("id"):
        rows_by_part[row.part_id].append(row)
    plan = _Rewriting(now)
    for part_id, windows in wanted.items():
        _plan_part(plan, part_id, source, rows_by_part[part_id], windows)
    _carry_out(plan)


def _plan_part(
    plan: _Rewriting, part_id: int, source: str, rows: list[PauseWindow], windows: Iterable[WindowData]
) -> None:
    """A row that says both days serves first, then one that left on the same day (its return became known)."""
    left_over = list(rows)
    waiting: list[WindowData] = []
    for window in _once_each(windows):
        row = _taken(left_over, left_on=window.left_on, back_on=window.back_on)
        if row is None:
            waiting.append(window)
        else:
            _write(plan, row, window)
    for window in waiting:
        row = _taken(left_over, left_on=window.left_on)
        _write(plan, row or PauseWindow(part_id=part_id, source=source, left_on=window.left_on), window)
    plan.obsolete += [row.pk for row in left_over]


def _once_each(windows: Iterable[WindowData]) -> list[WindowData]:
    once: list[WindowData] = []
    for window in windows:
        if window not in once:
            once.append(window)
    return once


def _taken(rows: list[PauseWindow], **days: dt.date | None) -> PauseWindow | None:
    for row in rows:
        if all(getattr(row, name) == day for name, day in days.items()):
            rows.remove(row)
            return row
    return None


def _write(plan: _Rewriting, row: PauseWindow, window: WindowData) -> None:
    says = {
        "back_on": window.back_on,
        "certainty": window.certainty,
        "review_reasons": list(window.review_reasons),
        "proof": json.loads(json.dumps(_proof(row, window))),  # as the row will read: a tuple comes back as a list
        "proof_file": window.proof_file or row.proof_file.name or "",
        "reason": window.reason.strip(),
        "confirmed_by_id": window.confirmed_by.pk if window.confirmed_by else None,
    }
    if row.pk and all(getattr(row, name) == value for name, value in says.items()):
        return
    for name, value in says.items():
        setattr(row, name, value)
    row.confirmed_at = plan.now if window.confirmed_by else None
    (plan.changed if row.pk else plan.new).append(row)


def _proof(row: PauseWindow, window: WindowData) -> dict[str, object]:
    """A file that stays as it is keeps what is known of it: its name and type."""
    stays = {"file": row.proof["file"]} if "file" in row.proof and not window.proof_file else {}
    return stays | dict(window.proof)


def _carry_out(plan: _Rewriting) -> None:
    PauseWindow.objects.filter(pk__in=plan.obsolete).delete()
    # Closings before openings: the database allows one open window at a time, even in the middle of a statement.
    closed = [row for row in plan.changed if row.back_on is not None]
    still_open = [row for row in plan.changed if row.back_on is None]
    for rows in (closed, still_open):
        if rows:
            PauseWindow.objects.bulk_update(rows, _WRITTEN_FIELDS)
    PauseWindow.objects.bulk_create(plan.new)
