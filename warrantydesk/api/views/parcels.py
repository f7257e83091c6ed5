"""Parcels and what was said about them on the way: read, booked, and told by hand."""

from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response

from cases.queries import cases_visible_to
from cases.reference import parse_reference
from shipments.models import RepairShipment
from shipments.numbers import normalise
from shipments.services import book, enter_scan
from warrantydesk.api.documenting import reads, writes
from warrantydesk.api.paging import PageQuery
from warrantydesk.api.shapes import parcels as shapes
from warrantydesk.api.shapes.fields import listed
from warrantydesk.api.views.base import Writing


class OfParcels(Writing):
    def visible(self) -> Any:
        seen = cases_visible_to(self.request.user)
        return RepairShipment.objects.filter(case__in=seen).select_related("case")

    def whole(self, parcel_id: int) -> Any:
        rows = self.visible().prefetch_related("tracking_events", "packed_parts")
        return shapes.ParcelOut(self.one(rows, pk=parcel_id)).data


class Parcels(OfParcels):
    scopes = {"GET": "parcels:read", "POST": "parcels:write"}

    @reads(listed(shapes.ParcelRow), query=shapes.ParcelFilter, summary="Parcels")
    def get(self, request: Any) -> Response:
        query = self.asked(shapes.ParcelFilter)
        rows = self.visible()
        if "case" in query:
            rows = rows.filter(case__reference=parse_reference(query["case"]) or query["case"])
        if "number" in query:
            rows = rows.filter(tracking_number=normalise(query["number"]))
        return self.page(rows, query, shapes.ParcelRow)

    @writes({201: shapes.ParcelOut}, request=shapes.ParcelIn, summary="Book a parcel of a case")
    def post(self, request: Any) -> Response:
        return super().post(request)

    def write(self, request: Any) -> Response:
        given = self.given(shapes.ParcelIn)
        reference = given.pop("case")
        rows = cases_visible_to(request.user).filter(reference=parse_reference(reference) or reference)
        case = rows.first()
        if case is None:
            raise exceptions.ValidationError({"case": ["There is no such case, or this token may not see it."]})
        parcel = book(case.pk, **given, actor=self.actor, now=self.now)
        return self.tagged(self.whole(parcel.pk), 201)


class OneParcel(OfParcels):
    scopes = {"GET": "parcels:read"}
    http_method_names = ("get", "head", "options")

    @reads(shapes.ParcelOut, summary="A parcel with its scans")
    def get(self, request: Any, parcel_id: int) -> Response:
        return self.tagged(self.whole(parcel_id))


class Scans(OfParcels):
    scopes = {"GET": "parcels:read", "POST": "parcels:write"}

    @reads(listed(shapes.ScanOut), query=PageQuery, summary="The scans of a parcel, as they were heard of")
    def get(self, request: Any, parcel_id: int) -> Response:
        query = self.asked(PageQuery)
        return self.page(self.one(self.visible(), pk=parcel_id).tracking_events.all(), query, shapes.ScanOut)

    @writes(
        {200: shapes.ParcelOut, 201: shapes.ParcelOut},
        request=shapes.ScanIn,
        summary="Tell what happened to a parcel, and what proves it: 201 where that is new, 200 where it was known",
    )
    def post(self, request: Any, parcel_id: int) -> Response:
        return super().post(request, parcel_id=parcel_id)

    def write(self, request: Any, parcel_id: int) -> Response:
        given = self.given(shapes.ScanIn)
        parcel = self.one(self.visible(), pk=parcel_id)
        is_new = enter_scan(parcel.pk, **given, actor=self.actor, now=self.now)
        return self.tagged(self.whole(parcel.pk), 201 if is_new else 200)
