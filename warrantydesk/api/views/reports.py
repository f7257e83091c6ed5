"""The reports of the managers, as the face that counts them tells machines."""

from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response

from warrantydesk.api.documenting import reads
from warrantydesk.api.shapes import reports as shapes
from warrantydesk.api.views.base import Door
from warrantydesk.faces import reporting


class Reports(Door):
    scopes = {"GET": "reports:read"}

    @reads(shapes.ReportsOut, summary="The reports there are")
    def get(self, request: Any) -> Response:
        return Response({"items": [one._asdict() for one in reporting.offered()]})


class OneReport(Door):
    scopes = {"GET": "reports:read"}

    @reads(shapes.ReportOut, query=shapes.ReportQuery, summary="A report, counted now")
    def get(self, request: Any, name: str) -> Response:
        try:
            found = reporting.answer(name, request.query_params)
        except reporting.AskedError as wrong:
            raise exceptions.ValidationError(dict(wrong.problems)) from wrong
        if found is None:
            raise exceptions.NotFound("There is no such report: /api/v1/reports/ names them.")
        return Response(found)
