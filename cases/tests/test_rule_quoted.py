"""Where a mail ends and the one it answers begins."""

import pytest

from cases.rules.quoted import split_quoted


@pytest.mark.parametrize(
    ("text", "body", "quoted"),
    [
        ("Hello\n\n> earlier", "Hello", "> earlier"),
        ("Yes\nOn Mon, Ann wrote:\n> x", "Yes", "On Mon, Ann wrote:\n> x"),
        ("Ja\nAm Montag schrieb Ann:\n> x", "Ja", "Am Montag schrieb Ann:\n> x"),
        ("Sí\n--Mensaje original--\nx", "Sí", "--Mensaje original--\nx"),
        ("> only quotes", "> only quotes", ""),
        ("no quote\nat all", "no quote\nat all", ""),
        ("", "", ""),
    ],
)
def test_message_is_split_when_it_carries_an_earlier_one(text: str, body: str, quoted: str) -> None:
    assert split_quoted(text) == (body, quoted)
