"""The one rule about subjects: it begins with [Warranty Request] (policy text 7; contracts, "Mail")."""

import re
import unicodedata
from typing import NamedTuple

# Reply and forward marks of mail programs in the languages customers write. "R" and "I" are Italian.
_MARKS = (
    "re|r|fwd|fw|i|aw|antw|antwort|wg|weitergeleitet|sv|svar|vs|vb|vl|tr|rif|rv|rm|res|enc|ref|odp|pd|ynt|ilt|ha|továbbítás|"
    "fs|fyi|doorst|atb|yml|mes|haku|απ|πρθ|отв|на|пересл|"
    "回复|回覆|答复|答覆|转发|轉寄|轉發|返信|転送|답장|회신|전달|הועבר|תשובה|رد|إعادة توجيه"
)
_COUNT = r"(?:\[\d{1,4}\]|\(\d{1,4}\)|[\^*]?\d{1,4})"
_PREFIX = re.compile(rf"\s*(?:{_MARKS})\s?{_COUNT}?\s?:", re.IGNORECASE)
_TAG = re.compile(r"\s*\[\s*warranty\s*request\s*\]", re.IGNORECASE)


class Subject(NamedTuple):
    is_request: bool
    title: str
    """What is left when reply marks and the tag are taken away; the rest is as the customer wrote it."""


def read_subject(subject: str) -> Subject:
    """Judge a decoded subject. Any case, any spacing (full-width and no-break too), any number of reply marks."""
    plain, positions = _plain(subject)
    at = _skip_marks(plain, 0)
    tag = _TAG.match(plain, at)
    if tag is None:
        return Subject(is_request=False, title=subject[positions[at] :].strip())
    at = _skip_marks(plain, tag.end())
    while (again := _TAG.match(plain, at)) is not None:
        at = _skip_marks(plain, again.end())
    return Subject(is_request=True, title=subject[positions[at] :].strip())


def _skip_marks(plain: str, at: int) -> int:
    while (prefix := _PREFIX.match(plain, at)) is not None:
        at = prefix.end()
    return at


def _plain(subject: str) -> tuple[str, list[int]]:
    """The subject in plain letters, and for each of them (and the end) where it came from in the original."""
    letters: list[str] = []
    positions: list[int] = []
    for index, original in enumerate(subject):
        # Cc and Cf are controls and invisible marks: neither may hide the tag nor break it.
        if unicodedata.category(original) in ("Cc", "Cf") and not original.isspace():
            continue
        for letter in unicodedata.normalize("NFKC", original):
            letters.append(letter)
            positions.append(index)
    return "".join(letters), [*positions, len(subject)]
