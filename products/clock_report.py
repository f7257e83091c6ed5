"""The clocks of one invoice, explained: what `manage.py clock INVOICE [SERIAL]` says, for scripts and for people."""

import datetime as dt
from collections.abc import Iterator

from products.explaining import Explained, explainable, explained
from products.models import CoveredPart, Invoice
from products.queries import find_by_serial

ReportLine = dict[str, object]


def lines_of_invoice(invoice: Invoice, serial: str, on: dt.date) -> Iterator[ReportLine]:
    """One line for each covered part as of `on`; with a serial only the part, or the parts of the unit, it means.

    Nothing where the serial is not one of this invoice. A fixed number of queries.
    """
    for part in _parts(invoice, serial):
        yield _line(invoice, part, explained(part, on))


def in_words(line: ReportLine) -> str:
    """The line as a person would say it."""
    name = " ".join(str(line[key]) for key in ("part", "serial") if line[key])
    state = "void" if line["voided_at"] else str(line["state"])
    return f"{name}: {line['sentence']} {state.capitalize()}."


def _parts(invoice: Invoice, serial: str) -> list[CoveredPart]:
    parts = explainable(
        CoveredPart.objects.filter(unit__line__invoice=invoice).select_related("unit__line__product")
    ).order_by("unit__line__position", "unit__number", "position")
    if serial:
        match = find_by_serial(serial)
        # A part's own serial says more than that of the box it came in.
        here = parts.filter(pk__in=[part.pk for part in match.parts])
        return list(here) or list(parts.filter(unit__in=match.units))
    return list(parts)


def _line(invoice: Invoice, part: CoveredPart, explained: Explained) -> ReportLine:
    clock = explained.clock
    void = next((void for void in part.voids.all() if void.lifted_at is None), None)
    return {
        "invoice": invoice.number,
        "product": part.unit.line.product.sku,
        "unit_serial": part.unit.serial,
        "part": part.label,
        "sku": part.product.sku,
        "serial": part.serial,
        "quantity": part.quantity,
        "category": part.category,
        "starts_on": part.starts_on.isoformat(),
        "term_months": part.term_months,
        "base_covered_through": clock.base_covered_through.isoformat(),
        "covered_through": _iso(clock.covered_through),
        "extended_days": clock.extended_days,
        "paused_since": _iso(clock.paused_since),
        "covered_through_if_back": clock.covered_through_if_back.isoformat(),
        "state": clock.state,
        "voided_at": void.voided_at.isoformat() if void else None,
        "void_reason": void.reason.code if void else None,
        "void_clause": void.reason.clause if void else None,
        "sentence": explained.sentence,
        "explained": [step.text for step in explained.steps],
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
