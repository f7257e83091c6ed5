"""Pieces that stand on the pages customers read most, written in one go: a template takes many times as long for each.

What they are written from is escaped here (`text`); what is marked as safe stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from warrantydesk.faces.icons import icon


@dataclass(frozen=True)
class Step:
    """One line of components/stepper.html."""

    state: Literal["done", "now", "next", "stopped"]
    title: str | Promise
    note: str = ""
    icon: str = ""


def text(value: Any) -> str:
    """As a template writes a value; plain words, which are nearly all, by the shortest way."""
    return escape(value) if type(value) is str else conditional_escape(value)


def stepper(steps: Iterable[Step]) -> SafeString:
    """components/stepper.html."""
    return _safe(f'<ol class="steps">\n{"".join(map(_step, steps))}</ol>')


def _step(step: Step) -> str:
    current = ' aria-current="step"' if step.state == "now" else ""
    note = f'\n        <p class="step-note">{text(step.note)}</p>' if step.note else ""
    return (
        f'  <li class="is-{step.state}"{current}>\n      <span class="step-mark">{_mark(step)}</span>\n'
        f'      <div class="step-text">\n        <p class="step-title">{text(step.title)}</p>{note}\n'
        "      </div>\n    </li>\n"
    )


def _mark(step: Step) -> str:
    if step.state == "done":
        return icon("check", _("done"))
    if step.state == "stopped":
        return icon("cross", _("ended here"))
    if step.icon:
        return icon(step.icon)
    return icon("dot") if step.state == "now" else ""


def facts(rows: Sequence[Mapping[str, Any]], kind: str = "") -> SafeString:
    """components/key_value.html."""
    css = f"facts facts-{text(kind)}" if kind else "facts"
    return _safe(f'<dl class="{css}">\n  {"".join(map(_fact, rows))}\n</dl>')


def _fact(row: Mapping[str, Any]) -> str:
    total = ' class="facts-total"' if row.get("total") else ""
    return f"<div{total}><dt>{text(row['term'])}</dt><dd>{text(row['value'])}</dd></div>"


def _safe(written: str) -> SafeString:
    return mark_safe(written)  # noqa: S308 - what comes from outside went through `text`
