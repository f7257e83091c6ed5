"""The drawings as SVG: what `charts`, `curves` and `fields` worked out, written in one go.

By hand and not by templates: a page has seven of them with hundreds of shapes, and a template spends more time on each
than the whole rest of the page takes. Every word from outside goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from warrantydesk.reports.charts import LEFT, Bar, Chart, Drawing, whole
from warrantydesk.reports.curves import Curve, Curves
from warrantydesk.reports.fields import Heat, Shares


def drawn(drawing: Drawing, name: Any) -> SafeString:
    """`name` says what it is a chart of. The table beneath says the same to whoever cannot see it."""
    return mark_safe(WRITERS[drawing.shape](drawing, escape(name)))  # noqa: S308 - the writers escape


def _frame(name: str, size: tuple[int, int], says: str, shapes: str, css: str = "", more: str = "") -> str:
    width, height = size
    return (
        f'<div class="chart-frame" tabindex="0" role="group" aria-label="{name}"><svg class="chart-svg{css}" '
        f'viewBox="0 0 {width} {height}"{more} role="img" aria-label="{says}">{shapes}</svg></div>'
    )


def _text(x: str, y: str, words: str, more: str = "") -> str:
    return f'<text{more} x="{x}" y="{y}">{words}</text>'


def _rect(x: str, y: str, width: Any, height: Any, title: str = "", *, css: str = "bar", ink: str, more: str) -> str:
    inner = f"<title>{title}</title>" if title else ""
    place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    return f'<rect class="{css}" fill="{ink}" {place}{more}>{inner}</rect>'


def _said(bars: Iterable[Bar]) -> str:
    return ", ".join(f"{escape(bar.name)}: {escape(bar.shown)}" for bar in bars)


INK, ROUND, MIDDLE = "#0a6863", ' rx="2"', ' text-anchor="middle"'
BELOW, LINE = f' dy="18"{MIDDLE}', 14


def _rows(chart: Chart, name: str) -> str:
    shapes = "".join(
        _text("0", bar.label_at, escape(bar.label))
        + _rect(bar.x, bar.y, bar.width, bar.height, ink=INK, more=ROUND)
        + _text(bar.value_at, bar.label_at, escape(bar.shown), ' class="value-label"')
        for bar in chart.bars
    )
    foot = chart.foot
    shapes += f'<line class="axis" stroke="#818b98" x1="{foot}" y1="0" x2="{foot}" y2="{chart.height}"/>'
    return _frame(name, (chart.width, chart.height), _said(chart.bars), shapes, " chart-rows")


def _columns(chart: Chart, name: str) -> str:
    shapes = _grid(((line.at, whole(line.value)) for line in chart.grid), LEFT, chart.width)
    shapes += "".join(_column(bar, chart.foot) for bar in chart.bars)
    return _frame(name, (chart.width, chart.height), _said(chart.bars), shapes, " chart-latest")


def _column(bar: Bar, foot: str) -> str:
    shown, more = escape(bar.shown), ROUND
    drawing = _rect(bar.x, bar.y, bar.width, bar.height, f"{escape(bar.name)}: {shown}", ink=INK, more=more)
    if bar.label:
        drawing += _text(bar.label_at, foot, escape(bar.label), BELOW)
        if bar.value:
            drawing += _text(bar.label_at, bar.value_at, shown, f' class="value-label"{MIDDLE}')
    return drawing


def _grid(lines: Iterable[tuple[str, str]], left: int, right: int) -> str:
    return "".join(
        f'<line class="{"grid" if number else "axis"}" stroke="#cbd2d9" x1="{left}" y1="{at}" x2="{right}" y2="{at}"/>'
        + _text(str(left - 7), at, escape(value), ' dy="4" text-anchor="end"')
        for number, (at, value) in enumerate(lines)
    )


def _curves(chart: Curves, name: str) -> str:
    shapes = _grid(((line.at, value) for line, value in chart.grid), LEFT + 6, chart.width)
    shapes += "".join(_text(label.at, chart.foot, escape(label.text), BELOW) for label in chart.labels)
    shapes += "".join(map(_curve, chart.curves)) + "".join(_ends(chart.curves))
    legend = "".join(
        f'<li class="series-{one.number}"><svg class="chart-svg" viewBox="0 0 24 12" aria-hidden="true"><line '
        f'class="line" stroke="{one.ink}" x1="0" y1="6" x2="24" y2="6"/></svg>{escape(one.name)}</li>'
        for one in chart.curves
    )
    names = f'<ul class="chart-legend">{legend}</ul>' if len(chart.curves) > 1 else ""
    return _frame(name, (chart.width, chart.height), escape(chart.says), shapes, " chart-latest") + names


def _ends(curves: Iterable[Curve]) -> Iterator[str]:
    """The last value of each curve at its end, from the top down; where two ends meet, that of the upper one."""
    free = 0.0
    for mark in sorted((one.marks[-1] for one in curves if one.marks), key=lambda mark: float(mark.y)):
        if float(mark.y) >= free:
            free = float(mark.y) + LINE
            yield _text(mark.x, mark.y, escape(mark.shown), f' dy="-8" class="mark-label"{MIDDLE}')


def _curve(curve: Curve) -> str:
    band = f'<polygon class="band" fill="#dff1ef" points="{curve.band}"/>' if curve.band else ""
    name = escape(curve.name)
    marks = "".join(
        f'<circle class="point" fill="{curve.ink}" cx="{mark.x}" cy="{mark.y}" r="3"><title>{name}, {escape(mark.says)}'
        "</title></circle>"
        for mark in curve.marks
    )
    line = f'<polyline class="line" fill="none" stroke="{curve.ink}" points="{curve.line}"/>'
    return f'<g class="series-{curve.number}">{band}{line}{marks}</g>'


def _heat(chart: Heat, name: str) -> str:
    shapes = "".join(_text(at, "14", escape(head), MIDDLE) for at, head in chart.heads)
    shapes += "".join(_text("0", at, escape(side)) for at, side in chart.sides)
    shapes += "".join(
        _rect(
            cell.x, cell.y, chart.cell_width, chart.cell_height, escape(cell.says),
            css=f"heat heat-{cell.shade}", ink=cell.ink, more=ROUND,
        )
        + _text(cell.middle_x, cell.middle_y, escape(cell.text),
                f' class="heat-text heat-text-{cell.shade}"{MIDDLE}')
        for cell in chart.cells
    )  # fmt: skip
    size = (chart.width, chart.height)
    return _frame(name, size, escape(chart.says), shapes, " chart-heat", f' width="{chart.width}"')


def _shares(chart: Shares, name: str) -> str:
    shapes = ""
    for bar in chart.bars:
        shapes += _text("0", bar.text_y, escape(bar.label))
        for piece in bar.pieces:
            drawing = _rect(piece.x, bar.y, piece.width, chart.bar_height, escape(piece.says), ink=piece.ink, more="")
            shapes += f'<g class="series-{piece.number}">{drawing}</g>'
        shapes += _text(bar.total_x, bar.text_y, escape(bar.total), ' class="value-label"')
    legend = "".join(
        f'<li class="series-{number}"><svg class="chart-svg" viewBox="0 0 24 12" aria-hidden="true">'
        f"{_rect('0', '1', 24, 10, ink=ink, more=ROUND)}</svg>{escape(what)}</li>"
        for number, ink, what in chart.names
    )
    frame = _frame(name, (chart.width, chart.height), escape(chart.says), shapes, " chart-rows")
    return f'{frame}<ul class="chart-legend">{legend}</ul>'


WRITERS: Mapping[str, Callable[[Any, str], str]] = {
    "rows": _rows, "columns": _columns, "curves": _curves, "heat": _heat, "shares": _shares,
}  # fmt: skip
