"""The list of the cases behind a number as a download that is written while it is read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from cases.models import Case
from warrantydesk.reports.exports.case_lines import case_lines


def case_file(cases: QuerySet[Case], name: str) -> Any:
    """Every case of the list, in constant memory however many there are."""
    response = StreamingHttpResponse(case_lines(cases), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
