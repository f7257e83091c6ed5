"""Reports as files that a worker makes: a row says what is wanted and how far it is, and goes away with its file.

A row is claimed by compare and swap, may be made twice, and a worker that died leaves one that is taken up again.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import F, Q
from django.http import QueryDict
from django.utils import timezone, translation

from cases.queries import cases_visible_to
from warrantydesk.faces.paper import NoPaper
from warrantydesk.reports.allowed import EXPORT_DATA, SEE_REPORTS
from warrantydesk.reports.answer import Answer, Told, answered
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.fresh import bring_up_to_date
from warrantydesk.reports.exports.case_lines import case_lines
from warrantydesk.reports.exports.csv_file import csv_lines
from warrantydesk.reports.exports.pdf_file import report_pdf
from warrantydesk.reports.exports.text_files import json_lines
from warrantydesk.reports.exports.xlsx_file import write_xlsx
from warrantydesk.reports.forms import AskedForm
from warrantydesk.reports.kept import ExportJob
from warrantydesk.reports.registry import REPORTS

logger = logging.getLogger(__name__)
Status = ExportJob.Status
KINDS = ("csv", "xlsx", "pdf", "json")
STALE_AFTER = timedelta(minutes=10)  # without a word of how far it is
KEPT = timedelta(hours=24)
MOST_ATTEMPTS = 3
MOST_WAITING = 5  # of one person
TELL_EVERY = 1.0  # seconds


class CannotBeMadeError(Exception):
    """Why nobody will ever make this file, in words."""


def work_off(now: datetime) -> int:
    """Make every file that waits, the oldest first; how many were made. What a dead worker left is taken up again."""
    _settle_abandoned(now)
    made = 0
    while (job := _claim(timezone.now())) is not None:
        made += _make(job)
    return made


def forget_old(now: datetime) -> int:
    """Files that lay there long enough go, and their rows with them."""
    old = ExportJob.objects.filter(Q(finished_at__lt=now - KEPT) | Q(status=Status.FAILED, created_at__lt=now - KEPT))
    for job in old:
        if job.file:
            default_storage.delete(str(job.file.name))
        job.delete()
    return len(old)


def _claim(now: datetime) -> ExportJob | None:
    for pk in ExportJob.objects.filter(status=Status.WAITING).order_by("pk").values_list("pk", flat=True)[:5]:
        waiting = ExportJob.objects.filter(pk=pk, status=Status.WAITING)
        if waiting.update(status=Status.WORKING, claimed_at=now, rows_done=0, attempts=F("attempts") + 1):
            return ExportJob.objects.select_related("user").get(pk=pk)
    return None


def _settle_abandoned(now: datetime) -> None:
    stale = ExportJob.objects.filter(status=Status.WORKING, claimed_at__lt=now - STALE_AFTER)
    stale.filter(attempts__gte=MOST_ATTEMPTS).update(
        status=Status.FAILED, finished_at=now, problem="It was begun three times and never came to its end."
    )
    stale.filter(attempts__lt=MOST_ATTEMPTS).update(status=Status.WAITING)


def _make(job: ExportJob) -> bool:
    try:
        with translation.override(job.language), TemporaryFile() as file:
            name = _write(job, file, _Teller(job))
            file.seek(0)
            key = default_storage.save(f"exports/{secrets.token_urlsafe(24)}", File(file))
    except (CannotBeMadeError, NoPaper) as refused:
        _held(job, status=Status.FAILED, finished_at=timezone.now(), problem=str(refused)[:500])
        return False
    except Exception:
        logger.exception("export %s", job.pk)  # the row waits: it is taken up again, three times at the most
        return False
    if not _held(job, status=Status.DONE, finished_at=timezone.now(), file=key, name=name):
        default_storage.delete(key)
        return False
    return True


def _held(job: ExportJob, **fields: object) -> bool:
    """Change a job we hold; False where the claim is no longer ours."""
    return bool(ExportJob.objects.filter(pk=job.pk, status=Status.WORKING, attempts=job.attempts).update(**fields))


class _Teller:
    """Tells the row how far it is, now and then: a row of a file is not worth a write."""

    def __init__(self, job: ExportJob) -> None:
        self._job, self._done, self._told_at = job, 0, 0.0

    def begin(self, rows: int) -> None:
        _held(self._job, rows=rows, claimed_at=timezone.now())

    def __call__(self, rows: int) -> None:
        self._done += rows
        if time.monotonic() - self._told_at >= TELL_EVERY:
            self._told_at = time.monotonic()
            _held(self._job, rows_done=self._done, claimed_at=timezone.now())


def asked_of(report: str, query: str) -> Asked:
    """CannotBeMadeError for what cannot be answered: nobody may take other days for those they asked for."""
    now, zone = timezone.now(), timezone.get_default_timezone()
    form = AskedForm(QueryDict(query), now.astimezone(zone).date(), REPORTS[report].filters)
    if form.is_bound and not form.is_valid():
        said = "\n".join(f"{field}: {error}" for field, errors in form.errors.items() for error in errors)
        raise CannotBeMadeError(said)
    return form.asked(now, zone)


def _write(job: ExportJob, file: IO[bytes], told: _Teller) -> str:
    """The name of the file."""
    if not (job.user.is_active and job.user.has_perms((SEE_REPORTS, EXPORT_DATA))):
        raise CannotBeMadeError("Whoever asked for it may not have it any more.")
    asked = asked_of(job.report, job.query)
    bring_up_to_date()
    if job.table:
        _write_cases(job, asked, file, told)
        return f"{job.report}-{job.table}-{job.key}.csv"
    answer = answered(REPORTS[job.report], asked)
    told.begin(answer.rows)
    write_answer(answer, job.kind, file, told)
    return f"{answer.name}.{job.kind}"


def write_answer(answer: Answer, kind: str, file: IO[bytes], told: Told) -> None:
    if kind == "xlsx":
        write_xlsx(answer, file, told)
    elif kind == "pdf":
        file.write(report_pdf([answer]))
        told(answer.rows)
    else:
        _write_lines(file, csv_lines(answer, told) if kind == "csv" else json_lines(answer, told))


def _write_cases(job: ExportJob, asked: Asked, file: IO[bytes], told: _Teller) -> None:
    tables: Any = REPORTS[job.report].tables(asked)
    table = next((one for one in tables if one.code == job.table), None)
    behind = table.cases(job.key) if table and table.cases else None
    if behind is None:
        raise CannotBeMadeError("There are no such cases.")
    visible = cases_visible_to(job.user).filter(pk__in=behind.order_by().values("pk"))
    told.begin(visible.count())
    _write_lines(file, case_lines(visible, told))


def _write_lines(file: IO[bytes], lines: Iterable[str]) -> None:
    for line in lines:
        file.write(line.encode())
