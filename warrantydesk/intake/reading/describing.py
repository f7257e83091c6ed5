"""Whether somebody said what is wrong, or only which numbers it is about (policy 3, what makes a request complete)."""

import re

from warrantydesk.intake.reading.cleaning import folded
from warrantydesk.intake.reading.numbers_found import DEFAULT_PATTERNS, Patterns

# A word of a script with spaces, or two signs of one without.
_WORD = re.compile(r"[^\W\d_]{3,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")


def words_beyond_numbers(text: str, patterns: Patterns = DEFAULT_PATTERNS) -> int:
    """How many words remain when every number and the label before it are taken away."""
    plain = folded(text)
    for pattern in (
        patterns.labelled_invoice, patterns.labelled_serial, patterns.labelled_tracking,
        *patterns.invoices, *patterns.serials, *patterns.trackings,
    ):  # fmt: skip
        plain = pattern.sub(" ", plain)
    return len(_WORD.findall(plain))
