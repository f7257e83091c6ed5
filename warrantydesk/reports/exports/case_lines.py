"""The cases behind a number as CSV, written while they are read: constant memory however many there are."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.models import Case
from products.spreadsheet import Cell, written
from warrantydesk.reports.answer import Told, nobody
from warrantydesk.reports.case_list import case_row
from warrantydesk.reports.figures.names import state_name


def case_lines(cases: QuerySet[Case], told: Told = nobody) -> Iterator[str]:
    return written(_rows(cases, told))


def _rows(cases: QuerySet[Case], told: Told) -> Iterator[tuple[Cell, ...]]:
    yield _("Case"), _("State"), _("Received"), _("Product"), _("Country")
    rows = cases.select_related("customer", "invoice", "unit__line__product").order_by("-pk")
    for case in rows.iterator(chunk_size=2000):
        row = case_row(case)
        yield row.reference, state_name(row.state), row.received_at.isoformat(), row.product, row.country
        told(1)
