"""The managers' page of the audit trail: read and narrowed, taken along as CSV, never changed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from products.auditing import put_on_record
from products.spreadsheet import harmless
from warrantydesk.audit.asking import AskForm
from warrantydesk.audit.chain import TOO_OLD, head, unsealed
from warrantydesk.audit.models import AuditEntry
from warrantydesk.audit.reading import in_chunks, may_open, page_of
from warrantydesk.faces.access import desk_page
from warrantydesk.faces.limits import take
from warrantydesk.faces.navigation import MANAGERS, Group, Item, desk_response
from warrantydesk.reports.exports.csv_file import MARK, Line

SEE_AUDIT, EXPORT_DATA = "audit.view_auditentry", "cases.export_data"
UNPROCESSABLE, TOO_MANY = 422, 429
COLUMNS = ("entry", "at", "by", "account", "token", "network", "what", "about", "number", "facts")


@desk_page(SEE_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    form, now = AskForm(request.GET), timezone.now()
    page = page_of(form.entries(timezone.get_default_timezone()), request.GET.get("before", ""))
    context = {
        "form": form,
        "page": page,
        "opens": may_open(request.user),
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "head": head(),
        "waits_long": unsealed(everything=False).filter(at__lt=now - TOO_OLD).exists(),
        "query": request.GET.urlencode(),
    }
    return desk_response(request, "audit/audit.html", context, current="audit")


@desk_page(SEE_AUDIT)
def export(request: HttpRequest) -> HttpResponse:
    """What was asked for, as CSV. An entry of the trail itself; what cannot be answered is an error here."""
    if not request.user.has_perm(EXPORT_DATA):
        raise PermissionDenied
    form = AskForm(request.GET)
    if not form.is_valid():
        return _plain("\n".join(str(one) for errors in form.errors.values() for one in errors), UNPROCESSABLE)
    if not take("export", str(request.user.pk), now=timezone.now()):
        return _plain(_("You have exported often just now. Please wait an hour."), TOO_MANY)
    put_on_record("export.audit", "audit", None, facts=form.facts)
    entries = form.entries(timezone.get_default_timezone())
    response = StreamingHttpResponse(_lines(entries), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y-%m-%d}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]


def audit_side(user: Any, current: str) -> list[Group]:
    if not user.has_perm(SEE_AUDIT):
        return []
    link = Item(label=_("Audit trail"), url=reverse("audit"), count=None, current=current == "audit")
    return [Group(title=str(MANAGERS), items=[link])]


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def _lines(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(Line())
    yield MARK + writer.writerow(COLUMNS)
    for row in in_chunks(entries):
        one, facts = row.entry, "; ".join(f"{name}: {value}" for name, value in row.facts)
        cells = (
            one.pk, one.at.isoformat(), row.who, one.person, one.token, one.network, one.verb, row.about, one.object_id,
            facts,
        )  # fmt: skip
        yield writer.writerow([harmless(cell) for cell in cells])
