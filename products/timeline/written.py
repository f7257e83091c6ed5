"""A drawing written as SVG in one go: a page holds many, and a template takes twenty times as long. Pure.

Colours stand in attributes for paper and PDF; clock.css replaces them on screens. No style attribute: the CSP forbids
it.
"""

from html import escape

from products.timeline.kinds import Drawing, Label, Mark, Stretch, Stroke

INK, PALE_INK, PAPER = "#17202b", "#4b5766", "#fff"
ACCENT, TINT = "#0a6863", "#dff1ef"
TICK, LEADER = "#cbd2d9", "#818b98"

_SQUARE = '<path d="M-6 -6H6V6H-6Z" fill="{}" stroke="#fff" stroke-width="2"/>'
_SIGNS = {
    "today": f'<path d="M0 -10V10" stroke="{INK}" stroke-width="1.5"/>',
    "base": f'<path d="M0 -7V7" stroke="{PAPER}" stroke-width="1.5" stroke-dasharray="2 2"/>',
    "received": f'<circle r="5.5" fill="#855000" stroke="{PAPER}" stroke-width="2"/>',
    "replaced": f'<path d="M0 -7 7 0 0 7 -7 0Z" fill="#2255ad" stroke="{PAPER}" stroke-width="2"/>',
    "refunded": _SQUARE.format(PALE_INK)
    + f'<path class="refund-arrow" d="M3 0H-3m2.5 -2.5L-3 0l2.5 2.5" fill="none" stroke="{PAPER}" stroke-width="1.5"/>',
    "void": _SQUARE.format("#ae251c")
    + f'<path class="void-cross" d="m-2.5 -2.5 5 5m0 -5 -5 5" stroke="{PAPER}" stroke-width="1.5"/>',
}


def written(drawing: Drawing, hatch: str) -> str:
    """The SVG element. `hatch` is the id of its pattern, which has to be the only one of that name on the page."""
    d = drawing
    return (
        f'<svg class="clock-svg clock-{d.layout} clock-is-{d.state}" viewBox="0 0 {units(d.width)} {units(d.height)}"'
        f' overflow="visible" role="img" aria-label="{escape(d.aria_label)}"'
        f' font-family="system-ui, sans-serif" font-size="{units(d.font)}">\n'
        f'<defs><pattern id="{hatch}" width="5" height="5" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate(45)"><rect class="hatch-ground" width="5" height="5" fill="{PAPER}"/>'
        f'<rect class="hatch-stripe" width="2" height="5" fill="{ACCENT}"/></pattern></defs>\n'
        f'<g stroke-width="1">{_strokes(d.ticks, TICK)}</g>\n<g stroke-width="1">{_strokes(d.leaders, LEADER)}</g>\n'
        f"<g>{''.join(map(_bar, d.bars))}</g>\n<g>{''.join(_hatched(one, hatch) for one in d.hatches)}</g>\n"
        f"<g>{''.join(map(_mark, d.marks))}</g>\n<g>{''.join(map(_label, d.labels))}</g>\n</svg>"
    )


def units(value: float) -> str:
    """A length for an attribute: one decimal, and a point whatever the reader's language puts there."""
    return f"{value:.1f}".removesuffix(".0")


def _strokes(strokes: tuple[Stroke, ...], colour: str) -> str:
    return "".join(
        f'<line class="{one.css}" x1="{units(one.x1)}" y1="{units(one.y1)}" x2="{units(one.x2)}" y2="{units(one.y2)}"'
        f' stroke="{colour}"/>'
        for one in strokes
    )


def _bar(one: Stretch) -> str:
    colour = f'fill="{ACCENT}"' if "lived" in one.css else f'fill="{TINT}" stroke="{ACCENT}"'
    return f'<rect class="{one.css}" {_box(one)} {colour}/>'


def _hatched(one: Stretch, hatch: str) -> str:
    fill = f"url(#{hatch})" if one.css == "away" else "none"
    shape = f'<rect class="{one.css}" {_box(one)} fill="{fill}" stroke="{ACCENT}">'
    return f"{shape}<title>{escape(one.title)}</title></rect>"


def _box(one: Stretch) -> str:
    return f'x="{units(one.x)}" y="{units(one.y)}" width="{units(one.width)}" height="{units(one.height)}" rx="2"'


def _mark(one: Mark) -> str:
    return f'<g class="{one.css}" transform="translate({units(one.x)} {units(one.y)})">{_SIGNS[one.css]}</g>'


def _label(one: Label) -> str:
    strong, colour = ('class="label-strong" ', f'{INK}" font-weight="600') if one.strong else ("", PALE_INK)
    title = f"<title>{escape(one.title)}</title>" if one.title else ""
    return (
        f'<text {strong}x="{units(one.x)}" y="{units(one.y)}" text-anchor="{one.anchor}" fill="{colour}">'
        f"{escape(one.text)}{title}</text>"
    )
