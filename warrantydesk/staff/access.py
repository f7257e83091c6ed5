"""Who may open what on the staff's pages. The doors themselves are those of every desk page (faces/access.py)."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from warrantydesk.faces import access
from warrantydesk.faces.access import View, desk_page

__all__ = [
    "CONFIRM_PAUSES",
    "DECIDE_CASES",
    "HANDLE_CASES",
    "HANDLE_PARCELS",
    "SEE_CASES",
    "SEE_PARCELS",
    "View",
    "desk_page",
    "desk_verb",
]

SEE_CASES = "cases.view_case"
HANDLE_CASES = "cases.handle_case"
DECIDE_CASES = "cases.decide_case"
CONFIRM_PAUSES = "products.confirm_pause"
SEE_PARCELS = "shipments.view_repairshipment"
HANDLE_PARCELS = "shipments.handle_shipment"


def desk_verb(permission: str) -> Callable[[View], View]:
    """An address that changes something: POST only, for staff with `permission`. A log-in leads back to the case."""
    return access.desk_verb(permission, page=_page_of)


def _page_of(arguments: dict[str, Any]) -> str:
    if "reference" in arguments:
        return reverse("staff:case", args=[arguments["reference"]])
    return reverse("staff:queue")
