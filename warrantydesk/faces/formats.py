"""Days, instants and money in the reader's language (`products.localised`), and how long something has waited."""

from datetime import timedelta
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from products.localised import NBSP, day, listed, moment, money, number, short_day, span, time_of_day

__all__ = ["NBSP", "age_in_words", "day", "listed", "moment", "money", "number", "short_day", "span", "time_of_day"]


def age_in_words(age: timedelta) -> str:
    """40 min, 5 h, 12 d: how long something has waited, in one short word."""
    minutes = max(int(age.total_seconds() // 60), 0)
    if minutes < 60:
        return _in_words("%(n)s min", minutes, get_language())
    if minutes < 48 * 60:
        return _in_words("%(n)s h", minutes // 60, get_language())
    return _in_words("%(n)s d", minutes // (24 * 60), get_language())


@lru_cache(maxsize=2048)
def _in_words(frame: str, number: int, _language: str | None) -> str:
    """Kept: a list says the same few of them again and again."""
    return _(frame) % {"n": number}
