"""The parts of a report's page that there are many of, each written in one go: its filters, and a section a table.

By hand and not by templates: drawing seven of each took longer than counting what stands in them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.forms import BoundField, Form
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from warrantydesk.faces.icons import icon
from warrantydesk.reports.registry import REPORTS, Report
from warrantydesk.reports.shown import Shown

HERE = ' aria-current="page"'


def tabs_of(report: Report) -> SafeString:
    """The way to every report."""
    links = (
        f'<li><a href="{reverse("reports:report", args=[one.name])}"{HERE if one is report else ""}>'
        f"{escape(one.title)}</a></li>"
        for one in REPORTS.values()
    )
    return mark_safe(f"<ul>{''.join(links)}</ul>")  # noqa: S308 - titles are escaped


def filters_of(form: Form) -> SafeString:
    """Its fields as components/field.html draws each."""
    return mark_safe("".join(map(_field, form)))  # noqa: S308 - every word in it is escaped


def _field(field: BoundField) -> str:
    errors = "".join(f"<p>{escape(error)}</p>" for error in field.errors)
    told = f'<div class="field-error" id="{field.auto_id}_error">{icon("alert")}<div>{errors}</div></div>'
    return (
        f'<div class="field field-narrow{" has-error" if errors else ""}">'
        f'<label class="field-label" for="{field.id_for_label}">{escape(field.label)}</label>'
        f"{field}{told if errors else ''}</div>"
    )


def sections_of(tables: Iterable[Shown]) -> SafeString:
    """Each table under its drawing, with what it means, in a card of its own."""
    days = _(
        "Days begin and end at midnight in the desk's own time zone. A row marked “few” rests on so few cases that "
        "it says little about the rest. A week marked “restated” has other figures now than when it was over."
    )
    how, days = escape(_("What is counted, and how")), escape(days)
    return mark_safe("".join(_section(one, how, days) for one in tables))  # noqa: S308 - every word in it is escaped


def _section(one: Shown, how: str, days: str) -> str:
    table, code = one.table, one.table.code
    drawing = one.drawing if one.rows else ""
    note = f'<p class="small dim">{escape(table.note)}</p>' if table.note else ""
    numbers = f'<table class="table table-dense table-sticky">{one.cells}</table>' if one.rows else ""
    wrap = f'<div class="table-wrap reports-tall" tabindex="0" role="group" aria-labelledby="{code}-title">'
    return (
        f'<section class="card stack{_width(one)}" id="{code}" aria-labelledby="{code}-title"><div class="stack">'
        f'<figure class="chart"><figcaption><h2 id="{code}-title">{escape(table.title)}</h2></figcaption>{drawing}'
        f"</figure>{'' if one.rows else _nothing(one)}{_restated(one)}{note}"
        f'<details class="meaning"><summary>{how}</summary><p>{escape(table.meaning)}</p>'
        f'<p class="formula">{escape(table.formula)}</p><p>{days}</p></details></div>'
        f"{f'{wrap}{numbers}</div>' if numbers else ''}</section>"
    )


def _width(one: Shown) -> str:
    if len(one.heads) > 4:
        return " reports-full"
    return " reports-wide" if one.table.wide else ""


def _nothing(one: Shown) -> str:
    return f'<div class="empty empty-small"><p>{escape(one.table.empty or _("Nothing to count here."))}</p></div>'


def _restated(one: Shown) -> str:
    if not one.restated:
        return ""
    words = "".join(f"<li>{escape(told)}</li>" for told in one.restated)
    head = escape(_("Restated since the week was over:"))
    told = f"<p><b>{head}</b></p><ul>{words}</ul>"
    return f'<div class="callout tone-warn restated">{icon("refresh")}<div>{told}</div></div>'
