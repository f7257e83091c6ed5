"""Places in ready-made words: filled with what is known, and nothing else can be reached through them."""

import pytest

from cases.rules.filling import fill, listed, unknown_places

VALUES = {"name": "Ingrid", "reference": "WD-7F3K-2", "product": "Positron kit", "serial": ""}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        pytest.param("Hello {name}, about {reference}.", "Hello Ingrid, about WD-7F3K-2.", id="filled"),
        pytest.param("Hello { name }!", "Hello Ingrid!", id="spaced"),
        pytest.param("Serial {serial}.", "Serial.", id="no value leaves no gap"),
        pytest.param("{name.__class__} {name[0]} {name!r} {0}", "{name.__class__} {name[0]} {name!r} {0}", id="inert"),
        pytest.param("{customer} {{name}} {}", "{customer} {Ingrid} {}", id="no place stays"),
        pytest.param("100 % {sure} }{", "100 % {sure} }{", id="braces"),
        pytest.param("{parts}, {serial}!", ",!", id="nothing known of it"),
        pytest.param("As it was , here !", "As it was , here !", id="nothing to fill changes nothing"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_places_are_filled_with_what_is_known_and_nothing_else(text: str, filled: str) -> None:
    assert fill(text, VALUES) == filled


def test_what_is_filled_in_is_never_filled_again() -> None:
    assert fill("Hello {name}", {"name": "{reference}", "reference": "WD-7F3K-2"}) == "Hello {reference}"


def test_places_are_listed_as_they_are_written() -> None:
    assert listed(("name", "serial")) == "{name} {serial}"


def test_unknown_places_are_named_once_and_in_order() -> None:
    assert unknown_places("{name} {colour} {x.y} {colour} {0}") == ["colour", "x.y"]
