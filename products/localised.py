"""Days, instants and money in the reader's language (look.md: dates written out, amounts with currency).

Formatting on top of Django's locale formats and CLDR; used by template tags, mails and letters alike.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import cast

from babel import Locale
from babel.lists import format_list
from django.utils import formats, timezone, translation

NBSP = "\N{NO-BREAK SPACE}"
SYMBOLS = {
    "EUR": "€", "USD": "US$", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩", "CAD": "CA$", "AUD": "A$",
    "NZD": "NZ$", "BRL": "R$", "ILS": "₪", "VND": "₫", "PHP": "₱", "UAH": "₴", "TRY": "₺",
}  # fmt: skip
# At home a currency needs no country before its sign.
SYMBOLS_AT_HOME = {"zh-hans": {"CNY": "¥", "JPY": "JP¥"}}
# ISO 4217 minor units where they are not two.
DECIMALS = dict.fromkeys(("JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF"), 0) | dict.fromkeys(
    ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3
)
# Languages that put the currency before the number.
SYMBOL_FIRST = ("en", "ja", "zh", "ko", "nl", "pt-br", "tr", "he")
# How a day is written beside one that says the year, and how a run of days within one month.
SHORT_DAYS = {"en": "j M", "de": "j. F", "fr": "j F", "es": r"j \d\e F", "ja": "n月j日", "zh": "n月j日"}


def day(value: date | None) -> str:
    """3 Mar 2026, in the reader's language; an instant gives its day in the reader's time zone; None gives nothing."""
    if value is None:
        return ""
    return _written(value, "DATE_FORMAT")


def _written(value: date, pattern: str) -> str:
    """Lists and reports say the same few days on every row."""
    local = _local(value)
    return formats.date_format(local, pattern) if isinstance(local, datetime) else _day(local, pattern, _language())


@lru_cache(maxsize=4096)
def _day(value: date, pattern: str, _in_language: str) -> str:
    return formats.date_format(value, pattern)


def span(first: date, last: date) -> str:
    """A run of days, saying month and year once where the language can: 11–29 Jun 2025, 28 Dec 2025 – 4 Jan 2026."""
    pattern = SHORT_DAYS.get(_language().split("-")[0])
    if first == last:
        return day(last)
    if pattern is None or first.year != last.year:
        return f"{day(first)} – {day(last)}"
    year_first = pattern.startswith("n")
    if first.month == last.month:
        stop = "." if pattern.startswith("j.") else ""
        return f"{day(first)}–{last.day}日" if year_first else f"{first.day}{stop}–{day(last)}"
    if year_first:
        return f"{day(first)} – {formats.date_format(last, pattern)}"
    return f"{formats.date_format(first, pattern)} – {day(last)}"


def short_day(value: date) -> str:
    """3 Mar: a day whose year is told nearby."""
    return _written(value, SHORT_DAYS.get(_language().split("-")[0], "j.n."))


def moment(value: datetime | None) -> str:
    """3 Mar 2026, 14:05 in the reader's time zone; None gives nothing."""
    if value is None:
        return ""
    # Without its zone: the same instant is another moment in another.
    local = cast("datetime", _local(value))
    return _moment(local.replace(second=0, microsecond=0, tzinfo=None), _language())


@lru_cache(maxsize=4096)
def _moment(local: datetime, _language: str) -> str:
    """Kept, since lists say the same moments again whenever they are looked at."""
    return formats.date_format(local, "DATETIME_FORMAT")


def time_of_day(value: datetime | None) -> str:
    """14:05 in the reader's time zone; None gives nothing."""
    return "" if value is None else formats.date_format(_local(value), "TIME_FORMAT")


def listed(items: Sequence[str]) -> str:
    """a, b and c: as a sentence of the language joins them."""
    return format_list(items, locale=_cldr())


def number(value: Decimal | float, places: int) -> str:
    """1,234.5: with so many decimals, its digits grouped as the language groups them.

    What Django's own function says, which looks every sign up again: tables of reports have hundreds of numbers.
    """
    signs = _signs(_language())
    if signs is None:
        rounded = cast("float", round(value, places))
        return formats.number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{round(value, places):,.{places}f}".translate(signs)


@lru_cache(maxsize=32)
def _signs(language: str) -> dict[int, str] | None:
    """What stands between thousands and before decimals; None where digits are not grouped by threes."""
    if formats.get_format("NUMBER_GROUPING", language, use_l10n=True) != 3:
        return None
    names = {",": "THOUSAND_SEPARATOR", ".": "DECIMAL_SEPARATOR"}
    return {ord(sign): formats.get_format(name, language, use_l10n=True) for sign, name in names.items()}


def money(amount: Decimal | str | int | None, currency: str) -> str:
    """€45.00, 45,00 €, ¥6,400, SEK 450.00: symbol, place and decimals as the language and the currency have them."""
    if amount is None:
        return ""
    currency = currency.upper()
    places = DECIMALS.get(currency, 2)
    exact = Decimal(amount).quantize(Decimal(1).scaleb(-places))
    written = number(abs(exact), places)
    minus = "−" if exact < 0 else ""
    symbol = SYMBOLS_AT_HOME.get(_language(), {}).get(currency) or SYMBOLS.get(currency, currency)
    if _language().startswith(SYMBOL_FIRST):
        return f"{minus}{symbol}{written}" if symbol != currency else f"{minus}{symbol}{NBSP}{written}"
    return f"{minus}{written}{NBSP}{symbol}"


def _language() -> str:
    return translation.get_language() or "en"


def _local(value: date) -> date:
    """Instants move to the reader's zone; plain days have none and stay as they are."""
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _cldr() -> Locale:
    """The locale of the active language for Babel, which writes zh-hans as zh_Hans."""
    return Locale.parse(_language(), sep="-")
