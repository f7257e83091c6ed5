"""Every pair of colours the components put together holds WCAG 2.2 AA, in light and in dark (look.md)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css"
TOKEN = re.compile(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\);")
GROUNDS = ("ground", "paper", "sunken")
TONES = ("ok", "warn", "bad", "info", "calm", "accent")
SOFT = tuple(f"{tone}-soft" for tone in TONES)

TEXT = (
    [(ink, ground) for ink in ("ink", "ink-2") for ground in (*GROUNDS, *SOFT)]
    + [("ink-3", ground) for ground in (*GROUNDS, "calm-soft", "accent-soft")]
    + [(tone, ground) for tone in TONES for ground in (*GROUNDS, f"{tone}-soft")]
    + [("accent", ground) for ground in ("bad-soft", "warn-soft", "info-soft")]  # a link in a callout
    + [(tone, "accent-soft") for tone in ("bad", "warn")]  # a late case in the chosen row of the queue
    + [("accent-strong", ground) for ground in GROUNDS]
    + [("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-bad", "bad")]
)
SHAPES = (
    [("line-3", ground) for ground in GROUNDS]  # the edge of a control
    + [("focus", ground) for ground in (*GROUNDS, "accent-soft", "bad-soft")]
    + [(mark, "paper") for mark in ("accent", "warn", "bad", "info", "line-3")]  # parts of the clock
)


def read_tokens(path: Path) -> dict[str, tuple[str, str]]:
    return {name.removeprefix("--"): (light, dark) for name, light, dark in TOKEN.findall(path.read_text())}


def luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_defines_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT, ids=[f"{a} on {b}" for a, b in TEXT])
def test_text_reaches_aa_when_read_on_its_ground(ink, ground, scheme):
    tokens = read_tokens(CSS / "tokens.css")
    assert contrast(tokens[ink][scheme], tokens[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), SHAPES, ids=[f"{a} on {b}" for a, b in SHAPES])
def test_shapes_reach_aa_when_seen_on_their_ground(mark, ground, scheme):
    tokens = read_tokens(CSS / "tokens.css")
    assert contrast(tokens[mark][scheme], tokens[ground][scheme]) >= 3


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_chart_series_reach_aa_when_drawn_on_a_card(scheme):
    paper = read_tokens(CSS / "tokens.css")["paper"][scheme]
    series = [pair for name, pair in read_tokens(CSS / "components" / "chart.css").items() if name.startswith("series")]
    assert len(series) == 3  # the first is the accent itself
    assert all(contrast(pair[scheme], paper) >= 3 for pair in series)


def test_paper_uses_the_light_values_when_a_letter_is_printed():
    printed = dict(re.findall(r"--([\w-]+): (#\w{6});", (CSS / "document.css").read_text()))
    light = {name: pair[0] for name, pair in read_tokens(CSS / "tokens.css").items()}
    assert printed == light


@pytest.mark.parametrize("path", sorted(CSS.rglob("*.css")), ids=lambda path: str(path.relative_to(CSS)))
def test_stylesheets_fetch_nothing_when_loaded(path):
    text = path.read_text()
    assert "@import" not in text
    assert "url(" not in text


@pytest.mark.parametrize("path", sorted(CSS.rglob("*.css")), ids=lambda path: str(path.relative_to(CSS)))
def test_stylesheets_use_only_tokens_that_exist(path):
    known = set(re.findall(r"(--[\w-]+):", "".join(one.read_text() for one in CSS.rglob("*.css"))))
    used = set(re.findall(r"var\((--[\w-]+)", path.read_text()))
    # Set by a caller where it differs from the fallback written beside it.
    assert used - known <= {"--clock-ground", "--dash"}
