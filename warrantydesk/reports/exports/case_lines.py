"""The cases behind a number as CSV, written while they are read: constant memory however many there are."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.models import Case
from products.spreadsheet import harmless
from warrantydesk.reports.case_list import case_row
from warrantydesk.reports.exports.answer import Told, nobody
from warrantydesk.reports.exports.csv_file import MARK, Line
from warrantydesk.reports.figures.names import state_name


def case_lines(cases: QuerySet[Case], told: Told = nobody) -> Iterator[str]:
    writer = csv.writer(Line())
    yield MARK + writer.writerow([_("Case"), _("State"), _("Received"), _("Product"), _("Country")])
    rows = cases.select_related("customer", "invoice", "unit__line__product").order_by("-pk")
    for case in rows.iterator(chunk_size=2000):
        row = case_row(case)
        cells = (row.reference, state_name(row.state), row.received_at.isoformat(), row.product, row.country)
        yield writer.writerow([harmless(cell) for cell in cells])
        told(1)
