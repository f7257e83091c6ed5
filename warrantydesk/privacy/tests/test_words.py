"""One person's address and name, and nobody else's."""

import pytest

from warrantydesk.privacy.words import MARK, holds, is_telling, without


@pytest.mark.parametrize(
    ("text", "word", "left"),
    [
        ("Dear ADA, dear ada", "Ada", f"Dear {MARK}, dear {MARK}"),
        ("nothing here", "Ada", "nothing here"),
        ("Straße, Ada", "ada", MARK),
        ("Straße, Eva", "ada", "Straße, Eva"),
        ("", "Ada", ""),
        ("Adam and Canada", "Ada", "Adam and Canada"),
        ("Johanna Schmidt, Anna Schmidt.", "Anna Schmidt", f"Johanna Schmidt, {MARK}."),
        ("Anna Schmidt-Meier", "Anna Schmidt", "Anna Schmidt-Meier"),
        ("Hallo.Anna Schmidt.Danke", "Anna Schmidt", f"Hallo.{MARK}.Danke"),
        ("DJ. Smith", "J. Smith", "DJ. Smith"),
        ("J. Smithson, J. Smith", "J. Smith", f"J. Smithson, {MARK}"),
        ("Anna Berg, Anna B.", "Anna B", f"Anna Berg, {MARK}."),
        ("joan@x.org and <an@x.org>.", "an@x.org", f"joan@x.org and <{MARK}>."),
        ("an@x.org.uk, d.an@x.org", "an@x.org", "an@x.org.uk, d.an@x.org"),
        ("mailto:AN@X.ORG", "an@x.org", f"mailto:{MARK}"),
        ("佐藤花子さんの", "佐藤花子", f"{MARK}さんの"),
        ("私は佐藤花子です", "佐藤花子", f"私は{MARK}です"),
    ],
)
def test_word_is_taken_out_in_any_case_and_only_whole(text: str, word: str, left: str):
    assert without(text, word) == left
    assert holds(text, word) is (left != text)


@pytest.mark.parametrize(
    ("name", "telling"),
    [
        ("Ottilie Wurzelsepp", True),
        ("Stone", False),
        ("Al", False),
        ("Al Bo", True),
        ("李小明", True),
        ("", False),
        ("佐藤花子", True),
        ("李明", False),
        ("A B", False),
    ],
)
def test_name_is_telling_when_it_can_only_mean_one_person(name: str, telling: bool):
    assert is_telling(name) is telling
