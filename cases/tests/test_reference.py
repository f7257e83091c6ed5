from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.reference import (
    ALPHABET,
    LONGEST,
    SHORTEST,
    check_character,
    find_references,
    new_reference,
    parse_reference,
)

references = st.integers(0, 2**32).map(lambda seed: new_reference(Random(seed), attempt=seed % 12))


def test_new_reference_has_no_character_that_is_mistaken_for_another():
    assert not set("01OI") & set(ALPHABET)
    assert len(ALPHABET) == len(set(ALPHABET)) == 32


@pytest.mark.parametrize(
    ("attempt", "length"), [(0, SHORTEST), (1, SHORTEST), (2, SHORTEST + 1), (6, SHORTEST + 3), (40, LONGEST)]
)
def test_new_reference_grows_when_short_ones_are_taken(attempt, length):
    assert len(new_reference(Random(1), attempt).split("-")[1]) == length


def test_new_reference_is_the_shortest_unless_said_otherwise():
    assert new_reference(Random(1)) == new_reference(Random(1), 0)


@pytest.mark.parametrize(
    "written",
    [
        "WD-7F3K-{c}",
        "wd-7f3k-{c}",
        " WD 7F3K {c} ",
        "wd7f3k{c}",
        "WD–7F3K–{c}",
        "ＷＤ-７Ｆ３Ｋ-{c}",
        "Re: your case wd.7f3k.{c}, thanks",
    ],
)
def test_parse_reference_forgives_how_it_was_typed(written):
    check = check_character("7F3K")
    assert parse_reference(written.format(c=check)) == f"WD-7F3K-{check}"


@pytest.mark.parametrize(
    ("body", "check"), [("7F3K", "X"), ("2222", "2"), ("ABCD", "8"), ("K7P9Q", "T"), ("ZZZZ", "6"), ("23456789", "N")]
)
def test_check_character_is_that_of_the_references_already_sent(body, check):
    assert check_character(body) == check


@pytest.mark.parametrize("written", ["", "WD", "WD-7F3K", "WD-7F3K-0", "WD-7F-2", "7F3K-2", "WD-AAAAAAAAAA-2"])
def test_parse_reference_is_none_when_it_is_none(written):
    assert parse_reference(written) is None


@given(references, st.data())
def test_parse_reference_notices_one_wrong_character(reference, data):
    body = reference.removeprefix("WD-").replace("-", "")
    at = data.draw(st.integers(0, len(body) - 1))
    wrong = data.draw(st.sampled_from([char for char in ALPHABET if char != body[at]]))
    typed = body[:at] + wrong + body[at + 1 :]
    assert parse_reference(f"WD-{typed[:-1]}-{typed[-1]}") is None


@given(references, st.data())
def test_parse_reference_notices_two_swapped_neighbours_but_for_the_ends_of_the_alphabet(reference, data):
    body = reference.removeprefix("WD-").replace("-", "")
    at = data.draw(st.integers(0, len(body) - 2))
    left, right = body[at], body[at + 1]
    typed = body[:at] + right + left + body[at + 2 :]
    # Luhn cannot see the first and the last letter of the alphabet change places.
    if left != right and {left, right} != {ALPHABET[0], ALPHABET[-1]}:
        assert parse_reference(f"WD-{typed[:-1]}-{typed[-1]}") is None


@given(references)
def test_parse_reference_reads_what_new_reference_wrote(reference):
    assert parse_reference(reference.lower().replace("-", " ")) == reference


def test_find_references_finds_each_once_in_order():
    one, two = new_reference(Random(1)), new_reference(Random(2))
    assert find_references(f"{two}, {one} and {two.lower()}; not WD-7F3K-0") == [two, one]
