"""The board of parcels: on the road, silent, needing review."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from shipments.carriers.registry import offered_carriers
from shipments.models import RepairShipment
from warrantydesk.faces.formats import age_in_words
from warrantydesk.faces.navigation import desk_response
from warrantydesk.staff.access import SEE_PARCELS, desk_page
from warrantydesk.staff.parcels_board import BOARDS, parcels_on

MOST = 200


@desk_page(SEE_PARCELS)
def parcels(request: HttpRequest) -> HttpResponse:
    """The longest without news first. A board longer than MOST is cut, and says so."""
    board = request.GET.get("show", "")
    board = board if board in BOARDS else "travelling"
    rows = parcels_on(board, timezone.now()).select_related("case__customer")
    shown = list(rows[:MOST])
    context = {"board": board, "title": BOARDS[board], "rows": list(_rows(shown)), "is_cut": len(shown) == MOST}
    return desk_response(request, "staff/parcels.html", context, current=f"parcels-{board}")


def _rows(shown: Iterable[RepairShipment]) -> Iterable[dict[str, Any]]:
    now, carriers = timezone.now(), offered_carriers()
    for parcel in shown:
        carrier = carriers.get(parcel.carrier)
        heard = parcel.latest_event_at or parcel.booked_at
        yield {
            "parcel": parcel,
            "carrier": carrier.name if carrier else parcel.carrier,
            "heard_at": heard,
            "silent": age_in_words(now - heard),
        }
