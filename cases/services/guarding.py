"""What has to happen to a file that turned out bad, and to all of them in the end: quarantine, alarm, erasure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from cases.actors import Actor
from cases.evidence import refusals
from cases.evidence.storage import EVERY_FILE, delete_once_committed, stored_keys
from cases.models import CaseEvent, Evidence
from cases.services._transition import allow, locked_case, record, tell

ERASE = "cases.erase_customer"


@transaction.atomic
def quarantine_file(evidence_id: int, *, virus: str, now: datetime) -> Evidence:
    """A virus was found: from now on nobody gets the file. The original stays where it is, as it came, and locked up.

    The customer is told by its name. Once more changes nothing.
    """
    evidence = Evidence.objects.get(pk=evidence_id)
    case = locked_case(evidence.case_id)
    evidence = case.evidence.get(pk=evidence_id)
    if not evidence.is_kept:
        return evidence
    _drop_files(evidence, ("web", "thumbnail"))
    evidence.status, evidence.scan, evidence.scanned_at = Evidence.Status.INFECTED, Evidence.Scan.INFECTED, now
    evidence.refusal = refusals.INFECTED
    evidence.facts = {**evidence.facts, "virus": virus}
    evidence.shows_fault, evidence.scan_claimed_at = False, None
    evidence.save(
        update_fields=[
            *("status", "scan", "scanned_at", "refusal", "facts", "shows_fault", "scan_claimed_at"),
            *("web", "thumbnail"),
        ]
    )
    data = {"files": [evidence.pk]}
    tell(case, CaseEvent.Kind.EVIDENCE, "quarantined", actor=Actor.system(), now=now, data=data)
    return evidence


@transaction.atomic
def note_trouble(evidence_id: int, trouble: str, *, now: datetime) -> None:
    """What the look at the storage found ("" for nothing), with a row of the timeline where that is news."""
    case_id = Evidence.objects.values_list("case_id", flat=True).get(pk=evidence_id)
    case = locked_case(case_id)
    evidence = case.evidence.get(pk=evidence_id)
    was, evidence.trouble, evidence.checked_at = evidence.trouble, trouble, now
    evidence.save(update_fields=["trouble", "checked_at"])
    if trouble != was:
        data = {"files": [evidence.pk], "trouble": trouble, "was": was}
        name = "trouble" if trouble else "trouble_over"
        record(case, CaseEvent.Kind.EVIDENCE, name, actor=Actor.system(), now=now, data=data)


@transaction.atomic
def erase_evidence(case_id: int, *, why: str, actor: Actor, now: datetime) -> int:
    """Erase every file of a case, quarantined ones and unfinished uploads too; how many.

    The rows stay, with nothing in them that tells of a person: the fingerprint proves later which file was decided on,
    and gives no picture back. The files go once the transaction is committed; one whose deletion fails has no row any
    more and goes with the orphans.
    """
    from cases.services import uploading  # it keeps files by this package's verbs

    allow(actor, ERASE)
    case = locked_case(case_id)
    uploading.remove_uploads(case.pk)
    rows = list(case.evidence.exclude(status=Evidence.Status.ERASED))
    erased = [row.pk for row in rows if row.original or row.web or row.thumbnail]
    for row in rows:
        _erase(row, now)
    if erased:
        data = {"files": erased}
        record(case, CaseEvent.Kind.EVIDENCE, "erased", actor=actor, now=now, why=why, data=data)
    return len(erased)


def _erase(row: Evidence, now: datetime) -> None:
    _drop_files(row, EVERY_FILE)
    row.status, row.refusal, row.erased_at = Evidence.Status.ERASED, refusals.ERASED, now
    row.name, row.claimed_type, row.note, row.trouble = "", "", "", ""
    row.captured_at, row.facts = None, {}
    row.save()


def _drop_files(row: Evidence, columns: Iterable[str]) -> None:
    """Take these files from the row, and from the storage once that is committed."""
    keys = stored_keys(row, columns)
    for column in columns:
        setattr(row, column, "")
    delete_once_committed(keys)
