"""Intake quality: how complete the first mail is, what is missing most, and what the mailbox makes of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from cases.models import Case
from warrantydesk.faces.formats import short_day
from warrantydesk.faces.mail_figures import mail_list_of, mail_outcomes, mails_that_became
from warrantydesk.reports import charts, curves
from warrantydesk.reports.asked import Asked
from warrantydesk.reports.counting.subjects import ASKED, COMPLETE, lacks
from warrantydesk.reports.figures.counted import counted
from warrantydesk.reports.figures.drilling import cases_of, read_day, week_of
from warrantydesk.reports.figures.overview import received
from warrantydesk.reports.models import CaseFigures
from warrantydesk.reports.ranges import monday
from warrantydesk.reports.tables import COUNT, FEW, PERCENT, Column, Row, Table
from warrantydesk.reports.tables import DAY as DAY_KIND

KEY_OF = {"language": "word", "source": "other"}
WITH_A_CASE = ("case_opened", "reply_added")


def tables(asked: Asked) -> list[Table]:
    return [complete(asked), missing(asked), by_language(asked), by_door(asked), mails(asked)]


def _row(name: Any, number: int, whole: int, again: int, key: str) -> Row:
    share = whole / number if number else None
    return Row((name, number, whole, share, again), key, small=0 < number < FEW)


def _columns(first: Column) -> tuple[Column, ...]:
    return (
        first, Column(_("Requests"), COUNT), Column(_("Complete at first"), COUNT), Column(_("Share"), PERCENT),
        Column(_("Asked for more"), COUNT),
    )  # fmt: skip


def _total(rows: list[Row]) -> Row:
    number, whole, again = (sum(row.cells[place] for row in rows) for place in (1, 2, 4))
    return _row(_("All"), number, whole, again, "")


def complete(asked: Asked) -> Table:
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (day, flag), number in counted(asked, "intake", asked.range, "day", "flag").items():
        _add(sums[monday(day)], flag, number)
    rows = [_row(week, *_three(sums[week]), f"{week:%Y-%m-%d}") for week in sorted(sums)]
    shares = {row.cells[0]: row.cells[3] for row in rows}
    dots = [curves.Dot(short_day(week), 100 * shares[week] if week in shares else None) for week in asked.range.weeks]
    return Table(
        code="complete",
        title=_("Complete at the first mail"),
        columns=_columns(Column(_("Week of"), DAY_KIND)),
        rows=rows,
        total=_total(rows),
        chart=curves.curves([(_("Complete, in 100"), dots)]) if rows else None,
        meaning=_(
            "Requests by the week in which they reached us, and how many of them had everything we need: invoice, "
            "serial number, part, description and a photo or video. “Asked for more” counts the cases we had to ask, "
            "once each."
        ),
        formula=_("share = requests with nothing missing when the case was opened / all requests of the week"),
        empty=_("No request reached us on these days."),
        cases=lambda key: _cases_of_week(asked, key),
        wide=True,
    )


def _cases_of_week(asked: Asked, key: str) -> QuerySet[Case] | None:
    week = read_day(key)
    if week is None:
        return None
    first, end = week_of(week)
    return cases_of(received(asked).filter(received_on__range=(first, end - timedelta(days=1))))


def missing(asked: Asked) -> Table:
    names = {
        "invoice": _("invoice number"), "serial": _("serial number"), "part": _("which part"),
        "description": _("description"), "evidence": _("photo or video"),
    }  # fmt: skip
    flags = counted(asked, "missing", asked.range, "flag")
    whole = sum(flags.values())
    found = {code: sum(n for flag, n in flags.items() if lacks(flag, code)) for code in CaseFigures.MISSING}
    ordered = sorted(((code, found[code]) for code in CaseFigures.MISSING), key=lambda one: -one[1])
    return Table(
        code="missing",
        title=_("What is missing most"),
        columns=(Column(_("Missing")), Column(_("Requests"), COUNT), Column(_("Of all requests"), PERCENT)),
        rows=[Row((names[code], number, number / whole), code) for code, number in ordered] if whole else [],
        chart=charts.rows([(names[code], number) for code, number in ordered]),
        meaning=_(
            "Requests of these days that lacked this when their case was opened. One request can lack several things."
        ),
        formula=_("share = requests that lacked it / all requests of these days; the shares do not add up to 100 %"),
        empty=_("No request reached us on these days."),
        cases=lambda key: cases_of(received(asked).filter(**{f"missing_{key}": True})) if key in names else None,
    )


def _by(asked: Asked, field: str) -> list[tuple[Any, int, int, int]]:
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (code, flag), number in counted(asked, "intake", asked.range, KEY_OF[field], "flag").items():
        _add(sums[code], flag, number)
    return sorted(((code, *numbers) for code, numbers in sums.items()), key=lambda one: (-one[1], one[0]))


def _three(sums: list[int]) -> tuple[int, int, int]:
    return sums[0], sums[1], sums[2]


def _add(sums: list[int], flag: int, number: int) -> None:
    """All, complete at first, asked for more."""
    sums[0] += number
    sums[1] += number if flag & COMPLETE else 0
    sums[2] += number if flag & ASKED else 0


def by_language(asked: Asked) -> Table:
    return _by_kind(
        asked, "language", "languages", _("By language"), _("Language"), language_name,
        meaning=_("Requests of these days by the language we write to the customer in."),
        formula=_("share = requests with nothing missing when the case was opened / all requests in this language"),
    )  # fmt: skip


def by_door(asked: Asked) -> Table:
    names = dict(Case.Source.choices)
    return _by_kind(
        asked, "source", "doors", _("By the way they came"), _("Came by"), lambda code: str(names.get(code, code)),
        meaning=_("Requests of these days by the door they came through."),
        formula=_("share = requests with nothing missing when the case was opened / all requests through this door"),
    )  # fmt: skip


def _by_kind(
    asked: Asked, field: str, code: str, title: str, of: str, named: Callable[[str], str], *, meaning: str, formula: str
) -> Table:
    """One row for each value of a field of the case, the most requests first."""
    rows = [_row(named(kind), number, whole, again, kind or "none") for kind, number, whole, again in _by(asked, field)]
    return Table(
        code=code,
        title=title,
        columns=_columns(Column(of)),
        rows=rows,
        total=_total(rows),
        chart=charts.rows([(row.cells[0], row.cells[1]) for row in rows]) if rows else None,
        meaning=meaning,
        formula=formula,
        empty=_("No request reached us on these days."),
        cases=lambda key: cases_of(received(asked).filter(**{field: "" if key == "none" else key})),
    )


def language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"]).capitalize()
    except KeyError:
        return code or _("not known")


def mails(asked: Asked) -> Table:
    """Every mail of the mailbox by what became of it; mails have no product or country, so no filter narrows them."""
    names = {
        "case_opened": _("opened a case"), "reply_added": _("added to its case"), "held": _("held for a person"),
        "automatic": _("automatic, not answered"), "quarantined": _("could not be read"), "": _("not read yet"),
    }  # fmt: skip
    found = mail_outcomes(*asked.range.instants(asked.zone))
    whole = sum(found.values())
    numbers = [(name, found.get(code, 0)) for code, name in names.items()]
    return Table(
        code="mails",
        title=_("What became of the mails"),
        columns=(Column(_("Outcome")), Column(_("Mails"), COUNT), Column(_("Of all mails"), PERCENT)),
        rows=[
            Row(
                (name, number, number / whole),
                code if number and code in WITH_A_CASE else "",
                url=mail_list_of(code) if number else "",
                code=code or "unread",
            )
            for code, (name, number) in zip(names, numbers, strict=True)
        ]
        if whole
        else [],
        total=Row((_("All"), whole, 1.0 if whole else None)),
        chart=charts.rows(numbers),
        meaning=_(
            "Every mail that reached the mailbox on these days, by what the desk made of it; a held mail that was "
            "settled since counts as what it became. Only the days narrow it: a mail has no product and no country. "
            "Held and automatic mails lead to the list of all that wait, whatever their day."
        ),
        formula=_("share = mails with this outcome / all mails of these days"),
        empty=_("No mail reached us on these days."),
        cases=lambda key: _cases_of_mails(asked, key),
    )


def _cases_of_mails(asked: Asked, key: str) -> QuerySet[Case] | None:
    mails = mails_that_became(key, *asked.range.instants(asked.zone)) if key in WITH_A_CASE else None
    return None if mails is None else cases_of(mails.exclude(case=None), "case")
