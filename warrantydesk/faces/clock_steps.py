"""The steps of a clock as a table that can be opened, drawn in one pass: a template takes many times as long.

Staff also see the rule of each step, and the files that prove it. An outsider has no steps, and the table is not there.
"""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from products.coverage import Step
from products.explaining import Explained

TABLE = (
    '<details class="clock-steps"{opened}><summary>{why}</summary><table><thead><tr><th scope="col">{happened}</th>'
    '<th scope="col" class="clock-step-days">{days}</th><th scope="col">{known}</th>{rule}</tr></thead>'
    "<tbody>{steps}</tbody></table></details>"
)
STEP = '<tr class="clock-step-{}">{}{}</tr>'
TOLD = '<td>{}</td><td class="clock-step-days">{}</td><td class="clock-step-proof">{}{}</td>'
OPENED = SafeString(" open")


def clock_steps(explained: Explained, opened: Any = False) -> SafeString:
    """`opened`: they are shown at once."""
    if not explained.steps:
        return SafeString("")
    for_staff = explained.audience == "staff"
    return format_html(
        TABLE,
        opened=OPENED if opened else "",
        why=_("Why this date"),
        happened=_("What happened"),
        days=_("Days"),
        known=_("How we know"),
        rule=format_html('<th scope="col">{}</th>', _("Rule")) if for_staff else "",
        steps=format_html_join(
            "\n", STEP, ((step.kind, _told(step), _rule(step, for_staff)) for step in explained.steps)
        ),
    )


def _told(step: Step) -> SafeString:
    if not (step.proof or step.days or step.kind == "ignored_pause"):
        return format_html('<td colspan="3">{}</td>', step.text)
    return format_html(TOLD, step.text, _days(step), step.proof, _files(step))


def _days(step: Step) -> str:
    if step.days:
        return f"+{step.days}"
    return "0" if step.days == 0 else ""


def _files(step: Step) -> SafeString:
    opens = ((reverse("staff:pause_proof", args=[file.key]), file.name) for file in step.files)
    return format_html_join("", ' <a href="{}">{}</a>', opens)


def _rule(step: Step, for_staff: bool) -> SafeString | str:
    return format_html('<td class="clock-step-rule">{}</td>', step.rule) if for_staff else ""
