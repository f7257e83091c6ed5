"""The virus scan of what came in. The row says whether it is still to be done; a scanner that is down delays it, and
nothing that was not scanned goes to a customer meanwhile (`Evidence.may_go_to_customer`)."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from cases.evidence.scanner import Answer, ScannerDown, ask_scanner
from cases.models import Evidence
from cases.services.guarding import quarantine_file

logger = logging.getLogger(__name__)
Scan = Evidence.Scan

STALE_AFTER = timedelta(seconds=settings.CLAIM_SECONDS)
TRY_AGAIN_AFTER = timedelta(minutes=1)


def scan(evidence_id: int, now: datetime) -> str | None:
    """Have one file scanned. What was found (Evidence.Scan); None where nothing is to do, or somebody is at it.

    WAITING where the scanner or the storage did not answer: the sweep comes back after TRY_AGAIN_AFTER.
    """
    evidence = _claim(evidence_id, now)
    if evidence is None:
        return None
    try:
        with default_storage.open(str(evidence.original.name), "rb") as file:
            answer = ask_scanner(settings.CLAMD_URL, file, seconds=settings.CLAMD_TIMEOUT)
    except ScannerDown as error:
        logger.warning("evidence %s waits for the virus scanner: %s", evidence.pk, error)
        return _let_wait(evidence, now)
    except Exception:
        logger.exception("evidence %s could not be read for the virus scanner", evidence.pk)
        return _let_wait(evidence, now)
    return _settle(evidence, answer, now)


def scan_waiting(now: datetime, limit: int = 20) -> int:
    """Scan up to `limit` files nobody is at; how many were. Stops at the first that the scanner gave no answer to."""
    if not settings.CLAMD_URL:
        return 0
    done = 0
    for evidence_id in list(_free(now).order_by("pk").values_list("pk", flat=True)[:limit]):
        found = scan(evidence_id, now)
        if found == Scan.WAITING:
            break
        done += found is not None
    return done


def _free(now: datetime) -> QuerySet[Evidence]:
    """What came before there was a scanner is its work too."""
    nobody = Q(scan_claimed_at=None) | Q(scan_claimed_at__lt=now - STALE_AFTER)
    return Evidence.objects.filter(nobody, scan__in=[Scan.NONE, Scan.WAITING], status__in=Evidence.KEPT)


def _claim(evidence_id: int, now: datetime) -> Evidence | None:
    if not settings.CLAMD_URL:
        return None
    taken = _free(now).filter(pk=evidence_id).update(scan_claimed_at=now, scan=Scan.WAITING)
    return Evidence.objects.get(pk=evidence_id) if taken else None


def _claimed(evidence: Evidence) -> QuerySet[Evidence]:
    return Evidence.objects.filter(pk=evidence.pk, scan=Scan.WAITING, scan_claimed_at=evidence.scan_claimed_at)


def _let_wait(evidence: Evidence, now: datetime) -> str:
    _claimed(evidence).update(scan_claimed_at=now - STALE_AFTER + TRY_AGAIN_AFTER)
    return Scan.WAITING


def _settle(evidence: Evidence, answer: Answer, now: datetime) -> str:
    if answer.found == "infected":
        quarantine_file(evidence.pk, virus=answer.virus, now=now)
        return Scan.INFECTED
    found = Scan.CLEAN if answer.found == "clean" else Scan.TOO_LARGE
    _claimed(evidence).update(scan=found, scanned_at=now, scan_claimed_at=None)
    return found
