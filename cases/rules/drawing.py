"""The lifecycle as a picture, drawn from the table of rules: a column a state, a labelled arrow a transition.  [pure]

Laid out like a sequence chart, so that arrows never cross each other however the table grows: a dot is a state the
transition may start from, the arrow head the state it leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from cases.rules.lifecycle import DECIDE, HANDLE, Rule

LEFT, COLUMN, BOX, TOP, ROW, FOOT = 90, 160, 136, 76, 52, 30
_WHO = {"system": "by itself", "customer": "customer"}
_ROLE = {HANDLE: "support", DECIDE: "reviewer"}
_STYLE = """
  .ground { fill: #ffffff } .line { stroke: #d4d9e0 } .box { fill: #eef1f5; stroke: #8a94a3 }
  .arrow { stroke: #3b5b8c; fill: none } .head { fill: #3b5b8c } text { fill: #1d2530 } .who { fill: #5a6573 }
  text { font-family: system-ui, sans-serif; font-size: 13px; text-anchor: middle }
  .state { font-weight: 600 } .who { font-size: 11px }
  .name { paint-order: stroke; stroke: #ffffff; stroke-width: 5px }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #171b21 } .line { stroke: #343c47 } .box { fill: #232a33; stroke: #76818f }
    .arrow { stroke: #8db1e8 } .head { fill: #8db1e8 } text { fill: #e6eaf0 } .who { fill: #a3adba }
    .name { stroke: #171b21 }
  }
"""


def draw(states: Sequence[str], rules: Iterable[Rule]) -> str:
    """An SVG of every rule between these states, in their order. Its colours follow the reader's light or dark."""
    rows = list(rules)
    width = 2 * LEFT + COLUMN * (len(states) - 1)
    height = TOP + ROW * len(rows) + FOOT
    place = {state: LEFT + COLUMN * number for number, state in enumerate(states)}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">',
        '<title id="title">The lifecycle of a case: its states and every transition between them</title>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{width}" height="{height}"/>',
        *(line for state in states for line in _state(state, place[state], height)),
        *(line for number, rule in enumerate(rows) for line in _arrow(rule, place, TOP + ROW * number + ROW // 2)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _state(state: str, x: int, height: int) -> Iterator[str]:
    yield f'<line class="line" x1="{x}" y1="56" x2="{x}" y2="{height - FOOT // 2}"/>'
    yield f'<rect class="box" x="{x - BOX // 2}" y="16" width="{BOX}" height="40" rx="8"/>'
    yield f'<text class="state" x="{x}" y="41">{escape(state.replace("_", " "))}</text>'


def _arrow(rule: Rule, place: dict[str, int], y: int) -> Iterator[str]:
    target = place[rule.target]
    sources = [place[source] for source in rule.sources]
    for side in (-1, 1):  # the sources to the left of the target, then those to its right
        reach = [x for x in sources if (x - target) * side > 0]
        if reach:
            tip = target + side * 2
            yield f'<path class="arrow" d="M{max(reach, key=lambda x: abs(x - target))} {y}H{tip + side * 8}"/>'
            yield f'<path class="head" d="M{tip} {y}l{side * 10} -5v10z"/>'
    yield from (f'<circle class="head" cx="{x}" cy="{y}" r="4"/>' for x in sources)
    # Beside the arrow head, where no other dot of this transition can lie.
    nearest = min(sources, key=lambda x: abs(x - target))
    middle = (nearest + target) // 2
    yield f'<text class="name" x="{middle}" y="{y - 8}">{escape(rule.name)}</text>'
    who = " or ".join(_WHO.get(kind, _ROLE[rule.permission]) for kind in rule.who)
    yield f'<text class="who name" x="{middle}" y="{y + 15}">{escape(who)}</text>'
