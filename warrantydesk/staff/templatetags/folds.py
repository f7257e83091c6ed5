"""{% fold_link fold icon words %}: what stands in the place of a form that is folded away (staff/folds.py).

{% fold_head fold icon words %} … {% fold_end %}: one that is open, a <details class="inline-form">.
"""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from warrantydesk.faces.templatetags.desk import icon
from warrantydesk.staff.folds import Fold, More

register = template.Library()

QUIET = "btn btn-small btn-quiet"


@register.simple_tag
def fold_link(fold: Fold | More, picture: str, words: object, css: str = QUIET, box: str = "") -> SafeString:
    """A link to the page with this form open; htmx fetches the form alone. Its id is the same: the focus stays."""
    return format_html(
        '<div class="{4}" id="fold-{0}"><a class="{1}" id="open-{0}" href="{5}#fold-{0}"'
        ' hx-get="{5}" hx-select="#fold-{0}" hx-target="#fold-{0}" hx-swap="outerHTML show:none"'
        ' aria-expanded="false">{2}{3}</a></div>',
        fold.name, css, icon(picture) if picture else "", words, f"inline-form {box}".strip(), fold.opens_at,
    )  # fmt: skip


@register.simple_tag
def fold_head(fold: Fold | More, picture: str, words: object, css: str = QUIET, box: str = "") -> SafeString:
    return format_html(
        '<details class="{4}" id="fold-{0}" open><summary class="{1}" id="open-{0}">{2}{3}</summary>',
        fold.name, css, icon(picture) if picture else "", words, f"inline-form {box}".strip(),
    )  # fmt: skip


@register.simple_tag
def fold_end() -> SafeString:
    return SafeString("</details>")
