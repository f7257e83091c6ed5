"""{% fold_link fold icon words %}: what stands in the place of a form that is folded away (staff/folds.py).

{% fold_head fold icon words %} … {% fold_end %}: one that is open, a <details class="inline-form">.

{% shot_cell shot is_first %} and {% way_to_panel shot %}: a picture of the gallery (staff/gallery.py).
{% parcel_head panel %} and {% parcel_scans panel %}: what is told of a parcel (staff/parcel_lines.py).

{% fold_field fold "text" %}: a field of a form that is not folded away.
"""

from functools import lru_cache

from django import forms, template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from warrantydesk.faces.templatetags.desk import icon
from warrantydesk.staff import gallery
from warrantydesk.staff.folds import Fold, More
from warrantydesk.staff.panels.evidence import Shot
from warrantydesk.staff.panels.parcels import ParcelPanel
from warrantydesk.staff.parcel_lines import head_of, scans_of
from warrantydesk.staff.verb import Verb

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
def fold_field(fold: Fold, name: str) -> SafeString:
    """A field of a form that stands on the page unfolded. While nobody has sent it, it is the same on every case, and
    drawn once in a process and language."""
    return _drawn(fold.form[name]) if fold.refused else _untouched(fold.verb, name, get_language())


@lru_cache(maxsize=64)
def _untouched(verb: Verb, name: str, _language: str | None) -> SafeString:
    alone = type("Untouched", (forms.Form,), {name: verb.form.base_fields[name]})
    return _drawn(alone(auto_id=verb.auto_id())[name])


def _drawn(field: forms.BoundField) -> SafeString:
    return render_to_string("components/field.html", {"field": field})


@register.simple_tag
def parcel_head(panel: ParcelPanel) -> SafeString:
    return head_of(panel)


@register.simple_tag
def parcel_scans(panel: ParcelPanel) -> SafeString:
    return scans_of(panel)


@register.simple_tag
def shot_cell(shot: Shot, is_first: bool) -> SafeString:
    return gallery.cell(shot, is_first=is_first)


@register.simple_tag
def way_to_panel(shot: Shot) -> SafeString:
    return gallery.way_to_panel(shot)


@register.simple_tag
def fold_end() -> SafeString:
    return SafeString("</details>")
