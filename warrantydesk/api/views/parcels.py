"""Parcels and what was said about them on the way."""

from typing import Any

from rest_framework.response import Response

from cases.queries import cases_visible_to
from cases.reference import parse_reference
from shipments.models import RepairShipment
from shipments.numbers import normalise
from warrantydesk.api import shapes
from warrantydesk.api.documenting import reads
from warrantydesk.api.views.base import Door


class Parcels(Door):
    scopes = {"GET": "parcels:read"}

    @reads(shapes.listed(shapes.ParcelRow), query=shapes.ParcelFilter, summary="Parcels")
    def get(self, request: Any) -> Response:
        query = self.asked(shapes.ParcelFilter)
        rows = self.visible()
        if "case" in query:
            rows = rows.filter(case__reference=parse_reference(query["case"]) or query["case"])
        if "number" in query:
            rows = rows.filter(tracking_number=normalise(query["number"]))
        return self.page(rows, query, shapes.ParcelRow)

    def visible(self) -> Any:
        seen = cases_visible_to(self.request.user)
        return RepairShipment.objects.filter(case__in=seen).select_related("case")


class OneParcel(Parcels):
    @reads(shapes.ParcelOut, summary="A parcel with its scans")
    def get(self, request: Any, parcel_id: int) -> Response:
        rows = self.visible().prefetch_related("tracking_events")
        return Response(shapes.ParcelOut(self.one(rows, pk=parcel_id)).data)
