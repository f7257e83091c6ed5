"""Proof that the stored pauses are those the scans prove: every part that was ever packed, some hundred at a time."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from products.models import CoveredPart, PauseWindow
from products.services import WindowData
from shipments.models import PackedPart, PauseProof
from shipments.services.pausing import proved_windows, rebuild_pauses
from shipments.services.staying import restate_stays

log = logging.getLogger(__name__)

CHUNK = 200
EXAMPLES = 20
_Says = tuple[str, str | None, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A part whose stored windows are not the proved ones; each window as (left, back, certainty, reasons)."""

    part_id: int
    stored: tuple[_Says, ...]
    proved: tuple[_Says, ...]

    def __str__(self) -> str:
        return f"pauses stored {_words(self.stored)}, proved by scans {_words(self.proved)}"


def differences(now: datetime) -> Iterator[Difference]:
    """Every part whose stored windows differ from the rebuilt ones. Four queries a chunk, constant memory."""
    for part_ids in chunks():
        for found in _different(part_ids, now):
            with transaction.atomic():
                # Scans may have come between the two readings: only what differs with the part held still, differs.
                list(CoveredPart.objects.select_for_update(of=("self",)).filter(pk=found.part_id).values_list("pk"))
                yield from _different([found.part_id], now)


def prove_pauses(now: datetime, clock: Callable[[], datetime]) -> PauseProof:
    """The nightly proof, as a row that people and monitoring see; it changes nothing. `clock` says when it is done."""
    proof = PauseProof.objects.create(began_at=now)
    for one in differences(now):
        proof.different += 1
        if len(proof.examples) < EXAMPLES:
            proof.examples.append({"part": one.part_id, "stored": one.stored, "proved": one.proved})
    proof.parts, proof.finished_at = count_parts(), clock()
    proof.save()
    if proof.different:
        log.error("%s parts have pauses their scans do not prove: rebuild_pauses --check", proof.different)
    return proof


def _different(part_ids: list[int], now: datetime) -> Iterator[Difference]:
    stored, proved = _stored(part_ids), proved_windows(part_ids, now)
    for part_id in part_ids:
        wanted = _said(proved[part_id])
        if stored.get(part_id, ()) != wanted:
            yield Difference(part_id, stored.get(part_id, ()), wanted)


def rebuild_all(now: datetime) -> Iterator[tuple[int, int]]:
    """Rebuild every part, chunk by chunk, each in its own transaction; (parts done, clocks moved) after each."""
    for part_ids in chunks():
        with transaction.atomic():
            moved = rebuild_pauses(part_ids, cause="pauses rebuilt", now=now)
            restate_stays(part_ids)
        yield len(part_ids), len(moved)


def chunks() -> Iterator[list[int]]:
    """The parts that are, or were once, in a parcel or paused by tracking, by id."""
    packed = Exists(PackedPart.objects.filter(part=OuterRef("pk")))
    paused = Exists(PauseWindow.objects.filter(part=OuterRef("pk"), source=PauseWindow.Source.TRACKING))
    parts = CoveredPart.objects.filter(Q(packed) | Q(paused)).order_by("pk").values_list("pk", flat=True)
    last = 0
    while chunk := list(parts.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1]


def count_parts() -> int:
    """How many parts there are to look at, for a progress bar."""
    return PackedPart.objects.order_by().values("part").distinct().count()


def _stored(part_ids: Iterable[int]) -> dict[int, tuple[_Says, ...]]:
    rows = PauseWindow.objects.filter(part__in=part_ids, source=PauseWindow.Source.TRACKING)
    found: dict[int, list[PauseWindow]] = {}
    for row in rows.order_by("part", "left_on", "pk"):
        found.setdefault(row.part_id, []).append(row)
    return {part_id: _said(windows) for part_id, windows in found.items()}


def _said(windows: Iterable[PauseWindow | WindowData]) -> tuple[_Says, ...]:
    said = (
        (
            window.left_on.isoformat(),
            window.back_on.isoformat() if window.back_on else None,
            str(window.certainty),
            tuple(window.review_reasons),
        )
        for window in windows
    )
    return tuple(sorted(said, key=str))


def _words(windows: Iterable[_Says]) -> str:
    return "; ".join(f"{left}..{back or 'open'} {certainty}" for left, back, certainty, _why in windows) or "none"
