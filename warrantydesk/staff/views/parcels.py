"""The board of parcels, the health of the carriers, and what hangs on one parcel: its slip and its proofs."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django_countries import countries

from cases.models import Case
from cases.queries import get_case_for_staff
from cases.reference import parse_reference
from products.auditing import put_on_record
from shipments.carriers.registry import offered_carriers
from shipments.models import RepairShipment, TrackingEvent
from shipments.packing_slip import packing_slip as make_packing_slip
from shipments.queries import carrier_health
from warrantydesk.faces.formats import age_in_words
from warrantydesk.faces.navigation import desk_response
from warrantydesk.faces.packing_slip import packing_slip_response
from warrantydesk.staff.access import SEE_CASES, SEE_PARCELS, desk_page
from warrantydesk.staff.options import options
from warrantydesk.staff.parcels_board import BOARDS, FIRST_BOARD, Board, Filters, board_page, count_boards, find_parcels
from warrantydesk.staff.review_words import reasons_of
from warrantydesk.staff.search import tidied
from warrantydesk.staff.views.proof import proof_response

AGES = (1, 3, 7, 10, 30)


@desk_page(SEE_PARCELS)
def parcels(request: HttpRequest) -> HttpResponse:
    """One tab, the longest waiting first; or, with `?q=`, the parcels of that number or case, wherever they stand."""
    board = BOARDS.get(request.GET.get("show", ""), BOARDS[FIRST_BOARD])
    written = tidied(request.GET.get("q", ""))
    now, filters = timezone.now(), _filters(request)
    page = None if written else board_page(board, filters, now, request.GET.get("after", ""))
    shown = page.parcels if page else find_parcels(written)
    context = {
        "board": board,
        "page": page,
        "rows": _rows(shown, board, explain=bool(written) or board.code == "review"),
        "written": written,
        "tabs": _tabs("" if written else board.code),
        "filters": filters,
        "carriers": [(code, carrier.name) for code, carrier in offered_carriers().items()],
        "countries": options(countries, filters.country),
        "ages": AGES,
    }
    return desk_response(request, "staff/parcels.html", context, current=f"parcels-{board.code}")


@desk_page(SEE_PARCELS)
def carriers(request: HttpRequest) -> HttpResponse:
    """How the carriers answer, those in trouble first."""
    context = {"carriers": carrier_health(timezone.now()), "tabs": _tabs("")}
    return desk_response(request, "staff/carriers.html", context, current="carriers")


@desk_page(SEE_CASES)
def packing_slip(request: HttpRequest, reference: str) -> HttpResponse:
    """The slip as its customer gets it. 404 while nothing is to travel to us."""
    case = _case(request, reference)
    back = f"{reverse('staff:case', args=[case.reference])}#parcels"
    return packing_slip_response(request, make_packing_slip(case, timezone.now()), back=back)


@desk_page(SEE_CASES)
def scan_proof(request: HttpRequest, reference: str, scan_id: int) -> HttpResponse:
    """The file attached to a scan that staff entered. 404 for a scan of another case, and one without a file."""
    entered = TrackingEvent.objects.filter(
        shipment__case=_case(request, reference), heard=TrackingEvent.Heard.STAFF, raw__has_key="proof_file"
    )
    scan = get_object_or_404(entered.select_related("shipment"), pk=scan_id)
    known = scan.raw["proof_file"]
    response = proof_response(known["key"], known, f"proof-{scan_id}")
    put_on_record("evidence.proof_opened", "case", scan.shipment.case_id, facts={"shipment": scan.shipment_id})
    return response


def _case(request: HttpRequest, reference: str) -> Case:
    try:
        return get_case_for_staff(request.user, parse_reference(reference) or "")
    except Case.DoesNotExist as missing:
        raise Http404 from missing


def _filters(request: HttpRequest) -> Filters:
    """What was chosen; a value nobody offered is no filter."""
    carrier, country, days = (request.GET.get(name, "") for name in ("carrier", "country", "days"))
    return Filters(
        carrier=carrier if carrier in offered_carriers() else "",
        country=country if country in dict(countries) else "",
        days=int(days) if days in {str(age) for age in AGES} else 0,
    )


def _tabs(current: str) -> list[dict[str, Any]]:
    counts, url = count_boards(timezone.now()), reverse("staff:parcels")
    return [
        {"label": board.label, "url": f"{url}?show={code}", "count": counts[code], "current": code == current}
        for code, board in BOARDS.items()
    ]


def _rows(shown: list[RepairShipment], board: Board, *, explain: bool) -> list[dict[str, Any]]:
    now, carriers = timezone.now(), offered_carriers()
    why = reasons_of(shown) if explain and shown else {}
    rows = []
    for parcel in shown:
        carrier = carriers.get(parcel.carrier)
        since = getattr(parcel, board.since, None) or parcel.latest_event_at or parcel.booked_at
        rows.append(
            {
                "parcel": parcel,
                "carrier": carrier.name if carrier else parcel.carrier,
                "since": since,
                "waited": age_in_words(now - since),
                "why": why.get(parcel.pk, []),
            }
        )
    return rows
