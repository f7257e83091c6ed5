"""Finding one person's address and name in what others wrote, and nobody else's.                            [pure]

"an@x.org" is not in "joan@x.org", and "Anna Schmidt" is not in "Johanna Schmidt": an erasure touches no neighbour.
"""

import re

MARK = "[erased]"
SHORTEST_NAME = 5  # a name as short as a word is swept from nobody's sentences
SHORTEST_UNSPACED = 3  # in scripts that part no words


def is_telling(name: str) -> bool:
    """Whether a name means one person wherever it stands: "Ottilie Wurzelsepp", not "Stone" and not "Al"."""
    name = name.strip()
    if not any(_is_cased(letter) for letter in name):
        return len(name) >= SHORTEST_UNSPACED
    return len(name) >= SHORTEST_NAME and len(name.split()) > 1


def holds(text: str, word: str) -> bool:
    """Whether the address or name `word` stands in `text`, in any case, and not as a piece of a longer one."""
    return _pattern(word).search(text.casefold()) is not None


def without(text: str, word: str) -> str:
    """The text with every occurrence of `word` marked as erased."""
    folded, found = text.casefold(), _pattern(word)
    if len(folded) != len(text):  # a letter that folds into two: whoever wrote it so loses the sentence
        return MARK if found.search(folded) else text
    parts, at = [], 0
    for match in found.finditer(folded):
        parts.append(text[at : match.start()] + MARK)
        at = match.end()
    return "".join(parts) + text[at:]


def _pattern(word: str) -> re.Pattern[str]:
    folded = word.strip().casefold()
    before, after = (r"(?<![\w.+\-])", r"(?![\w\-]|\.\w)") if "@" in folded else (r"(?<![\w\-])", r"(?![\w\-])")
    # Where words are not parted, a name stands in the middle of its sentence.
    return re.compile(
        (before if _is_cased(folded[0]) else "") + re.escape(folded) + (after if _is_cased(folded[-1]) else "")
    )


def _is_cased(letter: str) -> bool:
    return letter.isdigit() or letter.lower() != letter.upper()
