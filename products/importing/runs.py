"""A run of an import as a row: begun, ended with its counts, and taken back while nothing depends on it."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from products.auditing import by_person, put_on_record
from products.errors import NotPermitted, Refused
from products.importing.catalogue import Taking, take_catalogue
from products.importing.columns import header_print
from products.importing.tables import Unreadable, open_table
from products.importing.taking import Rejected, Tally, find_layout, take_orders
from products.models import (
    ClockChange,
    ColumnMapping,
    ImportProblem,
    ImportRun,
    Invoice,
    PartVoid,
    PauseWindow,
    SaleCorrection,
    SerialChange,
)
from products.services import Registration, ShopsWord

IMPORT = "products.import_invoices"
MOST_PROBLEMS = 20_000  # rejected orders kept for one run; beyond, the file as a whole is wrong
STALE_AFTER = dt.timedelta(seconds=settings.CLAIM_SECONDS)
MOST_ATTEMPTS = 3
UNDO_AT_ONCE = 200
COUNTS = ("new", "changed", "unchanged", "skipped", "rejected")


def begin_run(kind: str, name: str, *, now: dt.datetime, **given: Any) -> ImportRun:
    """The row of an import that begins now; `given`: its other fields."""
    return ImportRun.objects.create(kind=kind, name=name[:200], created_at=now, **given)


def end_run(run: ImportRun, tally: Tally, now: dt.datetime) -> None:
    """The import went through: what became of its rows."""
    for name in COUNTS:
        setattr(run, name, getattr(tally, name))
    run.notes, run.done_share, run.finished_at, run.status = tally.notes, 100, now, ImportRun.Status.DONE
    run.claimed_at = None
    run.save()


def claim_run(now: dt.datetime) -> ImportRun | None:
    """The oldest run that waits and that nobody is at, claimed; None where there is none."""
    nobody = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - STALE_AFTER)
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        waiting = ImportRun.objects.filter(nobody, status=ImportRun.Status.WAITING).exclude(file="")
        run = waiting.select_for_update(skip_locked=skip, of=("self",)).order_by("pk").first()
        if run is not None:
            run.claimed_at, run.attempts = now, run.attempts + 1
            run.save(update_fields=["claimed_at", "attempts"])
    return run


def work_off(run: ImportRun, clock: Callable[[], dt.datetime]) -> None:
    """Take in the file of a claimed run. Begun again after a worker died, what is in already counts as before."""
    if run.attempts > MOST_ATTEMPTS:
        _fail(run, _("It stopped its reader every time."), clock())
        return
    run.problems.all().delete()
    try:
        with run.file.open("rb") as file:
            tally = _taken(run, file, clock)
    except (Unreadable, FileNotFoundError) as error:
        _fail(run, str(error), clock())
        return
    end_run(run, tally, clock())


def _taken(run: ImportRun, file: IO[bytes], clock: Callable[[], dt.datetime]) -> Tally:
    table = open_table(file)
    run.header = table.header
    run.mapping = run.mapping or _remembered(run)
    run.save(update_fields=["header", "mapping"])
    kept = partial(_keep_problem, run)
    if run.kind == ImportRun.Kind.CATALOGUE:
        return take_catalogue(file, run.mapping, Taking(run.created_by, timezone.localdate(clock()), run.dry_run, kept))
    layout = find_layout(table, run.layout, run.mapping)
    by = Registration.begin(run.created_by or ShopsWord(), clock(), None if run.dry_run else run)

    def told(tally: Tally) -> None:
        # Whoever watches sees it grow; and a long file is no dead worker's.
        share = round(table.share() * 100)
        ImportRun.objects.filter(pk=run.pk).update(done_share=share, claimed_at=clock(), rejected=tally.rejected)

    return take_orders(table, layout, by, shop=run.shop, dry_run=run.dry_run, reject=kept, told=told)


def _keep_problem(run: ImportRun, rejected: Rejected) -> None:
    if run.problems.count() < MOST_PROBLEMS:
        ImportProblem.objects.create(
            run=run, position=rejected.position, number=rejected.number[:100], reason=rejected.reason[:500],
            cells=rejected.rows,
        )  # fmt: skip


def _fail(run: ImportRun, problem: str, now: dt.datetime) -> None:
    run.status, run.problem, run.finished_at, run.claimed_at = ImportRun.Status.FAILED, problem[:500], now, None
    run.save()


def _remembered(run: ImportRun) -> dict[str, str]:
    known = ColumnMapping.objects.filter(kind=run.kind, header_print=header_print(run.header)).first()
    return known.mapping if known else {}


def remember_columns(run: ImportRun, mapping: dict[str, str], now: dt.datetime) -> None:
    """What the columns of a file mean, for this run and for every later file with the same ones. It is tried again."""
    with transaction.atomic():
        ColumnMapping.objects.update_or_create(
            kind=run.kind,
            header_print=header_print(run.header),
            defaults={"header": run.header, "mapping": mapping, "used_at": now},
        )
        run.mapping, run.status, run.problem, run.attempts = mapping, ImportRun.Status.WAITING, "", 0
        run.save()


def old_files(now: dt.datetime) -> QuerySet[ImportRun]:
    """Runs that ended IMPORT_FILES_KEEP_DAYS ago and still have their file, or the rows they rejected."""
    oldest = now - dt.timedelta(days=settings.IMPORT_FILES_KEEP_DAYS)
    rejected = Exists(ImportProblem.objects.filter(run=OuterRef("pk")))
    ended = ImportRun.objects.filter(finished_at__lt=oldest).exclude(status=ImportRun.Status.WAITING)
    return ended.filter(~Q(file="") | rejected).order_by("pk")


def forget_files(runs: QuerySet[ImportRun]) -> list[str]:
    """Take file and rejected rows from these runs; the keys of the files no other run holds, for the storage. Their
    counts stay."""
    found = list(runs)
    ids = [run.pk for run in found]
    ImportProblem.objects.filter(run__in=ids).delete()
    ImportRun.objects.filter(pk__in=ids).update(file="")
    keys = {str(run.file.name) for run in found if run.file}
    return sorted(keys - set(ImportRun.objects.filter(file__in=keys).values_list("file", flat=True)))


def undo_run(run_id: int, *, actor: AbstractBaseUser, now: dt.datetime) -> int:
    """Take back every invoice this import brought; how many. Refused, with nothing taken back, where something depends
    on one of them (a case, a parcel, a correction, anything that happened to a clock), or where it changed others."""
    if not actor.has_perm(IMPORT):  # type: ignore[attr-defined]
        raise NotPermitted(_("Your account may not undo imports."), code=IMPORT)
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(of=("self",)).filter(pk=run_id, kind=ImportRun.Kind.INVOICES).first()
        if run is None or run.status != ImportRun.Status.DONE or run.dry_run:
            raise Refused(_("This import cannot be undone: it brought nothing, or was undone already."), code="state")
        if run.changed:
            raise Refused(
                _("This import changed %(count)d invoices that were there before: correct those one by one.")
                % {"count": run.changed},
                code="changed_others",
            )
        gone = 0
        while numbers := list(run.invoices.order_by("pk").values_list("pk", flat=True)[:UNDO_AT_ONCE]):
            _remove(numbers)
            gone += len(numbers)
        run.status, run.undone_at, run.undone_by_id = ImportRun.Status.UNDONE, now, actor.pk
        run.save(update_fields=["status", "undone_at", "undone_by"])
        put_on_record("import.undone", "import", run.pk, facts={"rows": gone}, **by_person(actor))
    return gone


def _remove(invoices: Sequence[int]) -> None:
    happened = (PauseWindow, SerialChange, PartVoid, ClockChange)
    touched = next(
        (rows.first() for model in happened
         if (rows := model._default_manager.filter(part__unit__line__invoice__in=invoices)
             .select_related("part__unit__line__invoice")).exists()),
        None,
    )  # fmt: skip
    if touched is not None:
        raise _depends(touched.part.unit.line.invoice, touched._meta.verbose_name)
    corrected = SaleCorrection.objects.filter(invoice__in=invoices).select_related("invoice").first()
    if corrected is not None:
        raise _depends(corrected.invoice, corrected._meta.verbose_name)
    try:
        Invoice.objects.filter(pk__in=invoices).delete()
    except ProtectedError as error:
        holder = min(error.protected_objects, key=lambda row: (row._meta.label, row.pk))
        raise Refused(
            _("Something depends on this import: %(what)s “%(holder)s”. Nothing was undone.")
            % {"what": holder._meta.verbose_name, "holder": holder},
            code="depended_on",
        ) from error


def _depends(invoice: Invoice, what: Any) -> Refused:
    return Refused(
        _("Something happened to invoice %(number)s since: %(what)s. Nothing was undone.")
        % {"number": invoice.number, "what": what},
        code="depended_on",
    )
