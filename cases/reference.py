"""Case references like WD-7F3K-2: easy to say on the phone, hard to mistype.                              [pure]

No 0, O, 1 or I; the last character is a check character (Luhn over the alphabet of 32), so one wrong character or
two swapped ones are noticed. Four characters while they last; `new_reference` makes them longer when asked again.
"""

import re
import unicodedata
from random import Random

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PREFIX = "WD"
SHORTEST, LONGEST = 4, 8
_WRITTEN = re.compile(rf"{PREFIX}[\s.\-–—_]*([A-Z0-9]{{{SHORTEST},{LONGEST}}})[\s.\-–—_]*([A-Z0-9])(?![A-Z0-9])")


def check_character(body: str) -> str:
    """The check character of `body` (characters of ALPHABET only): Luhn mod 32."""
    total, factor = 0, 2
    for char in reversed(body):
        product = factor * ALPHABET.index(char)
        total += product // len(ALPHABET) + product % len(ALPHABET)
        factor = 3 - factor
    return ALPHABET[-total % len(ALPHABET)]


def new_reference(random: Random, attempt: int = 0) -> str:
    """A fresh reference; every second `attempt` (the last one was taken) is a character longer."""
    length = min(SHORTEST + attempt // 2, LONGEST)
    body = "".join(random.choice(ALPHABET) for _ in range(length))
    return f"{PREFIX}-{body}-{check_character(body)}"


def parse_reference(written: str) -> str | None:
    """The reference a person meant (any case, spacing, dashes), or None where it is none or a character is wrong."""
    found = find_references(written)
    return found[0] if found else None


def find_references(text: str) -> list[str]:
    """Every valid reference in a text, in order of appearance, each once."""
    plain = unicodedata.normalize("NFKC", text).upper()
    references = []
    for match in _WRITTEN.finditer(plain):
        body, check = match.groups()
        if all(char in ALPHABET for char in body) and check_character(body) == check:
            references.append(f"{PREFIX}-{body}-{check}")
    return list(dict.fromkeys(references))
