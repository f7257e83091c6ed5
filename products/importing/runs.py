"""A run of an import as a row: begun, ended with its counts, and taken back while nothing depends on it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from products.errors import NotPermitted, Refused
from products.importing.taking import Tally
from products.models import ClockChange, ImportRun, Invoice, PartVoid, PauseWindow, SaleCorrection, SerialChange

IMPORT = "products.import_invoices"
UNDO_AT_ONCE = 200
COUNTS = ("new", "changed", "unchanged", "skipped", "rejected")


def begin_run(kind: str, name: str, *, now: dt.datetime, **given: Any) -> ImportRun:
    return ImportRun.objects.create(kind=kind, name=name[:200], created_at=now, **given)


def end_run(run: ImportRun, tally: Tally, now: dt.datetime) -> None:
    for name in COUNTS:
        setattr(run, name, getattr(tally, name))
    run.notes, run.done_share, run.finished_at, run.status = tally.notes, 100, now, ImportRun.Status.DONE
    run.claimed_at = None
    run.save()


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
