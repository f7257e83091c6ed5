"""Characters that must not reach a database, a screen or a file name.

PostgreSQL refuses NUL, UTF-8 refuses lone surrogates, and direction controls make `gpj.exe` read as `exe.jpg`.
Joiners and variation selectors stay: emoji and several scripts are built from them.
"""

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")

_INVISIBLE = dict.fromkeys([0x00, 0xAD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB])
_OVERRIDES = dict.fromkeys([0x202D, 0x202E])
_DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROLS = [*range(0x01, 0x20), *range(0x7F, 0xA0)]

_ONE_LINE: dict[int, str | None] = {**dict.fromkeys(_CONTROLS, " "), **_INVISIBLE, **_DIRECTION}
# Right-to-left letters need their marks in running text; only the overrides, which serve deception, go.
_MANY_LINES: dict[int, str | None] = {
    **dict.fromkeys([code for code in _CONTROLS if code not in (0x09, 0x0A)]),
    **_OVERRIDES,
    0x00: None,
    0xFEFF: None,
    0xA0: " ",
}

_HYPHENS = dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212, 0xFE63], "-")
_FOLDED: dict[int, str | None] = {**_INVISIBLE, **_DIRECTION, **_HYPHENS}


def one_line(text: str, limit: int) -> str:
    """Text for a header field, a heading or a table cell, at most `limit` characters, the last one "…" if cut."""
    flat = _SURROGATE.sub("\ufffd", text).translate(_ONE_LINE)
    return shorten(_SPACES.sub(" ", flat).strip(), limit)


def shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def many_lines(text: str) -> str:
    """Running text with plain line ends; tabs stay, other control characters go."""
    unix = _LINE_END.sub("\n", text)
    return _SURROGATE.sub("\ufffd", unix).translate(_MANY_LINES)


def is_plain(text: str) -> bool:
    """No control, direction or invisible character inside."""
    return not any(ord(letter) in _ONE_LINE or 0xD800 <= ord(letter) < 0xE000 for letter in text)


def folded(text: str) -> str:
    """For matching only: full-width forms, fancy hyphens and exotic spaces become the plain ones."""
    return unicodedata.normalize("NFKC", text).translate(_FOLDED)
