"""What has to happen to a file that turned out bad, and to all of them in the end: quarantine, alarm, erasure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from cases.actors import Actor
from cases.evidence import refusals
from cases.evidence.storage import EVERY_FILE, delete_once_committed, stored_keys
from cases.models import CaseEvent, Evidence, OutgoingMail
from cases.services._transition import allow, locked_case, record, tell

ERASE = "cases.erase_customer"
# A mail in one of these never moves again.
OVER = (OutgoingMail.Status.SENT, OutgoingMail.Status.CANCELLED)
MAIL_KEPT_NO_LONGER = gettext_noop("The time for which mails of closed cases are kept is over.")


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
def erase_evidence(case_id: int, *, why: str, actor: Actor, now: datetime, only_closed: bool = False) -> int:
    """Erase every file of a case, quarantined ones and unfinished uploads too; how many. With `only_closed` a case
    that is open (again) keeps them.

    The rows stay, with nothing in them that tells of a person: the fingerprint proves later which file was decided on,
    and gives no picture back. The files go once the transaction is committed; one whose deletion fails has no row any
    more and goes with the orphans.
    """
    from cases.services import uploading  # it keeps files by this package's verbs

    allow(actor, ERASE)
    case = locked_case(case_id)
    if only_closed and case.is_open:
        return 0
    uploading.remove_uploads(case.pk)
    rows = list(case.evidence.exclude(status=Evidence.Status.ERASED))
    erased = [row.pk for row in rows if row.original or row.web or row.thumbnail]
    for row in rows:
        _erase(row, now)
    if erased:
        data = {"files": erased}
        record(case, CaseEvent.Kind.EVIDENCE, "erased", actor=actor, now=now, why=why, data=data)
    return len(erased)


@transaction.atomic
def forget_mail(case_id: int, *, received: Sequence[int], now: datetime) -> list[int] | None:
    """Empty the mails we sent about a closed case, and note in its timeline that these and the `received` ones (which
    the caller empties in this transaction) have no words any more.

    Which mails of ours were emptied; None, and nothing done, where the case is open (again). That they were sent, when
    and as an answer to what stays, and so do their Message-IDs: a late reply still finds its case.
    """
    case = locked_case(case_id)
    if case.is_open:
        return None
    ours = OutgoingMail.objects.filter(case=case, status__in=OVER).exclude(body="")
    sent = sorted(ours.values_list("pk", flat=True))
    if sent or received:
        gone = {"to_name": "", "subject": "", "body": "", "problem": "", "bounce_reason": ""}
        OutgoingMail.objects.filter(pk__in=sent).update(**gone)
        data = {"received": sorted(received), "sent": sent}
        record(
            case, CaseEvent.Kind.MAIL, "forgotten", actor=Actor.system(), now=now, why=MAIL_KEPT_NO_LONGER, data=data
        )
    return sent


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
