"""Files taken in by people: uploaded, tried first, corrected, taken in for good, and taken back."""

from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.waking import wake
from products.auditing import put_on_record
from products.errors import Refused
from products.importing.columns import CATALOGUE_COLUMNS, INVOICE_COLUMNS, guess
from products.importing.runs import IMPORT, begin_run, remember_columns, undo_run
from products.importing.tables import MOST_COLUMNS
from products.models import ImportRun
from products.services.stocking import IMPORT as IMPORT_CATALOGUE
from products.spreadsheet import Cell, written
from warrantydesk.faces.access import desk_page, desk_verb
from warrantydesk.faces.navigation import desk_response

SHOWN = 50
LAYOUTS = (
    ("auto", gettext_lazy("Look at the columns")),
    ("plain", gettext_lazy("Our own columns")),
    ("shopify", gettext_lazy("Shopify's export of orders")),
    ("serials", gettext_lazy("Serial numbers alone")),
)


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("CSV or XLSX file"))
    kind = forms.ChoiceField(label=gettext_lazy("It holds"), choices=ImportRun.Kind.choices)
    layout = forms.ChoiceField(label=gettext_lazy("Columns"), choices=LAYOUTS, required=False)
    shop = forms.CharField(label=gettext_lazy("Shop"), max_length=40, required=False)


@desk_page(IMPORT)
def imports(request: HttpRequest) -> HttpResponse:
    return _list(request, UploadForm())


def _list(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    runs = ImportRun.objects.select_related("created_by")[:SHOWN]
    return desk_response(request, "sales/imports.html", {"runs": runs, "form": form}, current="imports", status=status)


@desk_verb(IMPORT)
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the file and try it: nothing is taken in before somebody has seen what would happen."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=422)
    given = form.cleaned_data
    if given["kind"] == ImportRun.Kind.CATALOGUE and not request.user.has_perm(IMPORT_CATALOGUE):
        form.add_error("kind", _("Your account may not change the catalogue."))
        return _list(request, form, status=403)
    run = begin_run(
        given["kind"], given["file"].name, now=timezone.now(), file=given["file"], layout=given["layout"] or "auto",
        shop=given["shop"].strip(), dry_run=True, created_by=request.user,
    )  # fmt: skip
    _wake()
    return redirect("sales:import", run.pk)


@desk_page(IMPORT)
def template_file(request: HttpRequest) -> HttpResponse:
    """A table with our own columns, to be filled in."""
    response = HttpResponse("".join(written([INVOICE_COLUMNS])), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="invoices.csv"'
    return response


@desk_page(IMPORT)
def one_import(request: HttpRequest, run_id: int) -> HttpResponse:
    run = _run(run_id)
    known = INVOICE_COLUMNS if run.kind == ImportRun.Kind.INVOICES else CATALOGUE_COLUMNS
    mapped = {**guess(run.header, known), **run.mapping}
    context = {
        "run": run,
        "problems": run.problems.all()[:SHOWN],
        "columns": [(ours, mapped.get(ours, "")) for ours in known] if run.header else [],
        "asks_columns": run.status == ImportRun.Status.FAILED and bool(run.header),
        "is_waiting": run.status == ImportRun.Status.WAITING,
        "can_take": run.status == ImportRun.Status.DONE and run.dry_run and run.file and (run.new or run.changed),
        "can_undo": run.status == ImportRun.Status.DONE and not run.dry_run and run.kind == ImportRun.Kind.INVOICES,
    }
    template = "sales/import_state.html" if request.headers.get("HX-Request") else "sales/import.html"
    return desk_response(request, template, context, current="imports")


@desk_page(IMPORT)
def rejected_rows(request: HttpRequest, run_id: int) -> HttpResponse:
    """The rows that did not go in, with their reasons, to be put right and given again."""
    run = _run(run_id)
    put_on_record("export.rejected_rows", "import", run.pk)
    response = StreamingHttpResponse(written(_rejected(run)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}.rejected.csv"'
    return response  # type: ignore[return-value]


def _rejected(run: ImportRun) -> Iterator[list[Cell]]:
    header = [name for name in run.header if name != "reason"]
    yield [*header, "reason"]
    for problem in run.problems.iterator(chunk_size=500):
        for cells in problem.cells:
            reason = _("row %(position)d: %(reason)s") % {"position": problem.position, "reason": problem.reason}
            yield [*(cells + [""] * len(header))[: len(header)], reason]


@desk_verb(IMPORT)
def name_columns(request: HttpRequest, run_id: int) -> HttpResponse:
    """What the columns of this file mean: remembered for every file with the same ones."""
    run = _run(run_id)
    known = INVOICE_COLUMNS if run.kind == ImportRun.Kind.INVOICES else CATALOGUE_COLUMNS
    said = {ours: request.POST.get(ours, "")[:200] for ours in list(known)[:MOST_COLUMNS]}
    remember_columns(run, {ours: theirs for ours, theirs in said.items() if theirs in run.header}, timezone.now())
    _wake()
    return redirect("sales:import", run.pk)


@desk_verb(IMPORT)
def take_for_good(request: HttpRequest, run_id: int) -> HttpResponse:
    """The file that was tried, now for good."""
    tried = _run(run_id)
    if not tried.dry_run or tried.status != ImportRun.Status.DONE:
        messages.error(request, _("This file was taken in already, or has not been tried yet."))
        return redirect("sales:import", tried.pk)
    if not tried.file:
        messages.error(request, _("This file is kept no longer: give it again."))
        return redirect("sales:import", tried.pk)
    if tried.kind == ImportRun.Kind.CATALOGUE and not request.user.has_perm(IMPORT_CATALOGUE):
        messages.error(request, _("Your account may not change the catalogue."))
        return redirect("sales:import", tried.pk)
    run = begin_run(
        tried.kind, tried.name, now=timezone.now(), file=tried.file.name, layout=tried.layout, shop=tried.shop,
        mapping=tried.mapping, created_by=request.user,
    )  # fmt: skip
    put_on_record("import.taken", "import", run.pk)
    _wake()
    return redirect("sales:import", run.pk)


@desk_verb(IMPORT)
def undo(request: HttpRequest, run_id: int) -> HttpResponse:
    try:
        gone = undo_run(run_id, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(count)d invoice taken back.", "%(count)d invoices taken back.", gone)
        messages.success(request, said % {"count": gone})
    return redirect("sales:import", run_id)


def _run(run_id: int) -> ImportRun:
    run = ImportRun.objects.select_related("created_by").filter(pk=min(run_id, 2**62)).first()
    if run is None:
        raise Http404
    return run


def _wake() -> None:
    """Should the message get lost, the sweep finds the row (house, law 2)."""
    from warrantydesk.sales.tasks import run_imports  # the tasks call the services

    wake(run_imports)
