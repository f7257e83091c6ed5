"""{% clock_drawing drawing %}: a drawing of products.timeline, or several layouts of it, as inline SVG.

{% clock_drawing drawings key=part.pk %} - `key` makes the ids of the hatch patterns unique where one page holds
several drawings that a fragment may replace; without it they are numbered within the request.
"""

from collections.abc import Iterable
from typing import Any

from django import template

from products.timeline import Drawing

register = template.Library()


@register.inclusion_tag("components/clock.svg", takes_context=True)
def clock_drawing(
    context: template.Context, drawing: Drawing | Iterable[Drawing], key: object = None
) -> dict[str, Any]:
    """The SVG of every drawing given; CSS shows the one that fits its container."""
    drawings = [drawing] if isinstance(drawing, Drawing) else list(drawing)
    name = f"k{key}" if key is not None else _next_number(context)
    return {"drawings": [(one, f"hatch-{name}-{one.layout}") for one in drawings]}


def _next_number(context: template.Context) -> str:
    """1, 2, 3, … within a page. Its included templates share nothing but the request; a letter has none and no need."""
    request = context.get("request")
    counts: Any = context.render_context if request is None else request.__dict__
    counts["clocks_drawn"] = counts.get("clocks_drawn", 0) + 1
    return str(counts["clocks_drawn"])


@register.filter
def units(value: float) -> str:
    """A length for an SVG attribute: one decimal, and a point whatever the reader's language puts there."""
    return f"{value:.1f}".removesuffix(".0")
