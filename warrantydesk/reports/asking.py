"""Asking for a report as a file, looking how far it is, and taking it. Each person sees their own only."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.validators import slug_re
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.waking import wake
from products.auditing import put_on_record
from warrantydesk.faces.access import desk_page, desk_verb
from warrantydesk.faces.navigation import desk_response
from warrantydesk.reports.allowed import EXPORT_DATA, SEE_REPORTS
from warrantydesk.reports.exports.jobs import KINDS, MOST_WAITING, CannotBeMadeError, asked_of
from warrantydesk.reports.kept import ExportJob
from warrantydesk.reports.own import tidied
from warrantydesk.reports.registry import REPORTS

UNDONE = (ExportJob.Status.WAITING, ExportJob.Status.WORKING)


def _page(arguments: dict[str, Any]) -> str:
    return reverse("reports:report", args=[arguments["name"]])


def is_code(written: str, longest: int) -> bool:
    """As the addresses of the pages have them: letters, digits, dashes."""
    return len(written) <= longest and (not written or slug_re.match(written) is not None)


@desk_verb(EXPORT_DATA, _page)
def ask_export(request: HttpRequest, name: str) -> HttpResponse:
    """Write down what is wanted; the worker makes it. What cannot be answered is an error."""
    kind = request.POST.get("kind", "")
    table, key = request.POST.get("table", ""), request.POST.get("key", "")
    if name not in REPORTS or kind not in KINDS or not (is_code(table, 20) and is_code(key, 80)):
        raise Http404(name)
    if not request.user.has_perms((SEE_REPORTS, EXPORT_DATA)):
        raise PermissionDenied
    query = tidied(request.POST.get("query", ""))
    try:
        asked = asked_of(name, query)
    except CannotBeMadeError as wrong:
        return HttpResponse(
            str(wrong), status=HTTPStatus.UNPROCESSABLE_ENTITY, content_type="text/plain; charset=utf-8"
        )
    own = ExportJob.objects.filter(user=request.user.pk)
    if own.filter(status__in=UNDONE).count() >= MOST_WAITING:
        messages.error(request, _("Five of your files are being made already: wait for one of them."))
        return redirect(f"{_page({'name': name})}?{query}")
    with transaction.atomic():
        job = ExportJob.objects.create(
            user=cast("Any", request.user),
            report=name,
            table=table,
            key=key,
            kind=kind,
            query=query,
            language=get_language() or "en",
            created_at=timezone.now(),
        )
        span = asked.range
        facts = {"report": name, "format": kind, "first": span.first, "last": span.last}
        behind = {"report": name, "table": table, "key": key, "format": kind}
        put_on_record("export.cases" if table else "export.report", "report", None, facts=behind if table else facts)
        _wake()
    return redirect("reports:export_page", job.pk)


def _wake() -> None:
    from warrantydesk.reports.tasks import make_exports

    wake(make_exports)


@desk_page(EXPORT_DATA)
def export_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far it is; the file once it is ready."""
    job = get_object_or_404(ExportJob, pk=job_id, user=request.user.pk)
    context = {
        "job": job,
        "report": REPORTS[job.report],
        "is_waiting": job.status in UNDONE,
        "share": min(100 * job.rows_done // job.rows, 100) if job.rows else None,
        "back": f"{_page({'name': job.report})}?{job.query}",
    }
    template = "reports/export_state.html" if request.headers.get("HX-Request") else "reports/export.html"
    return desk_response(request, template, context, current="reports")


@desk_page(EXPORT_DATA)
def export_file(request: HttpRequest, job_id: int) -> HttpResponse:
    """The file itself, to whoever asked for it."""
    job = get_object_or_404(ExportJob, pk=job_id, user=request.user.pk, status=ExportJob.Status.DONE)
    if not request.user.has_perms((SEE_REPORTS, EXPORT_DATA)):
        raise PermissionDenied
    try:
        file = default_storage.open(str(job.file.name), "rb")
    except FileNotFoundError:
        raise Http404 from None
    return cast(
        "HttpResponse",
        FileResponse(file, as_attachment=True, filename=job.name, content_type="application/octet-stream"),
    )
