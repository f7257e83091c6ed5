"""The packing slip on paper: as PDF, or as the same page for the browser's printer. For customers and staff alike."""

from functools import partial
from typing import Any

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from shipments.packing_slip import PackingSlip
from warrantydesk.faces.paper import paper_response

TEMPLATE = "shipments/packing_slip.html"
SHEETS = ("css/tokens.css", "css/base.css", "css/document.css", "css/pages/packing-slip.css")


def packing_slip_response(request: HttpRequest, slip: PackingSlip | None, *, back: str) -> HttpResponse:
    """The slip, to be printed. `back` is where its reader came from. 404 where there is no slip."""
    if slip is None:
        raise Http404("There is no packing slip.")
    page = partial(_page, request, slip, back=back)
    return paper_response(request, page, SHEETS, name=f"{slip.reference}-packing-slip.pdf")


def _page(request: HttpRequest, slip: PackingSlip, **context: Any) -> str:
    known = {"slip": slip, "code": case_code(slip.reference), "sheets": SHEETS, "maker": settings.MAKER_NAME, **context}
    return render_to_string(TEMPLATE, known, request)


def case_code(reference: str) -> SafeString:
    """The QR code that opens the case on the desk. To anybody else its address says no more than the reference."""
    address = settings.SITE_URL.rstrip("/") + reverse("staff:case", args=[reference])
    # Drawn by us from an address of ours: nothing a stranger wrote is in it.
    return mark_safe(segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=2))  # noqa: S308 - drawn by segno
