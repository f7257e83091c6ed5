"""Which parts fail most, and what their claims came to."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.models import Case
from warrantydesk.reports import charts
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.figures.counted import counted
from warrantydesk.reports.figures.drilling import cases_of
from warrantydesk.reports.figures.lives import failures, last_whole_month
from warrantydesk.reports.figures.names import reason_titles
from warrantydesk.reports.ranges import Range
from warrantydesk.reports.tables import COUNT, FEW, NUMBER, PERCENT, Column, Row, Table

MOST_BARS = 12


def pareto(asked: Asked, names: dict[Any, str], sold: Any, failed: Any) -> Table:
    claims = {part: sum(numbers.values()) for part, numbers in failed.items()}
    ordered = sorted(claims.items(), key=lambda one: (-one[1], names[one[0]]))
    whole, so_far, rows = sum(claims.values()), 0, []
    for part, number in ordered:
        so_far += number
        parts = sum(sold.get(part, {}).values())
        cells = (names[part], number, so_far / whole, parts, 100 * number / parts if parts else None)
        rows.append(Row(cells, str(part), small=number < FEW))
    return Table(
        code="pareto",
        title=_("The parts that fail most"),
        columns=(
            Column(_("Part")),
            Column(_("Claims"), COUNT),
            Column(_("This and those above"), PERCENT),
            Column(_("Sold"), COUNT),
            Column(_("Claims per 100 sold"), NUMBER),
        ),
        rows=rows,
        chart=charts.rows([(row.cells[0], row.cells[1]) for row in rows[:MOST_BARS]]) if rows else None,
        meaning=_(
            "Claims of each part up to the end of the last whole month, of everything sold that the filters let "
            "through, with the share of all claims that this part and those above it make."
        ),
        formula=_("claims per 100 sold = 100 · claims / covered parts sold; it says nothing about age"),
        empty=_("No claim counts as a failure yet."),
        cases=lambda key: cases_of_part(asked, key),
    )


def cases_of_part(asked: Asked, key: str) -> QuerySet[Case] | None:
    if not key.isdigit():
        return None
    return cases_of(failures(asked).filter(part=int(key), claimed_in__lte=last_whole_month(asked)), "figures")


def reasons(asked: Asked) -> Table:
    """What failures were denied for, and how many were not: the other half of the Pareto."""
    titles = reason_titles()
    rows_of = failures(asked).filter(claimed_in__lte=last_whole_month(asked))
    told = {"": _("no reason against it"), **titles}
    numbers = counted(asked, "failures", Range(date.min, last_whole_month(asked)), "word")
    found = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    whole, so_far, rows = sum(number for _code, number in found), 0, []
    for code, number in found:
        so_far += number
        rows.append(Row((told.get(code, code), number, so_far / whole), code or "none", small=number < FEW))
    return Table(
        code="reasons",
        title=_("What the claims came to"),
        columns=(Column(_("Reason")), Column(_("Claims"), COUNT), Column(_("This and those above"), PERCENT)),
        rows=rows,
        chart=charts.rows([(row.cells[0], row.cells[1]) for row in rows]) if rows else None,
        meaning=_("The same claims by the reason they were denied for; those covered, or not decided yet, have none."),
        formula=_("claims counted by the reason of their standing verdict"),
        empty=_("No claim counts as a failure yet."),
        cases=lambda key: cases_of(rows_of.filter(reason="" if key == "none" else key), "figures"),
    )
