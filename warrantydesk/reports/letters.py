"""How wide words are where every letter has the same width: those of East Asia have that of two.              [pure]"""

from __future__ import annotations

from unicodedata import east_asian_width


def breadth(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def cut(text: str, most: int) -> str:
    """The text as far as there is room for so many letters, with a mark where something is left out."""
    if breadth(text) <= most:
        return text
    kept = text
    while breadth(kept) > most - 1:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
