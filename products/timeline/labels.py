"""Lays the words of a drawing on rows so that no two overlap. Pure geometry: numbers in, numbers out.

Text cannot be measured on the server, so its width is estimated on the wide side (the widest of the system fonts we
meet, DejaVu Sans and Verdana); a label that is still too long is cut and keeps its full text for a tooltip.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import Literal

Align = Literal["start", "middle", "end"]

ELLIPSIS = "…"
GAP = 8.0  # between two labels of one row
HAIR = 2.0  # between a leader and a label it passes
POLE = 5.0  # between a leader and the label that flies from it
OUTWARDS = 10.0  # what a line on a row further out costs
CROSSING = 45.0  # what a leader through a label costs
LINE_HEIGHT = 1.32  # of the font size
BOLD = 0.08  # what bold adds to each character

_EMS = {
    char: ems
    for ems, chars in (
        (0.34, " il.,:;'|!jI·J"),
        (0.42, "frt()[]-/"),
        (0.52, "s–z"),
        (0.60, 'ckvxyL"F'),
        (0.65, "abdeghnopqu0123456789ETSPYß"),
        (0.71, "ABCKRXZV"),
        (0.80, "DGHNOQUw"),
        (1.00, "mMW@%&…—"),
    )
    for char in chars
}
_OTHER = 0.72  # Cyrillic, Greek and whatever else is written in letters


def text_width(text: str, font: float, *, bold: bool = False) -> float:
    """How wide a text is at most, in the units of the font size."""
    return _all_ems(text, bold) * font


@lru_cache(maxsize=1024)  # the same few words and dates are measured for every layout and every place they might take
def _all_ems(text: str, bold: bool) -> float:
    return sum(_ems(char) + (BOLD if bold else 0.0) for char in unicodedata.normalize("NFD", text))


@lru_cache(maxsize=1024)
def _ems(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return _EMS.get(char, _OTHER)


def shortened(text: str, room: float, font: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than the room there is."""
    # A room that was itself measured from this text may be a rounding error narrower.
    if text_width(text, font, bold=bold) <= room + 1e-6:
        return text
    cut = text
    while cut and text_width(cut + ELLIPSIS, font, bold=bold) > room:
        cut = cut[:-1].rstrip(" ·,;(")
    return cut + ELLIPSIS


@dataclass(frozen=True)
class Line:
    """One line of a label; `strong` is what the eye should find first."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Block:
    """A label of a few lines that belongs to one x of the drawing; an `optional` one may be left out."""

    anchor: float
    lines: tuple[Line, ...]
    prefers: Align = "middle"
    optional: bool = False


@dataclass(frozen=True)
class Placed:
    """Where a block lies: its text from `left` to `right`, and its row, counted outwards from the rail.

    A leader ties it to the rail at the block's anchor: under a middle block, beside a start or end block like the
    pole of a flag. `price` is what this place costs for itself.
    """

    block: Block
    left: float
    right: float
    row: int
    align: Align
    price: float

    @property
    def text_x(self) -> float:
        """The x of the text for this block's text-anchor."""
        return {"start": self.left, "middle": (self.left + self.right) / 2, "end": self.right}[self.align]

    @property
    def is_flag(self) -> bool:
        """Whether the leader stands beside the text."""
        return not self.left < self.block.anchor < self.right

    def covers(self, x: float) -> bool:
        """Whether a leader at x would touch the text."""
        return self.left - HAIR < x < self.right + HAIR


def place(blocks: Sequence[Block], width: float, font: float, room: float) -> list[Placed]:
    """Every block on a row of its own choice, none overlapping, none outside 0..width, in the order given.

    Tries several orders (all of them, while there are few blocks) and keeps the one with the fewest rows and the
    fewest leaders running through a label. No label is wider than `room`, which is at most `width`. An optional block
    is left out where it would have to go outwards.
    """
    needed = [item for item in enumerate(blocks) if not item[1].optional]
    spare = [item for item in enumerate(blocks) if item[1].optional]
    options = [list(_options(block, width, font, room, len(blocks))) for block in blocks]
    ideal = sum(min(option.price for option in options[index]) for index, _block in needed)
    best: dict[int, Placed] = {}
    least = float("inf")
    for order in _orders(needed):
        cost, placed = _place_in_order([*order, *spare], options)
        if cost < least:
            least, best = cost, placed
        if cost <= ideal:
            break  # every block lies where it likes best: no other order can be better
    return [best[index] for index in sorted(best)]


def _orders(items: list[tuple[int, Block]]) -> Iterable[list[tuple[int, Block]]]:
    if len(items) <= 4:
        return [list(order) for order in permutations(items)]
    by_x = sorted(items, key=lambda item: item[1].anchor)
    by_size = sorted(items, key=lambda item: -sum(len(line.text) for line in item[1].lines))
    return [by_x, by_x[::-1], by_size, items]


def _place_in_order(
    order: list[tuple[int, Block]], options: Sequence[Sequence[Placed]]
) -> tuple[float, dict[int, Placed]]:
    placed: dict[int, Placed] = {}
    # The first pass takes the best free place; the next two let a block make way for those that came after it.
    for _ in range(3):
        before = dict(placed)
        for index, block in order:
            if not block.optional:
                placed[index] = _best_place(options[index], placed, index)
        if placed == before:
            break  # nobody moved, and nobody will
    # Nothing makes way for what may be left out.
    for index, block in order:
        if block.optional:
            placed[index] = _best_place(options[index], placed, index)
            if _cost_within(placed, index) >= OUTWARDS:
                del placed[index]
    return sum(_cost_within(placed, index) for index in placed), placed


def _best_place(options: Sequence[Placed], placed: dict[int, Placed], index: int) -> Placed:
    others = [one for other, one in placed.items() if other != index]
    best, least = options[0], float("inf")  # The outermost row is always empty, so there is always a free one.
    for option in options:
        # What it costs for itself is what it costs at least: most places need no look at all the others.
        if option.row > len(others) or option.price >= least or _collides(option, others):
            continue
        if (cost := _cost(option, others)) < least:
            best, least = option, cost
    return best


def _cost_within(placed: dict[int, Placed], index: int) -> float:
    return _cost(placed[index], [one for other, one in placed.items() if other != index])


def _options(block: Block, width: float, font: float, room: float, rows: int) -> Iterator[Placed]:
    """Every place a block may take, whoever else is there."""
    taken = min(room, max(text_width(line.text, font, bold=line.strong) for line in block.lines))
    wishes: tuple[tuple[Align, float], ...] = (("middle", -taken / 2), ("start", POLE), ("end", -POLE - taken))
    for align, shift in wishes:
        wish = block.anchor + shift
        left = min(max(wish, 0.0), width - taken)
        # Pushed in from an edge, the lines line up with that edge.
        drawn: Align = align if left == wish else ("start" if left > wish else "end")
        unliked = 0.0 if align == block.prefers else 1.0
        for row in range(rows):
            price = OUTWARDS * row * len(block.lines) + unliked + (1.0 if left != wish else 0.0)
            yield Placed(block, left, left + taken, row, drawn, price)


def _collides(one: Placed, others: Sequence[Placed]) -> bool:
    """Whether its text touches another text of the row, or either's pole stands in the other's text."""
    return any(
        other.row == one.row
        and (
            (one.left < other.right + GAP and other.left < one.right + GAP)
            or other.covers(one.block.anchor)
            or one.covers(other.block.anchor)
        )
        for other in others
    )


def _cost(one: Placed, others: Sequence[Placed]) -> float:
    return one.price + CROSSING * sum(_crosses(one, other) + _crosses(other, one) for other in others)


def _crosses(outer: Placed, inner: Placed) -> bool:
    """Whether the leader of the outer label runs through the inner one on its way to the rail."""
    return outer.row > inner.row and inner.covers(outer.block.anchor)


def stacked(placed: Sequence[Placed], line: float, gap: float) -> tuple[dict[int, float], float]:
    """For each used row how far from the rail it begins, and how deep all rows are together."""
    starts: dict[int, float] = {}
    depth = 0.0
    for row in sorted({one.row for one in placed}):
        starts[row] = depth
        depth += max(len(one.block.lines) for one in placed if one.row == row) * line + gap
    return starts, max(0.0, depth - gap)
