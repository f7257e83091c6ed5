"""One cell of a foreign table as a day, a number or an amount, however a spreadsheet wrote it. Pure.

A reader that cannot be sure says so: 03/04/2025 is another day in Berlin than in Boston.
"""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation

EXCEL_BEGINS = dt.date(1899, 12, 30)
EXCEL_DAYS = range(29_221, 73_051)  # 1980 to 2099: what a number among days must mean
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_DOTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?: .*)?")
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?: .*)?")


class CellError(ValueError):
    """What is wrong with a cell, without its column: the caller knows that."""


def as_day(text: str) -> dt.date | None:
    """The day as written, in the calendar of whoever wrote it; None for an empty cell."""
    text = text.strip()
    if not text:
        return None
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return _day(year, month, day, text)
    if match := _DOTS.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
        return _day(year, month, day, text)
    if match := _SLASHES.fullmatch(text):
        first, second, year = (int(part) for part in match.groups())
        return _of_slashes(first, second, year, text)
    if text.partition(".")[0].isdecimal() and int(text.partition(".")[0][:9]) in EXCEL_DAYS:
        return EXCEL_BEGINS + dt.timedelta(days=int(text.partition(".")[0]))
    raise CellError(f"“{text[:40]}” is not a date: write it like 2025-03-31")


def _of_slashes(first: int, second: int, year: int, text: str) -> dt.date:
    if first > 12 or first == second:
        return _day(year, second, first, text)
    if second > 12:
        return _day(year, first, second, text)
    raise CellError(f"“{text[:40]}” may be two different days: write it like 2025-03-31")


def _day(year: int, month: int, day: int, text: str) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise CellError(f"there is no such day as “{text[:40]}”") from None


def as_count(text: str, default: int = 1) -> int:
    """A number of pieces; `default` for an empty cell. 2.0 is one, 2.5 is none."""
    text = text.strip()
    if not text:
        return default
    whole = re.sub(r"[.,]0+$", "", text)
    if not (whole.isascii() and whole.isdecimal() and len(whole) <= 9):
        raise CellError(f"“{text[:40]}” is not a number of pieces")
    return int(whole)


def as_amount(text: str) -> Decimal | None:
    """`1.299,00`, `1,299.00`, `1299` and `€ 1299.00`; None for an empty cell."""
    plain = re.sub(r"[^\d.,-]", "", text.replace("−", "-"))
    if not text.strip():
        return None
    last = max(plain.rfind(","), plain.rfind("."))
    decimals = len(plain) - last - 1
    has_both = "," in plain and "." in plain
    if last >= 0 and (decimals != 3 or has_both):
        plain = re.sub(r"[.,]", "", plain[:last]) + "." + plain[last + 1 :]
    else:
        plain = re.sub(r"[.,]", "", plain)
    try:
        return Decimal(plain).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise CellError(f"“{text[:40]}” is not an amount of money") from None


def as_flag(text: str) -> bool:
    """Whether the cell says yes, in English or German; anything else is no."""
    return text.strip().lower() in ("true", "yes", "1", "y", "ja", "x", "wahr")


def as_list(text: str) -> list[str]:
    """`SN-1 | SN-2`, or one a line."""
    return [one.strip() for one in re.split(r"[|\n]", text) if one.strip()]
