"""Days as people write them in the languages of the portal: 3.3.2025, 3 March 2025, 2025年3月3日.   [pure]"""

import re
import unicodedata
from datetime import date
from functools import cache

from babel.dates import get_month_names

LANGUAGES = ("en", "de", "fr", "es")
_ISO = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4}|\d{2})")
_EITHER_WAY = re.compile(r"(\d{1,2})\s*[/-]\s*(\d{1,2})\s*[/-]\s*(\d{4}|\d{2})")
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:\.|st|nd|rd|th|er)?\s*(?:of |de |den )?\s*([^\W\d_]+)\.?,?\s*(?:de |del )?\s*(\d{4}|\d{2})"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}|\d{2})")


def read_day(written: str) -> date | None:
    """The day this means; None where it means none, or where day and month could change places (03/04/2025)."""
    text = unicodedata.normalize("NFKC", written[:60]).strip().casefold()
    if found := _ISO.fullmatch(text):
        return _day(found[1], found[2], found[3])
    if found := _DOTTED.fullmatch(text):
        return _day(found[3], found[2], found[1])
    if found := _EITHER_WAY.fullmatch(text):
        return _only_one(_day(found[3], found[2], found[1]), _day(found[3], found[1], found[2]))
    if found := _DAY_FIRST.fullmatch(text):
        return _day(found[3], _months().get(found[2]), found[1])
    if found := _MONTH_FIRST.fullmatch(text):
        return _day(found[3], _months().get(found[1]), found[2])
    return None


def _only_one(one: date | None, other: date | None) -> date | None:
    if one and other and one != other:
        return None
    return one or other


def _day(year: str, month: str | int | None, day: str) -> date | None:
    if month is None:
        return None
    whole = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        return date(whole, int(month), int(day))
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    """Every name of a month, whole and short, without its full stop."""
    return {
        name.casefold().rstrip("."): number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    }
