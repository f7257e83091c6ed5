"""The packing page: scan the invoice, scan the serials, next. Made for a scanner that types and presses enter."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from products.errors import Refused
from products.importing.runs import IMPORT
from products.models import Invoice, SoldUnit
from products.queries import find_invoice
from products.services import UnitData, record_serials
from warrantydesk.faces.access import desk_page, desk_verb
from warrantydesk.faces.navigation import desk_response

MOST_SINGLE = 40  # parts tracked by themselves that a page asks for; a pallet is imported


@desk_page(IMPORT)
def packing(request: HttpRequest) -> HttpResponse:
    """The next piece of the invoice that has no serial number yet, with the parts of it that carry one of their own."""
    written = request.GET.get("invoice", "").strip()[:60]
    found = find_invoice(written) if written else []
    context: dict[str, Any] = {"written": written, "unknown": bool(written) and not found, "several": len(found) > 1}
    if len(found) == 1:
        context |= _piece_to_pack(found[0], request.GET.get("piece", ""))
    return desk_response(request, "sales/packing.html", context, current="packing")


@desk_verb(IMPORT)
def record(request: HttpRequest, unit_id: int) -> HttpResponse:
    unit = SoldUnit.objects.select_related("line__invoice").filter(pk=min(unit_id, 2**62)).first()
    if unit is None:
        raise Http404
    skus: dict[str, list[str]] = {}
    for part in _singly(unit):
        skus.setdefault(part.product.sku, []).append(request.POST.get(f"part-{part.pk}", ""))
    given = UnitData(request.POST.get("serial", ""), {} if _is_itself(unit) else skus)
    page, number = reverse("sales:packing"), unit.line.invoice.number
    try:
        filled = record_serials(unit.pk, given, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(reverse("sales:packing", query={"invoice": number, "piece": unit.pk}))
    messages.success(request, _("%(unit)s: %(count)d serial numbers recorded.") % {"unit": unit, "count": filled})
    waits = SoldUnit.objects.filter(line__invoice=unit.line.invoice, serial="", refunded_on=None).exists()
    return redirect(reverse("sales:packing", query={"invoice": number}) if waits else page)


def _piece_to_pack(invoice: Invoice, wanted: str) -> dict[str, Any]:
    units = list(
        SoldUnit.objects.filter(line__invoice=invoice, refunded_on=None)
        .select_related("line__product")
        .order_by("line__position", "number")[:200]
    )
    chosen = next((unit for unit in units if str(unit.pk) == wanted), None)
    unit = chosen or next((unit for unit in units if not unit.serial), None)
    done = sum(bool(unit.serial) for unit in units)
    context = {"invoice": invoice, "units": units, "unit": unit, "done": done, "count": len(units)}
    if unit is not None and not _is_itself(unit):
        context["parts"] = _singly(unit)
    return context


def _singly(unit: SoldUnit) -> list[Any]:
    return list(unit.parts.filter(is_lot=False).select_related("product").order_by("position")[:MOST_SINGLE])


def _is_itself(unit: SoldUnit) -> bool:
    """A product sold singly is its own only part: the number on its box is the part's too."""
    return unit.line.product.kind == "single"
