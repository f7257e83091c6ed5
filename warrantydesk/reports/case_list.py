"""A list of cases, fifty at a time, by key: a page costs the same however far down it lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from cases.models import Case
from warrantydesk.reports.figures.names import country_name

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class CasePage:
    """`before` is where the next page begins; empty on the last one."""

    cases: list[Case]
    before: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    reference: str
    state: str
    received_at: datetime
    product: str
    country: str


def case_page(cases: QuerySet[Case], before: str = "") -> CasePage:
    """The page of `cases` with keys below `before`, the newest first. One query."""
    rows = cases.select_related("customer", "invoice", "unit__line__product").order_by("-pk")
    is_later = before.isdigit() and len(before) < 19
    if is_later:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE_SIZE + 1])
    more = str(found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""
    return CasePage(found[:PAGE_SIZE], more, not is_later)


def case_row(case: Case) -> CaseRow:
    country = str(case.invoice.country if case.invoice else case.customer.country)
    product = case.unit.line.product.name if case.unit else ""
    return CaseRow(case.reference, case.state, case.received_at, product, country_name(country))
