"""The steps of a clock as a table that can be opened, drawn in one pass: a template takes many times as long.

Staff also see the rule of each step, and the files that prove it. An outsider has no steps, and the table is not there.
"""

from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from products.coverage import Step
from products.explaining import Explained
from warrantydesk.faces.drawn import text


def clock_steps(explained: Explained, opened: Any = False) -> SafeString:
    """`opened`: they are shown at once."""
    if not explained.steps:
        return SafeString("")
    for_staff = explained.audience == "staff"
    why, head = _head(get_language(), for_staff)
    rows = "\n".join(f'<tr class="clock-step-{s.kind}">{_told(s)}{_rule(s, for_staff)}</tr>' for s in explained.steps)
    return mark_safe(  # noqa: S308 - what comes from outside went through `text`
        f'<details class="clock-steps"{" open" if opened else ""}><summary>{why}</summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


@lru_cache(maxsize=32)
def _head(_language: str | None, for_staff: bool) -> tuple[str, str]:
    """What opens the table, and its head: the same for every part."""
    happened, days, known = text(_("What happened")), text(_("Days")), text(_("How we know"))
    rule = '<th scope="col">' + text(_("Rule")) + "</th>" if for_staff else ""
    head = f'<th scope="col">{happened}</th><th scope="col" class="clock-step-days">{days}</th>'
    return text(_("Why this date")), f'{head}<th scope="col">{known}</th>{rule}'


def _told(step: Step) -> str:
    if not (step.proof or step.days or step.kind == "ignored_pause"):
        return f'<td colspan="3">{text(step.text)}</td>'
    return (
        f'<td>{text(step.text)}</td><td class="clock-step-days">{_days(step)}</td>'
        f'<td class="clock-step-proof">{text(step.proof)}{_files(step)}</td>'
    )


def _days(step: Step) -> str:
    if step.days:
        return f"+{step.days}"
    return "0" if step.days == 0 else ""


def _files(step: Step) -> str:
    return "".join(
        f' <a href="{reverse("staff:pause_proof", args=[file.key])}">{text(file.name)}</a>' for file in step.files
    )


def _rule(step: Step, for_staff: bool) -> str:
    return f'<td class="clock-step-rule">{text(step.rule)}</td>' if for_staff else ""
