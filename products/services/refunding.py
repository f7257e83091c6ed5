"""A refunded piece is covered no longer (docs/decisions/0011): its clocks keep their dates, and say so."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from products.errors import Refused
from products.models import SaleCorrection, SoldUnit
from products.services.checking import Corrector
from products.services.correction import Attempt, Correction, Says, begin, carried_out, locked_invoice, record


def refund_units(
    invoice_id: int,
    unit_ids: Iterable[int],
    *,
    refunded_on: dt.date | None,
    reason: str,
    actor: Corrector,
    now: dt.datetime,
    dry_run: bool = False,
) -> Correction:
    """These pieces went back on that day (None: today): the cover of their parts ended with it.

    Refused for a piece of another invoice, for one refunded already, for a day before the sale or in the future.
    """
    attempt = begin(SaleCorrection.What.REFUND, reason, actor, now)
    wanted = set(unit_ids)

    def correct() -> Correction:
        invoice = locked_invoice(invoice_id, actor)
        units = _locked_units(invoice_id, wanted)
        refunded = [unit for unit in units if unit.refunded_on is not None]
        if refunded or not units:
            raise Refused(_("This piece was refunded already."), field="units", code="unchanged")
        on = refunded_on or timezone.localdate(now)
        if on < invoice.issued_on:
            raise Refused(_("A refund cannot be older than the invoice."), field="refunded_on", code="invalid")
        if on > timezone.localdate(now) + dt.timedelta(days=1):  # a day ahead of us is today somewhere
            raise Refused(_("A refund that has not come yet ends nothing."), field="refunded_on", code="invalid")
        return record(invoice, attempt, _ended(units, on, attempt))

    return carried_out(correct, dry_run)


def take_refund_back(
    invoice_id: int, unit_ids: Iterable[int], *, reason: str, actor: Corrector, now: dt.datetime, dry_run: bool = False
) -> Correction:
    """These pieces were not refunded after all: their cover goes on as if nothing had been said."""
    attempt = begin(SaleCorrection.What.REFUND, reason, actor, now)
    wanted = set(unit_ids)

    def correct() -> Correction:
        invoice = locked_invoice(invoice_id, actor)
        units = _locked_units(invoice_id, wanted)
        if not units or any(unit.refunded_on is None for unit in units):
            raise Refused(_("This piece was not refunded."), field="units", code="unchanged")
        return record(invoice, attempt, _ended(units, None, attempt))

    return carried_out(correct, dry_run)


def _locked_units(invoice_id: int, wanted: set[int]) -> list[SoldUnit]:
    rows = SoldUnit.objects.select_for_update(of=("self",)).select_related("line__product")
    units = list(rows.filter(pk__in=wanted, line__invoice_id=invoice_id).order_by("pk"))
    if len(units) != len(wanted):
        raise Refused(_("A piece that is not of this invoice was named."), field="units", code="unit_unknown")
    return units


def _ended(units: Sequence[SoldUnit], on: dt.date | None, attempt: Attempt) -> Correction:
    attempt.before = {"units": [_named(unit) for unit in units]}
    for unit in units:
        unit.refunded_on = on
    SoldUnit.objects.bulk_update(units, ["refunded_on"])
    attempt.after = {"units": [_named(unit) for unit in units]}
    return Correction(attempt.what, {}, {}, len(units), [])


def _named(unit: SoldUnit) -> Says:
    on = unit.refunded_on.isoformat() if unit.refunded_on else None
    return {"sku": unit.line.product.sku, "line": unit.line.position, "piece": unit.number, "serial": unit.serial,
            "refunded_on": on}  # fmt: skip
