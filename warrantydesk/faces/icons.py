"""Our own icons: templates/icons/*.svg, drawn on 16 units in currentColor, written into the page."""

from functools import lru_cache

from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


@lru_cache(maxsize=256)
def _drawing(name: str) -> str:
    """The file's svg element without its opening "<svg". TemplateDoesNotExist names an icon that is not drawn."""
    return get_template(f"icons/{name}.svg").render().strip().removeprefix("<svg")


def icon(name: str, label: str = "") -> SafeString:
    """The icon as inline SVG: silent beside a word, or named by `label` where it stands alone."""
    return _written(name, format_html('role="img" aria-label="{}"', label)) if label else _silent(name)


@lru_cache(maxsize=256)
def _silent(name: str) -> SafeString:
    return _written(name, 'aria-hidden="true"')


def _written(name: str, named: str) -> SafeString:
    # The drawing is a file of this repository, and a label was escaped by whoever names it.
    return mark_safe(f'<svg class="icon" {named} focusable="false"{_drawing(name)}')  # noqa: S308 - a file of ours
