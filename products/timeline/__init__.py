"""The clock of one part as a drawing: geometry out, no Django, no colour (look.md, "the signature element"). Pure.

`draw` turns a Clock into bars, hatches, marks and labels on a viewBox; `written` writes them as SVG, and
components/clock.css colours them. Words and date formats come from the caller, in the reader's language.
"""

from collections.abc import Iterator, Sequence

from products.coverage import Clock
from products.timeline.kinds import (
    LAYOUTS,
    MEDIUM,
    NARROW,
    WIDE,
    Drawing,
    Label,
    Layout,
    Mark,
    Marks,
    Stretch,
    Stroke,
    Words,
)
from products.timeline.labels import LINE_HEIGHT, Block, Line, Placed, place, shortened, stacked, text_width
from products.timeline.rail import PROUD, RAIL, SCALE, Rail, bars, hatches, rail_for, ticks
from products.timeline.saying import (
    Entry,
    all_titles,
    date_blocks,
    event_blocks,
    listed,
    pause_entries,
    replaced_entries,
    sentence_for_ears,
    today_block,
)

__all__ = [
    "LAYOUTS", "MEDIUM", "NARROW", "WIDE", "Drawing", "Label", "Layout", "Mark", "Marks", "Stretch", "Stroke", "Words",
    "draw", "draw_all",
]  # fmt: skip

STEM = 7.0  # between the rail and the nearest words
ROW_GAP = 5.0
LIST_GAP = 10.0
ROOM = 0.95  # of the width, for one label


def draw_all(clock: Clock, marks: Marks | None = None, words: Words | None = None) -> tuple[Drawing, ...]:
    """The same clock for every layout, widest first; the page shows the one that fits."""
    return tuple(draw(clock, layout, marks, words) for layout in LAYOUTS)


def draw(clock: Clock, layout: Layout = WIDE, marks: Marks | None = None, words: Words | None = None) -> Drawing:
    """The drawing of a clock as of `clock.on`, for one layout. Labels never overlap and never leave the viewBox."""
    marks, words = marks or Marks(), words or Words()
    rail = rail_for(clock, marks, layout)
    titles = all_titles(clock, marks, words)
    numbered, lettered = len(listed(clock)) > layout.inline, len(marks.replacements) > layout.inline_replaced
    events = event_blocks(clock, marks, words, rail, numbered=numbered, lettered=lettered)
    dates, today = date_blocks(clock, marks, words, rail), today_block(clock, words, rail)
    below = _Side([*dates, today], layout)
    above = _Side(events if len(below.placed) > len(dates) else [*events, today], layout)
    top = above.reach + PROUD + 2
    foot = top + RAIL + below.reach + SCALE
    paused = pause_entries(clock, marks, words) if numbered else []
    replaced = replaced_entries(marks, words) if lettered else []
    entries = _list_below([*paused, *replaced], layout, foot + LIST_GAP)
    return Drawing(
        layout=layout.name,
        width=layout.width,
        height=max([foot, *(label.y for label in entries)]) + 0.4 * layout.font,
        font=layout.font,
        rail_y=top,
        rail_height=RAIL,
        state="voided" if marks.voided_on else clock.state,
        bars=bars(clock, marks, rail, top),
        hatches=hatches(clock, rail, top, titles),
        ticks=ticks(clock, marks, rail, top),
        leaders=(*above.leaders(top - PROUD, -1), *below.leaders(top + RAIL + SCALE, 1)),
        marks=tuple(_marks(clock, marks, rail, top + RAIL / 2)),
        labels=(*above.labels(top - PROUD, -1), *below.labels(top + RAIL + SCALE, 1), *entries),
        aria_label=sentence_for_ears(clock, marks, words, rail),
    )


class _Side:
    """The labels of one side of the rail. `edge` is where it begins; `out` is -1 for upwards, 1 for downwards."""

    def __init__(self, blocks: Sequence[Block], layout: Layout) -> None:
        self.placed = place(blocks, layout.width, layout.font, layout.width * ROOM)
        self.font = layout.font
        self.line = layout.font * LINE_HEIGHT
        self.starts, depth = stacked(self.placed, self.line, ROW_GAP)
        self.reach = depth + STEM if self.placed else 0.0

    def labels(self, edge: float, out: int) -> Iterator[Label]:
        for one in self.placed:
            near = edge + out * (STEM + self.starts[one.row])
            top = near if out > 0 else near - len(one.block.lines) * self.line
            for index, line in enumerate(one.block.lines):
                yield self._label(one, line, top + index * self.line + self.font)

    def _label(self, one: Placed, line: Line, baseline: float) -> Label:
        shown = shortened(line.text, one.right - one.left, self.font, bold=line.strong)
        taken = text_width(shown, self.font, bold=line.strong)
        middle = (one.left + one.right - taken) / 2
        left = {"start": one.left, "middle": middle, "end": one.right - taken}[one.align]
        title = line.text if shown != line.text else ""
        return Label(shown, one.text_x, baseline, one.align, line.strong, left, left + taken, title)

    def leaders(self, edge: float, out: int) -> Iterator[Stroke]:
        for one in self.placed:
            x = one.block.anchor
            along = len(one.block.lines) * self.line - 1 if one.is_flag else -2
            yield Stroke("leader", x, edge, x, edge + out * (STEM + self.starts[one.row] + along))


def _marks(clock: Clock, marks: Marks, rail: Rail, y: float) -> Iterator[Mark]:
    if clock.covered_through_if_back > clock.base_covered_through:
        yield Mark("base", rail.x(clock.base_covered_through.toordinal() + 1), y)
    yield Mark("today", rail.middle(clock.on.toordinal()), y)
    for on, _ in marks.replacements:
        yield Mark("replaced", rail.middle(on.toordinal()), y)
    if marks.received_on:
        yield Mark("received", rail.middle(marks.received_on.toordinal()), y)
    if marks.voided_on:
        yield Mark("void", rail.middle(marks.voided_on.toordinal()), y)
    if marks.refunded_on:
        yield Mark("refunded", rail.middle(marks.refunded_on.toordinal()), y)


def _list_below(entries: Sequence[Entry], layout: Layout, top: float) -> tuple[Label, ...]:
    """One under the other, by the signs that stand at the rail; a rest that is too long for the line goes under it."""
    made: list[Label] = []
    indent, y = layout.font * 1.6, top + layout.font
    for sign, what, rest in entries:
        made.append(_listed(sign, 0, y, layout, strong=True))
        whole = f"{what} · {rest}" if rest else what
        fits = text_width(whole, layout.font) <= layout.width - indent
        for text in [whole] if fits else [what, rest]:
            made.append(_listed(text, indent, y, layout))
            y += layout.font * LINE_HEIGHT
        y += 2
    return tuple(made)


def _listed(text: str, x: float, y: float, layout: Layout, *, strong: bool = False) -> Label:
    shown = shortened(text, layout.width - x, layout.font, bold=strong)
    right = x + text_width(shown, layout.font, bold=strong)
    return Label(shown, x, y, "start", strong, x, right, text if shown != text else "")
