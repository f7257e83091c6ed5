"""{% clock_drawing drawing %}: a drawing of products.timeline, several layouts of it, or a clock explained, as SVG.

{% clock_drawing explained key=part.pk %} - `key` makes the ids of the hatch patterns unique where one page holds
several drawings that a fragment may replace; without it they are numbered within the request.
"""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from products.explaining import Explained
from products.timeline import Drawing
from products.timeline.written import written

register = template.Library()


@register.simple_tag(takes_context=True)
def clock_drawing(
    context: template.Context, drawing: Explained | Drawing | Iterable[Drawing], key: object = None
) -> SafeString:
    """The SVG of every drawing given; CSS shows the one that fits its container."""
    name = f"k{key}" if key is not None else _next_number(context)
    if isinstance(drawing, Explained):
        svgs = drawing.svgs(name)
    else:
        drawings = [drawing] if isinstance(drawing, Drawing) else drawing
        svgs = [written(one, f"hatch-{name}-{one.layout}") for one in drawings]
    return figure(svgs)


def figure(svgs: Iterable[str]) -> SafeString:
    """Drawings of one clock, of which CSS shows one."""
    drawn = "\n".join(svgs)
    return mark_safe(f'<figure class="clock">\n{drawn}\n</figure>')  # noqa: S308 - `written` escapes every word


def _next_number(context: template.Context) -> str:
    """1, 2, 3, … within a page. Its included templates share nothing but the request; a letter has none and no need."""
    request = context.get("request")
    counts: Any = context.render_context if request is None else request.__dict__
    counts["clocks_drawn"] = counts.get("clocks_drawn", 0) + 1
    return str(counts["clocks_drawn"])
