"""Our own marks coming back: the secret reply token, and case references, which are no secret."""

import re
from collections.abc import Collection, Iterable

from warrantydesk.intake.reading.automatic import without_tag
from warrantydesk.intake.reading.cleaning import folded

_LETTERS = r"[A-Za-z0-9_-]{12,128}"
_MARKED = re.compile(rf"\[\s{{0,5}}wd\s{{0,5}}:[\s>]{{0,10}}({_LETTERS})\s{{0,5}}\]", re.IGNORECASE)
_TAGGED = re.compile(rf"[^+@]{{1,64}}\+({_LETTERS})@")
# Two groups, or one of at least five letters and digits: WD-40 is what people oil their printers with.
_REFERENCE = re.compile(
    r"(?<![A-Z0-9])WD[ _-]{0,2}(?:([A-Z0-9]{3,8})[ _-]([A-Z0-9]{1,4})|([A-Z0-9]{5,12}))(?![A-Z0-9-])", re.IGNORECASE
)
_MOST = 20


def find_reply_tokens(
    subject: str, text: str, addresses: Iterable[str], own_addresses: Collection[str]
) -> tuple[str, ...]:
    """Tokens as written, each once: `[wd:TOKEN]` in subject or body, `desk+TOKEN@…` among the recipients.

    With `own_addresses` only those count as the desk; without, any address with a tag as long as a token.
    """
    marked = [match for source in (subject, text) for match in _MARKED.findall(folded(source))]
    tagged = [
        match[1]
        for address in addresses
        if (match := _TAGGED.match(address)) and (not own_addresses or without_tag(address).lower() in own_addresses)
    ]
    return tuple(dict.fromkeys([*marked, *tagged]))[:_MOST]


def find_case_references(subject: str, text: str) -> tuple[str, ...]:
    """`WD-7F3K-2` in any case and with any dash, upper case with hyphens. A reference opens nothing to anybody."""
    found = [
        "-".join(["WD", *(group for group in match.groups() if group)]).upper()
        for source in (subject, text)
        for match in _REFERENCE.finditer(folded(source))
        if _is_reference(match)
    ]
    return tuple(dict.fromkeys(found))[:_MOST]


def _is_reference(match: re.Match[str]) -> bool:
    """With blanks for hyphens ("WD 7F3K 2") the first group needs a digit, or every "wd" before words would count."""
    first = match[1] or match[3]
    has_digit = any(letter.isdigit() for letter in first)
    return has_digit or (" " not in match[0] and any(letter.isdigit() for letter in match[2] or ""))
