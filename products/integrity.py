"""The invariants of what was sold, looked at from outside the services that keep them (contracts: check_integrity)."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from django.db.models import Exists, F, Model, OuterRef, Q

from products.clock_check import differing_clocks
from products.identifiers import fold_identifier
from products.models import CoveredPart, Invoice, PartVoid, PauseWindow, SerialChange, SoldUnit

CHUNK = 2000


def problems() -> Iterator[str]:
    """One sentence for each thing that cannot be, in constant memory; nothing where all is well."""
    yield from _clocks_that_differ()
    yield from _windows_beside_an_open_one()
    yield from _voids_out_of_step()
    yield from _motor_voids_elsewhere()
    yield from _broken_chains()
    yield from _promises_changed()
    yield from _stale_folds()


def _clocks_that_differ() -> Iterator[str]:
    for chunk in differing_clocks():
        for found in chunk.differences:
            what = found.error or ", ".join(found.fields)
            yield f"part {found.part_id}: the stored clock differs from the recomputed one ({what}); see check_clocks"


def _windows_beside_an_open_one() -> Iterator[str]:
    """An open pause swallows every later one: two sources then disagree on whether the part is back."""
    same_part = PauseWindow.objects.filter(part=OuterRef("part")).exclude(pk=OuterRef("pk"))
    reaching_in = same_part.filter(Q(back_on__isnull=True) | Q(back_on__gte=OuterRef("left_on")))
    rows = PauseWindow.objects.filter(Exists(reaching_in), back_on__isnull=True).order_by("pk")
    for window in rows.iterator(CHUNK):
        yield (
            f"part {window.part_id}: the pause open since {window.left_on} ({window.source}) overlaps another pause "
            "of the same part"
        )


def _voids_out_of_step() -> Iterator[str]:
    in_force = PartVoid.objects.filter(part=OuterRef("pk"), lifted_at__isnull=True)
    parts = CoveredPart.objects.order_by("pk")
    for part in parts.filter(~Exists(in_force), voided_at__isnull=False).iterator(CHUNK):
        yield f"part {part.pk}: marked void since {part.voided_at}, but no void is in force"
    not_marked = PartVoid.objects.filter(lifted_at__isnull=True).exclude(part__voided_at=F("voided_at"))
    unmarked = PartVoid.objects.filter(lifted_at__isnull=True, part__voided_at__isnull=True)
    for void in (not_marked | unmarked).order_by("pk").iterator(CHUNK):
        yield f"part {void.part_id}: a void of {void.voided_at} is in force, but the part does not say so"


def _motor_voids_elsewhere() -> Iterator[str]:
    rows = PartVoid.objects.filter(reason__motors_only=True).exclude(part__category="motor")
    for void in rows.select_related("reason", "part").order_by("pk").iterator(CHUNK):
        yield f"part {void.part_id}: void for {void.reason.code}, a reason for motors, but sold as {void.part.category}"


def _broken_chains() -> Iterator[str]:
    """Each replacement continues from the serial before it, and the part carries the last one."""
    rows = SerialChange.objects.select_related("part").order_by("part", "pk")
    for part_id, chain in groupby(rows.iterator(CHUNK), key=attrgetter("part_id")):
        links = list(chain)
        serials = [*(link.old_serial for link in links[1:]), links[0].part.serial]
        for link, following in zip(links, serials, strict=True):
            if link.new_serial != following:
                yield f"part {part_id}: was given “{link.new_serial}”, but the next in its chain is “{following}”"


def _promises_changed() -> Iterator[str]:
    """Months and start are frozen at sale (house law 3): they still say what terms and invoice say."""
    parts = CoveredPart.objects.order_by("pk")
    for part in parts.exclude(term_months=F("terms__months")).iterator(CHUNK):
        yield f"part {part.pk}: sold with {part.term_months} months, but its terms say otherwise"
    by_invoice = parts.filter(started_by="invoice").exclude(starts_on=F("unit__line__invoice__issued_on"))
    by_delivery = parts.filter(started_by="delivery").exclude(starts_on=F("unit__line__invoice__delivered_on"))
    for rows in (by_invoice, by_delivery):
        for part in rows.iterator(CHUNK):
            yield f"part {part.pk}: starts on {part.starts_on}, but its invoice has another date of {part.started_by}"


def _stale_folds() -> Iterator[str]:
    """A number whose folded form is stale cannot be found by it any more."""
    columns: tuple[tuple[type[Model], str, str], ...] = (
        (Invoice, "number", "number_fold"),
        (SoldUnit, "serial", "serial_fold"),
        (CoveredPart, "serial", "serial_fold"),
        (SerialChange, "old_serial", "old_serial_fold"),
    )
    for model, written, folded in columns:
        rows = model._default_manager.exclude(**{written: "", folded: ""}).order_by("pk")
        for pk, text, fold in rows.values_list("pk", written, folded).iterator(CHUNK):
            if fold != fold_identifier(text):
                yield f"{model._meta.verbose_name} {pk}: “{text}” cannot be found by its number, its index is stale"
