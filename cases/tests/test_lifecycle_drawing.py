"""docs/lifecycle.svg is drawn from the rules, and goes stale with them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cases.models.case import State
from cases.rules.drawing import draw
from cases.rules.lifecycle import DECIDE, HANDLE, TRANSITIONS, Rule

SVG = "{http://www.w3.org/2000/svg}"


def test_drawing_in_the_docs_is_up_to_date() -> None:
    call_command("lifecycle_drawing", "--check")


def test_check_fails_when_the_drawing_is_stale_or_missing(tmp_path: Path) -> None:
    path = tmp_path / "lifecycle.svg"
    with pytest.raises(CommandError, match="is stale"):
        call_command("lifecycle_drawing", "--check", file=path)
    call_command("lifecycle_drawing", file=path)
    call_command("lifecycle_drawing", "--check", file=path)
    path.write_text(path.read_text(encoding="utf-8").replace("withdraw", "vanish"), encoding="utf-8")
    with pytest.raises(CommandError, match="is stale"):
        call_command("lifecycle_drawing", "--check", file=path)
    assert (settings.BASE_DIR / "docs" / "lifecycle.svg").exists()


def test_drawing_shows_every_state_every_transition_and_every_source() -> None:
    drawing = ElementTree.fromstring(draw(State.values, TRANSITIONS.values()))
    words = [text.text for text in drawing.iter(f"{SVG}text")]
    assert {state.replace("_", " ") for state in State.values} <= set(words)
    assert set(TRANSITIONS) <= set(words)
    dots = list(drawing.iter(f"{SVG}circle"))
    assert len(dots) == sum(len(rule.sources) for rule in TRANSITIONS.values())
    heads = [path for path in drawing.iter(f"{SVG}path") if path.get("class") == "head"]
    assert len(heads) >= len(TRANSITIONS)


# Three columns at 90, 250 and 410; rows at 102 and 154.
SHORT = (
    Rule("send_it", ("a", "b_state"), "c", ("system", "staff"), HANDLE, ()),
    Rule("take<back", ("c", "a"), "b_state", ("staff", "customer"), DECIDE, ()),
)


def _parts(tag: str, *names: str) -> list[tuple[str | None, ...]]:
    drawing = ElementTree.fromstring(draw(["a", "b_state", "c"], SHORT))
    return [
        tuple(part.get(name) if name != "text" else part.text for name in names) for part in drawing.iter(SVG + tag)
    ]


def test_drawing_has_a_column_for_each_state_and_room_for_each_transition() -> None:
    assert draw(["a", "b_state", "c"], SHORT).startswith(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 210" role="img" aria-labelledby="title">\n'
        '<title id="title">The lifecycle of a case: its states and every transition between them</title>\n<style>'
    )
    assert draw(["a", "b_state", "c"], SHORT).endswith("</text>\n</svg>\n")
    assert _parts("line", "class", "x1", "y1", "x2", "y2") == [
        ("line", "90", "56", "90", "195"), ("line", "250", "56", "250", "195"), ("line", "410", "56", "410", "195"),
    ]  # fmt: skip
    assert _parts("rect", "class", "x", "y", "width", "height", "rx") == [
        ("ground", None, None, "500", "210", None), ("box", "22", "16", "136", "40", "8"),
        ("box", "182", "16", "136", "40", "8"), ("box", "342", "16", "136", "40", "8"),
    ]  # fmt: skip


def test_drawing_leads_from_the_farthest_source_on_either_side_to_the_target() -> None:
    assert _parts("path", "class", "d") == [
        ("arrow", "M90 102H400"), ("head", "M408 102l-10 -5v10z"),
        ("arrow", "M90 154H240"), ("head", "M248 154l-10 -5v10z"),
        ("arrow", "M410 154H260"), ("head", "M252 154l10 -5v10z"),
    ]  # fmt: skip
    assert _parts("circle", "class", "cx", "cy", "r") == [
        ("head", "90", "102", "4"), ("head", "250", "102", "4"),
        ("head", "410", "154", "4"), ("head", "90", "154", "4"),
    ]  # fmt: skip


def test_drawing_says_beside_the_nearest_source_what_it_is_and_who_does_it() -> None:
    assert _parts("text", "class", "x", "y", "text") == [
        ("state", "90", "41", "a"), ("state", "250", "41", "b state"), ("state", "410", "41", "c"),
        ("name", "330", "94", "send_it"), ("who name", "330", "117", "by itself or support"),
        ("name", "330", "146", "take<back"), ("who name", "330", "169", "reviewer or customer"),
    ]  # fmt: skip
