"""The reports as other programs read them (warrantydesk/faces/reporting.py)."""

from __future__ import annotations

import json
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from products.auditing import put_on_record
from warrantydesk.faces.reporting import AskedError, Offered
from warrantydesk.reports.answer import answered
from warrantydesk.reports.asked import DATES
from warrantydesk.reports.counting.fresh import bring_up_to_date
from warrantydesk.reports.exports.text_files import json_lines
from warrantydesk.reports.forms import DAYS, AskedForm
from warrantydesk.reports.registry import REPORTS


def offered() -> list[Offered]:
    return [
        Offered(report.name, str(report.title), str(report.answers), _parameters(report.filters))
        for report in REPORTS.values()
    ]


def answer(name: str, query: QueryDict) -> dict[str, Any]:
    """As `manage.py report NAME --format json` writes it. What cannot be answered is an error: nobody may take other
    days for those they asked for."""
    report, now, zone = REPORTS[name], timezone.now(), timezone.get_default_timezone()
    known = _parameters(report.filters)
    if unread := [one for one in query if one not in known]:
        raise AskedError({one: ["This report knows no such parameter."] for one in unread})
    form = AskedForm(query, now.astimezone(zone).date(), report.filters)
    if form.is_bound and not form.is_valid():
        raise AskedError({field: [str(one) for one in errors] for field, errors in form.errors.items()})
    bring_up_to_date()
    asked = form.asked(now, zone)
    facts = {"report": name, "format": "json", "first": asked.range.first, "last": asked.range.last}
    put_on_record("export.report", "report", None, facts=facts)
    written: dict[str, Any] = json.loads("".join(json_lines(answered(report, asked))))
    return written


def _parameters(filters: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for name in filters for one in (DAYS if name == DATES else (name,)))
