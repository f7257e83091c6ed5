"""docs/lifecycle.svg is drawn from the rules, and goes stale with them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cases.models.case import State
from cases.rules.drawing import draw
from cases.rules.lifecycle import TRANSITIONS

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
