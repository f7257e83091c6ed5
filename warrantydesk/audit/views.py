"""The managers' page of the audit trail: read and narrowed, taken along as CSV, never changed."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.auditing import put_on_record
from products.spreadsheet import Cell, written
from warrantydesk.audit.asking import AskForm
from warrantydesk.audit.chain import TOO_OLD, head, unsealed
from warrantydesk.audit.models import AuditEntry
from warrantydesk.audit.reading import in_chunks, may_open, page_of
from warrantydesk.faces.access import desk_page
from warrantydesk.faces.limits import take
from warrantydesk.faces.navigation import desk_response, managers_page

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
    response = StreamingHttpResponse(written(_rows(entries)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y-%m-%d}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]


audit_side = managers_page("audit", gettext_lazy("Audit trail"), SEE_AUDIT)


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[tuple[Cell, ...]]:
    yield COLUMNS
    for row in in_chunks(entries):
        one, facts = row.entry, "; ".join(f"{name}: {value}" for name, value in row.facts)
        yield (
            one.pk, one.at.isoformat(), row.who, one.person, one.token, one.network, one.verb, row.about, one.object_id,
            facts,
        )  # fmt: skip
