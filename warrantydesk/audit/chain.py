"""The chain: which hash an entry has, sealing what was written, and proving that nothing was changed since.

Entries are written by many transactions at once, and none waits for another: the chain is made afterwards, over what
is committed, by one process at a time. Until its seal an entry is guarded by the triggers alone (docs/decisions/0020).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from products.one_at_a_time import try_turn
from warrantydesk.audit.models import AuditEntry, AuditSeal

log = logging.getLogger(__name__)

BEFORE_ALL = "0" * 64
AT_ONCE = 1000
# Keys are given before rows are committed, so a later look finds earlier keys: how far back the usual sweep looks. The
# daily one looks at all.
LOOK_BACK = 5000
TOO_OLD = dt.timedelta(minutes=15)
_TURN = 0x0A0D1700  # of whoever seals


@dataclass(frozen=True, slots=True)
class Link:
    """The last seal: how long the chain is, and the hash that stands for all of it."""

    position: int = 0
    hash: str = BEFORE_ALL

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"

    @classmethod
    def read(cls, written: str) -> Link:
        """Of `417:9f86d0…`, as the log has it. ValueError for anything else."""
        position, _mark, hashed = written.strip().partition(":")
        if len(hashed) != len(BEFORE_ALL):
            raise ValueError(f"{written!r} is no POSITION:HASH")
        return cls(int(position), hashed)


def canonical(entry: AuditEntry) -> str:
    """All of an entry as one text: the same on every database, whoever reads it."""
    says = [
        entry.pk, entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"), entry.who, entry.person, entry.token,
        entry.network, entry.verb, entry.kind, entry.object_id, entry.facts,
    ]  # fmt: skip
    return json.dumps(says, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def hash_of(entry: AuditEntry, before: Link) -> str:
    return hashlib.sha256(f"{before.hash}\n{before.position + 1}\n{canonical(entry)}".encode()).hexdigest()


def head() -> Link:
    last = AuditSeal.objects.order_by("-position").values_list("position", "hash").first()
    return Link(*last) if last else Link()


def unsealed(*, everything: bool) -> QuerySet[AuditEntry]:
    """Entries without a seal, in the order in which they are sealed; not `everything`: those near the end alone."""
    entries = AuditEntry.objects.filter(~Exists(AuditSeal.objects.filter(entry=OuterRef("pk")))).order_by("pk")
    if everything:
        return entries
    newest = AuditSeal.objects.order_by("-entry").values_list("entry", flat=True).first() or 0
    return entries.filter(pk__gt=newest - LOOK_BACK)


def seal(*, everything: bool = False) -> int:
    """Seal what is committed and not sealed yet, so many in a transaction; how many. 0 where another one is at it."""
    done = 0
    while sealed := _seal_some(everything):
        done += sealed
        if sealed < AT_ONCE:
            break
    if done:
        # A log that leaves the machine is the witness: whoever cuts the chain's end off cannot cut it off there.
        log.info("audit trail sealed: %s entries, head=%s", done, head())
    return done


@transaction.atomic
def _seal_some(everything: bool) -> int:
    if not try_turn(_TURN):
        return 0
    last, seals = head(), []
    for entry in unsealed(everything=everything)[:AT_ONCE]:
        last = Link(last.position + 1, hash_of(entry, last))
        seals.append(AuditSeal(position=last.position, entry=entry, hash=last.hash))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def broken(witness: Link | None = None) -> Iterator[str]:
    """The first place at which the chain does not hold, and entries that should have been sealed long ago.

    Read as a stream, in constant memory. `witness`: a head seen earlier (a log, a backup), which has to be on it.
    """
    last, reached = Link(), witness is None
    for one in AuditSeal.objects.select_related("entry").order_by("position").iterator(chunk_size=2000):
        problem = _problem(one, last)
        if problem:
            yield problem
            return
        last = Link(one.position, one.hash)
        if witness is not None and last.position == witness.position:
            reached = last.hash == witness.hash
            if not reached:
                yield f"seal {last.position}: the chain was written anew, it had another hash before"
                return
    if not reached and witness is not None:
        yield f"the chain ends at seal {last.position}: it went as far as {witness.position} before"


def _problem(one: AuditSeal, last: Link) -> str:
    if one.position != last.position + 1:
        return f"seal {last.position + 1}: it or its entry is missing"
    if one.hash != hash_of(one.entry, last):
        return f"seal {one.position}: entry {one.entry_id} is not what it was when it was sealed"
    return ""


def left_unsealed(now: dt.datetime) -> Iterator[str]:
    """Nothing where the sweep keeps up."""
    oldest = unsealed(everything=True).filter(at__lt=now - TOO_OLD).first()
    if oldest is not None:
        yield f"entry {oldest.pk} of {oldest.at:%Y-%m-%d %H:%M} is not sealed yet: is the worker running?"


def problems_of(now: dt.datetime, witness: Link | None = None) -> Sequence[str]:
    return [*broken(witness), *left_unsealed(now)]
